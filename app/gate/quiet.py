"""Rest: outside of the company's hours of work, and within one's own quiet hours, nothing rings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from app.gate.book import Somebody
from app.gate.hours import Hours, Window
from app.gate.models import QuietHours
from app.gate.queries import present
from app.kernel import clock
from app.kernel.db import db
from app.people.actor import Actor
from app.people.models import Person

_EVERY_DAY, _WEEKEND, _DAY = frozenset(range(7)), frozenset({5, 6}), 24 * 60


def of(person_id: int) -> QuietHours | None:
    """A person's own quiet hours, if they have any."""
    return db.session.get(QuietHours, person_id, populate_existing=True)


def is_quiet(who: Actor, at: datetime | None = None) -> bool:
    """Whether nothing rings for this person at an instant, now by default."""
    at, own = at or clock.now(), of(who.id)
    return rests(who, at) or (own is not None and _is_in(own, who.time_zone, at))


def rests(who: Actor, at: datetime) -> bool:
    """Whether it is outside of the hours of work for this person."""
    return present().at(at).is_resting(who)


def rested(before: datetime, now: datetime) -> ColumnElement[bool] | None:
    """On Person: those whose rest may have ended between two instants; None when nobody's did.

    Two queries at most, whatever the number of people; each of those found is to be asked for.
    """
    anybody, book = Somebody(), present()
    if book.at(before).is_resting(anybody) and not book.at(now).is_resting(anybody):
        return true()
    ended = [_has(*kind) for kind in _kinds() if _ended(*kind, before, now)]
    return or_(*ended) if ended else None


def hours(begin: int, end: int, *, weekends: bool) -> Hours:
    """Quiet hours as hours of a week."""
    return _hours(begin, end, weekends)


@lru_cache(maxsize=1024)
def _hours(begin: int, end: int, weekends: bool) -> Hours:
    windows = [Window(_EVERY_DAY, begin, end)] if begin != end else []
    return Hours("", (*windows, *([Window(_WEEKEND, 0, _DAY)] if weekends else [])), on_holidays=True)


def _is_in(own: QuietHours, zone: str, at: datetime) -> bool:
    return _hours(own.begin, own.end, own.weekends).are_open(at.astimezone(ZoneInfo(zone)))


def _kinds() -> Iterator[tuple[int, int, bool, str]]:
    rows = select(QuietHours.begin, QuietHours.end, QuietHours.weekends, Person.time_zone).distinct()
    for row in db.session.execute(rows.join(Person, Person.id == QuietHours.person_id)):
        yield row.begin, row.end, row.weekends, row.time_zone


def _ended(begin: int, end: int, weekends: bool, zone: str, before: datetime, now: datetime) -> bool:
    own, where = _hours(begin, end, weekends), ZoneInfo(zone)
    return own.are_open(before.astimezone(where)) and not own.are_open(now.astimezone(where))


def _has(begin: int, end: int, weekends: bool, zone: str) -> ColumnElement[bool]:
    same = (QuietHours.begin == begin, QuietHours.end == end, QuietHours.weekends == weekends)
    return and_(Person.time_zone == zone, exists().where(QuietHours.person_id == Person.id, *same))
