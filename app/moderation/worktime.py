"""Deadlines run in the company's working hours: what comes in on Friday evening isn't late on Saturday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.gate.hours import NO_HOLIDAYS, Holidays, read_holidays, read_minute
from app.gate.queries import present
from app.kernel import settings

SETTING = "working_hours"
DEFAULT = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "18:00", "zone": "", "closed": []}
_FURTHEST = 400


@dataclass(frozen=True)
class WorkingHours:
    """Days of the week (Monday is 0), from when to when, where, and the days on which nobody works."""

    days: frozenset[int]
    start: int
    end: int
    zone: ZoneInfo
    closed: Holidays = NO_HOLIDAYS


def stated() -> dict[str, Any]:
    """What admins set: days, start, end, zone ("" is the company's), days off beside those of the gate."""
    return {**DEFAULT, **settings.get(SETTING, {})}


def company() -> WorkingHours:
    """The company's, as its admins set them; Monday to Friday, nine to six, until then.

    Holidays that the gate knows are days off here as well.
    """
    told, book = stated(), present()
    own = read_holidays(told["closed"])
    return WorkingHours(
        days=frozenset(told["days"]),
        start=read_minute(told["start"]),
        end=read_minute(told["end"]),
        zone=ZoneInfo(told["zone"]) if told["zone"] else book.zone,
        closed=Holidays(own.dates | book.holidays.dates, own.yearly | book.holidays.yearly),
    )


def add(begin: datetime, hours: int, working: WorkingHours) -> datetime:
    """The moment at which so many working hours have passed since `begin`."""
    left = timedelta(hours=hours)
    for opens, closes in _days(begin, working):
        start = max(opens, begin)
        if start >= closes:
            continue
        if closes - start >= left:
            return start + left
        left -= closes - start
    return begin + timedelta(hours=hours)  # nobody ever works: by the clock


def _days(begin: datetime, working: WorkingHours) -> Iterator[tuple[datetime, datetime]]:
    """The working days from that of `begin` on, as pairs of moments."""
    day = begin.astimezone(working.zone).date()
    for _turn in range(_FURTHEST):
        if day.weekday() in working.days and day not in working.closed:
            yield _moment(day, working.start, working.zone), _moment(day, working.end, working.zone)
        day += timedelta(days=1)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """By the wall clock of that day: one on which the clock is moved is an hour longer, or shorter."""
    day, minute = (day + timedelta(days=1), 0) if minute == 24 * 60 else (day, minute)
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
