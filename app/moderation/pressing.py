"""Which open items come first. What waiting adds grows with time, but the order follows from what is stored.

An item gains 25 points in the time it may wait (its pace). It stands where one without priority would stand
that came in earlier (since): items of the same pace never overtake each other, and one index has their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import lcm
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    bindparam,
    column,
    exists,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from app.kernel.reads import question
from app.moderation.models import AWAITING_SECOND, ESCALATED, LEASED, OPEN, PENDING, ReviewItem
from app.moderation.policy import items_seen_by
from app.people.actor import Actor
from app.people.prepared import numbers, prepared
from app.posts.models import Revision

Shape = tuple[str, tuple[str, ...]]
MOST_PACES = 16
_LIKE = re.compile(r"[%_/]")
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
    """What of the queue is asked for; what is empty doesn't count."""

    state: str
    kind: str | None = None
    space: int | None = None
    clause: str = ""
    band: int | None = None
    words: str = ""

    @property
    def shape(self) -> Shape:
        """The state and the names of the other conditions: what a question is put together for."""
        return self.state, tuple(name for name, value in self._asdict().items() if name != "state" and value)

    @property
    def given(self) -> dict[str, Any]:
        """The values to those names."""
        found = {name: value for name, value in self._asdict().items() if name in self.shape[1]}
        if "words" in found:
            found["words"] = "%" + _LIKE.sub(r"/\g<0>", self.words) + "%"
        return found


def conditions(names: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """On ReviewItem, with parameters of the same names."""
    return [_BY_NAME[name] for name in names]


def most_pressing(actor: Actor, asked: Filter, *, now: int, after: Place | None, limit: int) -> list[Place]:
    """The first items, or those after a place, in order; `now` in microseconds."""
    paces = _paces().scalars()
    given = numbers(actor, **asked.given, now=now, most=limit)
    found: list[Place] = []
    for begin in range(0, len(paces), MOST_PACES):
        few = paces[begin : begin + MOST_PACES]
        rows = _of_paces(actor, asked.shape, len(few), after is None)
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
def _of_paces(actor: Actor, asked: Shape, number: int, is_first: bool) -> Any:
    return union_all(
        *(select(_of_pace(actor, asked, n, is_first).subquery(f"of_{n}")) for n in range(number))
    )


def _of_pace(actor: Actor, asked: Shape, number: int, is_first: bool) -> Any:
    rows = select(ReviewItem.pace, ReviewItem.since, ReviewItem.id)
    rows = rows.where(text(OPEN), ReviewItem.pace == bindparam(f"pace_{number}"), items_seen_by(actor))
    rows = rows.where(*_in_state(actor, asked[0]), *conditions(asked[1]))
    if not is_first:
        begin = (
            bindparam(f"since_{number}", type_=BigInteger),
            bindparam(f"last_{number}", type_=BigInteger),
        )
        rows = rows.where(tuple_(ReviewItem.since, ReviewItem.id) > tuple_(*begin))
    return rows.order_by(ReviewItem.since, ReviewItem.id).limit(bindparam("most"))


def _said(words: Any) -> ColumnElement[bool]:
    parts = (Revision.title, Revision.body)
    return exists().where(
        Revision.id == ReviewItem.revision_id, or_(*(part.ilike(words, escape="/") for part in parts))
    )


_BY_NAME = {
    "kind": ReviewItem.kind == bindparam("kind"),
    "space": ReviewItem.space_id == bindparam("space"),
    "clause": ReviewItem.clause == bindparam("clause"),
    "band": ReviewItem.band == bindparam("band"),
    "words": _said(bindparam("words", type_=String)),
}


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
        "escalated": [ReviewItem.state == ESCALATED],
        "awaiting_second": [ReviewItem.state == AWAITING_SECOND],
    }
    return conditions["free" if state == PENDING else state]
