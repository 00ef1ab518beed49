"""Which open items come first. What waiting adds grows with time, but the order follows from what is stored.

An item gains 25 points in the time it may wait (its pace). It stands where one without priority would stand
that came in earlier (since): items of the same pace never overtake each other, and one index has their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, bindparam, column, or_, select, text, tuple_, union_all

from app.kernel.reads import question
from app.moderation.models import LEASED, OPEN, PENDING, ReviewItem
from app.moderation.policy import items_seen_by
from app.people.actor import Actor
from app.people.prepared import numbers, prepared

MOST_PACES = 16
_BEYOND = 2**63 - 1
_PACES = f"""
WITH RECURSIVE known(pace) AS (
  SELECT min(pace) FROM review_items WHERE {OPEN}
  UNION ALL
  SELECT (SELECT min(pace) FROM review_items WHERE {OPEN} AND pace > known.pace)
  FROM known WHERE pace IS NOT NULL
)
SELECT pace FROM known WHERE pace IS NOT NULL
"""  # noqa: S608 - OPEN is a constant


class Place(NamedTuple):
    """Where an item stands in the queue."""

    pace: int
    since: int
    id: int


class Filter(NamedTuple):
    """What of the queue is asked for."""

    state: str
    has_kind: bool
    has_space: bool


def most_pressing(
    actor: Actor, asked: Filter, given: dict[str, Any], *, now: int, after: Place | None, limit: int
) -> list[Place]:
    """The first items, or those after a place, in order; `now` in microseconds."""
    paces = _paces().scalars()
    given = numbers(actor, **given, now=now, most=limit)
    found: list[Place] = []
    for begin in range(0, len(paces), MOST_PACES):
        few = paces[begin : begin + MOST_PACES]
        rows = _of_paces(actor, asked, len(few), after is None)
        found += rows.all(given, **_bounds(few, now, after))
    common = lcm(*paces)
    return sorted(found, key=lambda item: ((item.since - now) * (common // item.pace), item.id))[:limit]


def _bounds(paces: Sequence[int], now: int, after: Place | None) -> dict[str, int]:
    """For each pace, where the items begin that come after a place; exact, in whole numbers."""
    given: dict[str, int] = {}
    for number, pace in enumerate(paces):
        given[f"pace_{number}"] = pace
        if after is not None:
            bound, rest = divmod(now * after.pace - (now - after.since) * pace, after.pace)
            given |= {f"since_{number}": bound, f"last_{number}": _BEYOND if rest else after.id}
    return given


@question
def _paces() -> Any:
    return text(_PACES).columns(column("pace", BigInteger))


@prepared
def _of_paces(actor: Actor, asked: Filter, number: int, is_first: bool) -> Any:
    return union_all(
        *(select(_of_pace(actor, asked, n, is_first).subquery(f"of_{n}")) for n in range(number))
    )


def _of_pace(actor: Actor, asked: Filter, number: int, is_first: bool) -> Any:
    rows = select(ReviewItem.pace, ReviewItem.since, ReviewItem.id)
    rows = rows.where(text(OPEN), ReviewItem.pace == bindparam(f"pace_{number}"), items_seen_by(actor))
    rows = rows.where(*_in_state(actor, asked.state))
    if asked.has_kind:
        rows = rows.where(ReviewItem.kind == bindparam("kind"))
    if asked.has_space:
        rows = rows.where(ReviewItem.space_id == bindparam("space"))
    if not is_first:
        begin = (
            bindparam(f"since_{number}", type_=BigInteger),
            bindparam(f"last_{number}", type_=BigInteger),
        )
        rows = rows.where(tuple_(ReviewItem.since, ReviewItem.id) > tuple_(*begin))
    return rows.order_by(ReviewItem.since, ReviewItem.id).limit(bindparam("most"))


def _in_state(actor: Actor, state: str) -> list[Any]:
    now: Any = bindparam("now", type_=BigInteger)
    lasts = and_(ReviewItem.state == LEASED, ReviewItem.lease_until > now)
    conditions = {
        "open": [],
        "free": [
            or_(ReviewItem.state == PENDING, and_(ReviewItem.state == LEASED, ReviewItem.lease_until <= now))
        ],
        "mine": [lasts, ReviewItem.lease_by_id == actor.id],
        "leased": [lasts],
        "escalated": [ReviewItem.state == "escalated"],
    }
    return conditions["free" if state == PENDING else state]
