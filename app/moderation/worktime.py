"""Deadlines run in the company's working hours: what comes in on Friday evening isn't late on Saturday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.kernel import settings

SETTING = "working_hours"
_DEFAULT = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "18:00", "zone": "Europe/Paris", "closed": []}
_FURTHEST = 400


@dataclass(frozen=True)
class WorkingHours:
    """Days of the week (Monday is 0), from when to when, where, and the days on which nobody works."""

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo
    closed: frozenset[date] = frozenset()


def company() -> WorkingHours:
    """The company's, as its admins set them; Monday to Friday, nine to six, until then."""
    return _read(repr(sorted({**_DEFAULT, **settings.get(SETTING, {})}.items())))


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


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


@lru_cache(maxsize=4)
def _read(_written: str) -> WorkingHours:
    told = {**_DEFAULT, **settings.get(SETTING, {})}
    return WorkingHours(
        days=frozenset(told["days"]),
        start=time.fromisoformat(told["start"]),
        end=time.fromisoformat(told["end"]),
        zone=ZoneInfo(told["zone"]),
        closed=frozenset(date.fromisoformat(day) for day in told["closed"]),
    )
