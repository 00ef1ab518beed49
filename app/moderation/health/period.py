"""The time that figures are about: the last so many days, or a quarter of a year that is over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = (30, 90, 365)
_QUARTER = re.compile(r"(20\d\d)-([1-4])")


@dataclass(frozen=True)
class Period:
    """From an instant until another, cut into steps of some days."""

    begin: datetime
    end: datetime
    step: timedelta

    @property
    def steps(self) -> int:
        return -((self.begin - self.end) // self.step)

    @property
    def last(self) -> datetime:
        """An instant of its last day."""
        return self.end - timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a year, by the company's clock."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"

    def period(self, zone: ZoneInfo) -> Period:
        """From its first instant until that of the next."""
        return Period(_first(self, zone), _first(self.after(), zone), timedelta(days=7))

    def before(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def after(self) -> Quarter:
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)


def last(days: int, now: datetime) -> Period:
    """Until now; in days for a month, in weeks for longer."""
    return Period(now - timedelta(days=days), now, timedelta(days=1 if days <= 31 else 7))


def quarter(written: str) -> Quarter | None:
    """From "2026-3"."""
    match = _QUARTER.fullmatch(written)
    return Quarter(int(match[1]), int(match[2])) if match else None


def containing(instant: datetime, zone: ZoneInfo) -> Quarter:
    """The quarter to which an instant belongs."""
    local = instant.astimezone(zone)
    return Quarter(local.year, (local.month + 2) // 3)


def over_since(first: datetime, now: datetime, zone: ZoneInfo, *, most: int = 12) -> Iterator[Quarter]:
    """Quarters that are over, the newest first, back to the one in which something happened first."""
    current, earliest = containing(now, zone).before(), containing(first, zone)
    for _turn in range(most):
        if current < earliest:
            return
        yield current
        current = current.before()


def _first(quarter: Quarter, zone: ZoneInfo) -> datetime:
    return datetime(quarter.year, 3 * quarter.number - 2, 1, tzinfo=zone).astimezone(UTC)
