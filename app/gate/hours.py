"""Weekly hours, as a wall clock in the company's time zone shows them. Pure: knows neither database nor web.

A window is half open: from 8:00 to 18:00 is open at 8:00 and closed at 18:00. One that ends before it begins
goes on after midnight and belongs to the day it began on. Where the clock is put forward, the hour that
doesn't exist is nobody's; where it is put back, the hour that comes twice is open twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
_MINUTE = timedelta(minutes=1)
_YEARLY = re.compile(r"(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """On some days (0 is Monday), from one minute of the day until another."""

    days: frozenset[int]
    start: int
    end: int

    @property
    def crosses_midnight(self) -> bool:
        return self.end < self.start


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days off: dates, and days that come back each year as (month, day)."""

    dates: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day in self.dates or (day.month, day.day) in self.yearly


NO_HOLIDAYS = Holidays()


@dataclass(frozen=True, slots=True)
class Hours:
    """Named hours of a week; closed on holidays unless said otherwise."""

    name: str
    windows: tuple[Window, ...]
    on_holidays: bool = False

    def are_open(self, local: datetime, holidays: Holidays = NO_HOLIDAYS) -> bool:
        """Whether a clock that shows `local` is within them."""
        minute, today = local.hour * 60 + local.minute, local.date()
        return any(self._holds(window, today, minute, holidays) for window in self.windows)

    def _holds(self, window: Window, today: date, minute: int, holidays: Holidays) -> bool:
        if not window.crosses_midnight:
            return window.start <= minute < window.end and self._counts(window, today, holidays)
        if minute >= window.start and self._counts(window, today, holidays):
            return True
        return minute < window.end and self._counts(window, today - timedelta(days=1), holidays)

    def _counts(self, window: Window, day: date, holidays: Holidays) -> bool:
        return day.weekday() in window.days and (self.on_holidays or day not in holidays)


def minute_of(instant: datetime) -> datetime:
    """The beginning of the minute: nothing about hours changes within one."""
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def edges(hours: tuple[Hours, ...], zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Instants after `begin`, until `end`, at which hours or the date may change, in order; the change itself
    is for the caller to look at.
    """
    minutes = {0} | {
        minute for one in hours for w in one.windows for minute in (w.start, w.end % DAY_MINUTES)
    }
    found = set()
    day = begin.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date() + timedelta(days=1):
        for minute in minutes:
            wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 - a wall clock
            found |= {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
            found |= _jumps(wall, zone)
        day += timedelta(days=1)
    yield from sorted(instant for instant in found if begin < instant <= end)


def _jumps(wall: datetime, zone: ZoneInfo) -> set[datetime]:
    """The instant at which the clock is moved on that day, if it is."""
    start = wall.replace(hour=0, minute=0, tzinfo=zone).astimezone(UTC)
    before, after = (moment.astimezone(zone).utcoffset() for moment in (start, start + timedelta(days=1)))
    if before == after:
        return set()
    low, high = start, start + timedelta(days=1)
    while high - low > _MINUTE:
        middle = minute_of(low + (high - low) / 2)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return {high}


def read_minute(text: str) -> int:
    """The minute of the day of "08:30"; 1440 for "24:00". ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text.strip())
    minute = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minute <= DAY_MINUTES:
        raise ValueError(text)
    return minute


def write_minute(minute: int) -> str:
    """ "08:30"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_holidays(days: list[str]) -> Holidays:
    """From "2026-12-25" and, for every year, "12-25"; ValueError naming the first that is neither."""
    dates, yearly = set(), set()
    for day in days:
        try:
            if match := _YEARLY.fullmatch(day):
                leap = date(2024, int(match[1]), int(match[2]))
                yearly.add((leap.month, leap.day))
            else:
                dates.add(date.fromisoformat(day))
        except ValueError:
            raise ValueError(day) from None
    return Holidays(frozenset(dates), frozenset(yearly))
