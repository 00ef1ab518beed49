"""Counting decisions of a period: always a few statements, whatever their number; the same on both databases.

A percentile is the smallest delay that so many of a hundred don't exceed (nearest rank): one that occurred,
in whole numbers, so that no database interpolates its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)

from app.kernel import clock
from app.kernel.db import db
from app.moderation import ground
from app.moderation.health.period import Period
from app.moderation.models import (
    APPEAL_ANSWERS,
    NO_VIOLATION,
    OPEN_STATES,
    OVERTURNED,
    RELEASE,
    UPHELD,
    Appeal,
    Decision,
    Proposal,
    ReviewItem,
)

_ALL: Any = literal_column("0")
BY_CLAUSE, BY_BAND, TOGETHER = Decision.clause, ReviewItem.band, _ALL
Only = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Decided:
    """Decisions together: how many, how long they took (microseconds), how they came about."""

    number: int = 0
    median: int = 0
    tail: int = 0
    in_time: int = 0
    automatic: int = 0
    overridden: int = 0


@dataclass(frozen=True)
class Answered:
    """Appeals that were answered, and what became of them."""

    number: int = 0
    overturned: int = 0
    upheld: int = 0


def decided(period: Period, by: Any, *only: ColumnElement[bool]) -> Mapping[Any, Decided]:
    """Decisions of a period that nobody took back, by clause, by band, or together (under 0)."""
    places = _placed(period, by, only).subquery()
    rows = select(
        places.c.key,
        func.count().label("number"),
        func.max(case((places.c.place == _rank(places.c.number, 50), places.c.delay))).label("median"),
        func.max(case((places.c.place == _rank(places.c.number, 95), places.c.delay))).label("tail"),
        func.sum(places.c.in_time).label("in_time"),
        func.sum(places.c.automatic).label("automatic"),
        func.sum(places.c.overridden).label("overridden"),
    ).group_by(places.c.key)
    return {
        row.key: Decided(row.number, row.median, row.tail, row.in_time, row.automatic, row.overridden)
        for row in db.session.execute(rows)
    }


def answered(period: Period, by: Any, *only: ColumnElement[bool]) -> Mapping[Any, Answered]:
    """Appeals answered in a period, by the clause of the decision, or together (under 0)."""
    each = (
        select(by.label("key"), Appeal.state.label("state"))
        .join(Decision, Decision.id == Appeal.decision_id)
        .join(ReviewItem, ReviewItem.id == Appeal.item_id)
        .where(*_within(Appeal.closed_at, period), Appeal.state.in_(APPEAL_ANSWERS), *only)
        .subquery()
    )
    rows = select(each.c.key, each.c.state, func.count().label("number")).group_by(each.c.key, each.c.state)
    found: dict[Any, dict[str, int]] = {}
    for row in db.session.execute(rows):
        found.setdefault(row.key, {})[row.state] = row.number
    return {
        key: Answered(sum(states.values()), states.get(OVERTURNED, 0), states.get(UPHELD, 0))
        for key, states in found.items()
    }


def seconded(period: Period, *only: ColumnElement[bool]) -> tuple[int, int]:
    """Of decisions that waited for another senior moderator: to how many they agreed, of how many."""
    agreed = func.sum(cast(Proposal.answer == "confirmed", Integer))
    rows = (
        select(agreed, func.count())
        .join(ReviewItem, ReviewItem.id == Proposal.item_id)
        .where(*_within(Proposal.answered_at, period), Proposal.answer.in_(("confirmed", "refused")), *only)
    )
    row = db.session.execute(rows).one()
    return int(row[0] or 0), int(row[1])


def flow(column: Any, period: Period, *only: ColumnElement[bool]) -> Mapping[int, int]:
    """How many items came in (by `created_at`) or went out (by `closed_at`) in each step of a period."""
    begin, step = clock.micros(period.begin), clock.micros(clock.EPOCH + period.step)
    place = ((type_coerce(column, BigInteger) - begin) // step).label("place")
    rows = select(place, func.count()).where(*_within(column, period), *only).group_by(place)
    return {int(number): count for number, count in db.session.execute(rows)}


def waiting(period: Period, *only: ColumnElement[bool]) -> Any:
    """What is open now: row (number, late, oldest)."""
    late = func.sum(cast(ReviewItem.deadline < period.end, Integer))
    rows = select(
        func.count().label("number"), late.label("late"), func.min(ReviewItem.created_at).label("oldest")
    )
    return db.session.execute(rows.where(ReviewItem.state.in_(OPEN_STATES), *only)).one()


def _rank(number: Any, share: int) -> Any:
    return (share * number + 99) // 100


def _placed(period: Period, by: Any, only: Only) -> Any:
    """Each decision with its delay and its place among those of its kind."""
    delay = type_coerce(Decision.created_at, BigInteger) - type_coerce(ReviewItem.created_at, BigInteger)
    stands = Decision.outcome.in_((NO_VIOLATION, RELEASE))
    return (
        select(
            by.label("key"),
            delay.label("delay"),
            func.row_number().over(partition_by=by, order_by=delay).label("place"),
            func.count().over(partition_by=by).label("number"),
            cast(Decision.created_at <= ReviewItem.deadline, Integer).label("in_time"),
            cast(Decision.detected_automatically, Integer).label("automatic"),
            case((Decision.detected_automatically & stands, 1), else_=0).label("overridden"),
        )
        .join(ReviewItem, ReviewItem.id == Decision.item_id)
        .where(*_within(Decision.created_at, period), ground.not_undone(), *only)
    )


def _within(column: Any, period: Period) -> tuple[ColumnElement[bool], ...]:
    return column >= period.begin, column < period.end
