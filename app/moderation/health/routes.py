from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate.queries import present
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.http import actor
from app.kernel.sheet import csv_of
from app.moderation.health import drawing, period, queries
from app.moderation.health.hiding import FEWEST, FEWEST_FOR_TAIL
from app.moderation.health.queries import Figures, Line
from app.moderation.policy import can_read_figures, can_see_health

bp = Blueprint("moderation_health", __name__)
_HOUR = 3_600_000_000


@bp.get("/moderation/health")
def health() -> ResponseReturnValue:
    """How the queue fares, with charts, for senior moderators."""
    if not can_see_health(actor()):
        raise NotFound
    found = queries.health(actor(), period.last(_days(), clock.now()))
    waiting = drawing.bars([step.waiting for step in found.steps])[0]
    came, went = drawing.bars([step.opened for step in found.steps], [step.closed for step in found.steps])
    return render_template(
        "moderation/health/health.html",
        days=_days(),
        all_days=period.DAYS,
        health=found,
        waiting=list(zip(found.steps, waiting, strict=True)),
        flow=list(zip(found.steps, came, went, strict=True)),
        clauses=_with_spans(found.clauses),
        bands=_with_spans(found.bands),
    )


@bp.get("/charter/figures")
def figures() -> ResponseReturnValue:
    """What staff may know of how the charter is applied: a quarter at a time, nothing about anybody."""
    _require_staff()
    known = queries.quarters(actor())
    wanted = request.args.get("quarter") or (str(known[0]) if known else "")
    return render_template(
        "moderation/health/figures.html",
        figures=_figures(wanted) if wanted else None,
        quarters=known,
        first_on=period.containing(clock.now(), _zone()).period(_zone()).end,
        **_limits(),
    )


@bp.get("/charter/figures/report")
def report() -> ResponseReturnValue:
    """A quarter on paper."""
    _require_staff()
    found = _figures(request.args.get("quarter", ""))
    return render_template("moderation/health/report.html", figures=found, at=clock.now(), **_limits())


@bp.get("/charter/figures.csv")
def export() -> ResponseReturnValue:
    """A quarter for a spreadsheet."""
    _require_staff()
    found = _figures(request.args.get("quarter", ""))
    response = Response(csv_of(_rows(found)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="moderation-{found.quarter}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _require_staff() -> None:
    if not can_read_figures(actor()):
        raise NotFound


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in {str(days) for days in period.DAYS} else period.DAYS[1]


def _zone() -> Any:
    return present().zone


def _figures(written: str) -> Figures:
    return queries.figures(actor(), written, actor().locale)


def _limits() -> dict[str, int]:
    return {"fewest": FEWEST, "fewest_for_tail": FEWEST_FOR_TAIL}


def _with_spans(rows: Any) -> list[Any]:
    spans = drawing.spans([(one.median, one.tail) for _key, one in rows])
    return [(key, one, span) for (key, one), span in zip(rows, spans, strict=True)]


def _rows(found: Figures) -> Iterator[tuple[object, ...]]:
    """The same in words that don't depend on a language, hidden numbers as "hidden"."""
    yield ("quarter", "clause", "title", "decisions", "median_hours", "p95_hours", "detected_automatically",
           "let_stand_though_detected", "appeals_answered", "overturned", "rule_trips")  # fmt: skip
    for line in found.lines:
        yield (found.quarter, line.clause, line.title or _("Other"), *_numbers(line), "")
    yield (found.quarter, "", _("Together"), *_numbers(found.together), found.trips)


def _numbers(line: Line) -> tuple[object, ...]:
    counts = ["hidden" if n is None else n for n in
              (line.decisions, line.automatic, line.overridden, line.appeals, line.overturned)]  # fmt: skip
    hours = ["" if delay is None else round(delay / _HOUR, 1) for delay in (line.median, line.tail)]
    return (counts[0], *hours, *counts[1:])
