"""When things happen: working days and working hours of the last three months, always before now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAYS = 91
OPENS, CLOSES = 7.0, 18.5
SATURDAY = 5
RECENT = timedelta(minutes=12)


def moments(count: int, now: datetime, draws: Random) -> list[datetime]:
    """So many working moments, in order."""
    found = list[datetime]()
    while len(found) < count:
        moment = _at(now - timedelta(days=draws.uniform(0, DAYS)), draws.triangular(6.6, CLOSES, 9.4))
        if moment.astimezone(PARIS).weekday() < SATURDAY and moment < now - RECENT:
            found.append(moment)
    return sorted(found)


def before(now: datetime, days: float, draws: Random) -> datetime:
    """A working moment about so many days before now."""
    local = (now - max(timedelta(days=days), RECENT)).astimezone(PARIS)
    if _is_working(local):
        return local.astimezone(UTC)
    if local.weekday() >= SATURDAY or _hour(local) < OPENS:
        local -= timedelta(days=1)
    while local.weekday() >= SATURDAY:
        local -= timedelta(days=1)
    return _at(local, draws.uniform(14, 17.5))


def after(moment: datetime, minutes: float, now: datetime, draws: Random) -> datetime:
    """A working moment some minutes later; sooner if now is near, and never at or past now."""
    later = (moment + timedelta(minutes=1 + draws.expovariate(1 / minutes))).astimezone(PARIS)
    while not _is_working(later):
        is_early = later.weekday() < SATURDAY and _hour(later) < OPENS
        next_day = later if is_early else later + timedelta(days=1)
        later = _at(next_day, draws.uniform(OPENS, 9.2)).astimezone(PARIS)
    if later < now - timedelta(minutes=1):
        return later.astimezone(UTC)
    return moment + (now - moment) * draws.uniform(0.08, 0.2)


def _is_working(local: datetime) -> bool:
    return local.weekday() < SATURDAY and OPENS <= _hour(local) < CLOSES


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60


def _at(day: datetime, hour: float) -> datetime:
    """That hour of that day in Paris, to the second."""
    midnight = day.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(seconds=round(hour * 3600))).astimezone(UTC)
