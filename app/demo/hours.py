"""Three years of working hours as one line: any share of it is a moment, the same for everybody who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.calendar import CLOSES, OPENS, PARIS, SATURDAY
from app.kernel import clock

DAYS = 3 * 365
SECONDS = int((CLOSES - OPENS) * 3600)
SECOND = 1_000_000


@dataclass(frozen=True)
class Hours:
    """The openings of each working day, in microseconds since 1970."""

    begins: int
    ends: int
    openings: tuple[int, ...]

    @classmethod
    def until(cls, end: datetime) -> Hours:
        """The working days of the three years before that day."""
        last = end.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
        days = (last - timedelta(days=DAYS - number) for number in range(DAYS))
        opened = [day + timedelta(hours=OPENS) for day in days if day.weekday() < SATURDAY]
        begins = clock.micros(last - timedelta(days=DAYS))
        return cls(begins, clock.micros(last), tuple(clock.micros(moment) for moment in opened))

    @property
    def length(self) -> int:
        """Working seconds in all."""
        return len(self.openings) * SECONDS

    def at(self, second: int) -> int:
        """The moment of a working second, whole, in microseconds since 1970."""
        day, rest = divmod(min(second, self.length - 1), SECONDS)
        return self.openings[day] + rest * SECOND
