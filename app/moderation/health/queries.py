"""How the queue fares, for those who answer for it; and what staff may know, with small cells left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.charter import queries as charter
from app.charter.rulebook.models import RuleMove
from app.gate.queries import present
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.policy import require
from app.moderation.health import counting
from app.moderation.health.counting import Answered, Decided
from app.moderation.health.hiding import FEWEST, FEWEST_FOR_TAIL, hidden, is_small
from app.moderation.health.period import Period, Quarter, over_since, quarter
from app.moderation.models import Decision, ReviewItem
from app.moderation.policy import can_read_figures, can_see_health, items_seen_by
from app.moderation.priority import BANDS
from app.people.actor import Actor

ELSE = ""  # what cites no clause, or one that isn't in force any more
_NONE, _NOBODY = Decided(), Answered()


@dataclass(frozen=True)
class Step:
    """A day or a week: what came in, what went out, what waited at its end."""

    begin: datetime
    opened: int
    closed: int
    waiting: int


@dataclass(frozen=True)
class Health:
    """How the queue fares."""

    period: Period
    waiting: int
    late: int
    oldest: datetime | None
    together: Decided
    clauses: Sequence[tuple[str, Decided]]
    bands: Sequence[tuple[int, Decided]]
    steps: Sequence[Step]
    appeals: Answered
    agreed: int
    seconded: int


@dataclass(frozen=True)
class Line:
    """What staff may know about one clause, or about all: None is left out."""

    clause: str
    title: str
    decisions: int | None
    median: int | None
    tail: int | None
    automatic: int | None
    overridden: int | None
    appeals: int | None
    overturned: int | None


@dataclass(frozen=True)
class Figures:
    """A quarter of moderation, for everybody on the staff."""

    quarter: Quarter
    period: Period
    lines: Sequence[Line]
    together: Line
    trips: int


def health(actor: Actor, period: Period) -> Health:
    """The queue now and over a period, of what the actor reviews; the same number of queries however much."""
    require(can_see_health(actor))
    seen = items_seen_by(actor)
    now = counting.waiting(period, seen)
    agreed, seconded = counting.seconded(period, seen)
    by_clause = counting.decided(period, counting.BY_CLAUSE, seen)
    by_band = counting.decided(period, counting.BY_BAND, seen)
    return Health(
        period=period,
        waiting=now.number,
        late=now.late or 0,
        oldest=now.oldest,
        together=counting.decided(period, counting.TOGETHER, seen).get(0, _NONE),
        clauses=sorted(by_clause.items()),
        bands=[(hours, by_band.get(hours, _NONE)) for _least, hours in BANDS],
        steps=_steps(period, now.number, seen),
        appeals=counting.answered(period, counting.TOGETHER, seen).get(0, _NOBODY),
        agreed=agreed,
        seconded=seconded,
    )


def quarters(actor: Actor) -> Sequence[Quarter]:
    """Those that are over and about which there are figures, the newest first.

    Only whole quarters, none twice: from figures that overlap somebody could subtract what is between them.
    """
    require(can_read_figures(actor))
    first = db.session.scalar(select(func.min(Decision.created_at)))
    return list(over_since(first, clock.now(), present().zone)) if first else []


def figures(actor: Actor, written: str, locale: str) -> Figures:
    """A quarter that is over, clause by clause; NotFound for any other."""
    wanted = quarter(written)
    if wanted is None or wanted not in quarters(actor):
        raise NotFound
    period = wanted.period(present().zone)
    titles = {c.number: c.title_en if locale == "en" else c.title_fr for c in charter.clauses_in_force()}
    decided = _gathered(titles, counting.decided(period, counting.BY_CLAUSE))
    answered = _gathered(titles, counting.answered(period, counting.BY_CLAUSE))
    whole = counting.decided(period, counting.TOGETHER).get(0, _NONE)
    return Figures(
        quarter=wanted,
        period=period,
        lines=_lines(titles, decided, answered),
        together=_together(whole, answered),
        trips=_trips(period),
    )


def _steps(period: Period, waiting: int, seen: Any) -> list[Step]:
    """From what waits now back to the beginning: a step takes away what came in, adds what went out."""
    opened = counting.flow(ReviewItem.created_at, period, seen)
    closed = counting.flow(ReviewItem.closed_at, period, seen)
    steps: list[Step] = []
    for number in reversed(range(period.steps)):
        came, went = opened.get(number, 0), closed.get(number, 0)
        steps.insert(0, Step(period.begin + number * period.step, came, went, waiting))
        waiting += went - came
    return steps


def _gathered(titles: Mapping[str, str], found: Mapping[Any, Any]) -> dict[str, list[Any]]:
    """By clause in force; all others under one name, so that a line never says that something happened."""
    gathered: dict[str, list[Any]] = {number: [] for number in (*titles, ELSE)}
    for number, one in found.items():
        gathered[number if number in titles else ELSE].append(one)
    return gathered


def _lines(
    titles: Mapping[str, str],
    decided: Mapping[str, Sequence[Decided]],
    answered: Mapping[str, Sequence[Answered]],
) -> list[Line]:
    number = {key: sum(one.number for one in some) for key, some in decided.items()}
    automatic = {key: sum(one.automatic for one in some) for key, some in decided.items()}
    overridden = {key: sum(one.overridden for one in some) for key, some in decided.items()}
    appeals = {key: sum(one.number for one in some) for key, some in answered.items()}
    overturned = {key: sum(one.overturned for one in some) for key, some in answered.items()}
    no_number = _out(number)
    no_automatic = _out(automatic, number, at_least=no_number)
    no_overridden = _out(overridden, automatic, at_least=no_automatic)
    no_appeals = _out(appeals)
    no_overturned = _out(overturned, appeals, at_least=no_appeals)
    return [
        Line(
            clause=key,
            title=titles.get(key, ""),
            decisions=None if key in no_number else number[key],
            # Percentiles of several together don't follow from theirs: only a clause has them.
            median=decided[key][0].median if key not in no_number and len(decided[key]) == 1 else None,
            tail=_tail(decided[key], key in no_number),
            automatic=None if key in no_automatic else automatic[key],
            overridden=None if key in no_overridden else overridden[key],
            appeals=None if key in no_appeals else appeals[key],
            overturned=None if key in no_overturned else overturned[key],
        )
        for key in decided
    ]


def _tail(some: Sequence[Decided], is_out: bool) -> int | None:
    return some[0].tail if not is_out and len(some) == 1 and some[0].number >= FEWEST_FOR_TAIL else None


def _out(
    part: Mapping[str, int], whole: Mapping[str, int] | None = None, *, at_least: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Lines that don't show a number: with a whole, what is left of it must not follow either."""
    sides = {key: (n,) if whole is None else (n, whole[key] - n) for key, n in part.items()}
    totals = [sum(column) for column in zip(*sides.values(), strict=True)]
    return hidden(sides, totals, at_least=at_least)


def _together(whole: Decided, answered: Mapping[str, Sequence[Answered]]) -> Line:
    appeals = sum(one.number for some in answered.values() for one in some)
    overturned = sum(one.overturned for some in answered.values() for one in some)
    has_some, automatic = whole.number >= FEWEST, _part(whole.automatic, whole.number)
    return Line(
        clause=ELSE,
        title="",
        decisions=whole.number if has_some else None,
        median=whole.median if has_some else None,
        tail=whole.tail if whole.number >= FEWEST_FOR_TAIL else None,
        automatic=automatic,
        overridden=_part(whole.overridden, whole.automatic) if automatic is not None else None,
        appeals=appeals if appeals >= FEWEST else None,
        overturned=_part(overturned, appeals),
    )


def _part(number: int, of: int) -> int | None:
    """A part that is large enough, of which enough is left."""
    return None if is_small(number, of - number) else number


def _trips(period: Period) -> int:
    """How often a rule was capped because it hit too much. About rules: shown however few."""
    rows = select(func.count()).where(
        RuleMove.name == "trip", RuleMove.at >= period.begin, RuleMove.at < period.end
    )
    return db.session.scalar(rows) or 0
