"""How much is written outside of the hours of work: by group, without names.

For those who negotiate about it. A group is shown only when five people or more wrote in it during the year;
smaller ones are put together, and left out when even together they are fewer. Nothing is counted by person.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, func, select, type_coerce

from app.admin.policy import can_read_rest
from app.gate.queries import present
from app.kernel import clock
from app.kernel.db import db
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.models import Person, Team
from app.posts.models import Entry

FEWEST = 5
_BUCKET = 15 * 60 * 1_000_000  # hours of work begin and end at a quarter at the finest that is counted


@dataclass
class Group:
    """Some people together: what they wrote in a year, and how much of it outside of the hours of work."""

    name: str
    written: int = 0
    outside: int = 0


def yearly(actor: Actor, year: int) -> list[Group]:
    """By team, of a year by the company's clock, the largest share first; empty without hours of work."""
    require(can_read_rest(actor))
    book = present()
    if book.access.hours is None:
        return []
    begin = datetime(year, 1, 1, tzinfo=book.zone).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=book.zone).astimezone(UTC)
    writers: defaultdict[int | None, set[int]] = defaultdict(set)
    groups: defaultdict[int | None, Group] = defaultdict(lambda: Group(""))
    hours, holidays = book.access.hours, book.holidays
    for row in db.session.execute(_written(begin, end)):
        local = clock.instant(row.bucket * _BUCKET).astimezone(book.zone)
        group = groups[row.team_id]
        writers[row.team_id].add(row.author_id)
        group.written += row.n
        if not hours.are_open(local, holidays):
            group.outside += row.n
    return _large_enough(groups, writers)


def _written(begin: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    bucket = (type_coerce(Entry.created_at, BigInteger) // _BUCKET).label("bucket")
    return (
        select(bucket, Person.team_id, Entry.author_id, func.count().label("n"))
        .join(Person, Person.id == Entry.author_id)
        .where(Entry.created_at >= begin, Entry.created_at < end)
        .group_by(bucket, Person.team_id, Entry.author_id)
    )


def _large_enough(groups: dict[int | None, Group], writers: dict[int | None, set[int]]) -> list[Group]:
    names = {row.id: row.name for row in db.session.execute(select(Team.id, Team.name))}
    shown, small, few = [], Group("…"), set[int]()
    for team_id, group in groups.items():
        if team_id is not None and len(writers[team_id]) >= FEWEST:
            group.name = names.get(team_id, "")
            shown.append(group)
            continue
        few |= writers[team_id]
        small.written, small.outside = small.written + group.written, small.outside + group.outside
    if len(few) >= FEWEST:
        shown.append(small)
    return sorted(shown, key=lambda one: one.outside / max(1, one.written), reverse=True)
