from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.charter.models import Rule
from app.charter.rulebook import queries as rulebook
from app.charter.rulebook.models import LABELS, QUEUED, RUNNING, Backtest, BacktestHit
from app.charter.rulebook.precision import LEAST
from app.kernel.errors import NotFound
from app.kernel.http import actor, form, heavy, is_fragment
from app.kernel.inputs import choice, parse, whole
from app.trials import actions, chart, queries

bp = Blueprint("trials", __name__, url_prefix="/charter/rules/<key>/backtests")


@bp.post("")
def ask(key: str) -> ResponseReturnValue:
    """Try a version on past messages; a worker does it."""
    given = parse(form(), version=whole(), months=whole(largest=12))
    _rule, version = rulebook.get_version(actor(), key, given["version"])
    trial = actions.ask(actor(), version, months=given["months"])
    return redirect(f"/charter/rules/{key}/backtests/{trial.id}", code=303)


@bp.get("/<int:backtest_id>")
def show(key: str, backtest_id: int) -> ResponseReturnValue:
    """How far it is, or what it found."""
    rule, version, trial = queries.get_backtest(actor(), key, backtest_id)
    context = _report(rule, version.number, version.action, trial)
    return render_template("trials/_report.html" if is_fragment() else "trials/backtest.html", **context)


@bp.post("/<int:backtest_id>/stop")
def stop(key: str, backtest_id: int) -> ResponseReturnValue:
    """Read no further."""
    _rule, _version, trial = queries.get_backtest(actor(), key, backtest_id)
    actions.stop(actor(), trial)
    return redirect(f"/charter/rules/{key}/backtests/{trial.id}", code=303)


@bp.get("/<int:backtest_id>/sample/<int:place>")
def sample(key: str, backtest_id: int, place: int) -> ResponseReturnValue:
    """One hit of the sample: its excerpt once it was opened, and what it was labelled."""
    rule, _version, trial = queries.get_backtest(actor(), key, backtest_id)
    return _label_page(rule, trial, queries.get_hit(trial, place))


@bp.post("/<int:backtest_id>/sample/<int:place>/opening")
@heavy
def open_excerpt(key: str, backtest_id: int, place: int) -> ResponseReturnValue:
    """Open an excerpt; that is kept."""
    rule, _version, trial = queries.get_backtest(actor(), key, backtest_id)
    hit = queries.get_hit(trial, place)
    actions.open_excerpt(actor(), hit)
    if is_fragment():
        return _label_page(rule, trial, hit)
    return redirect(_place(key, trial, place), code=303)


@bp.post("/<int:backtest_id>/sample/<int:place>/label")
def label(key: str, backtest_id: int, place: int) -> ResponseReturnValue:
    """Say right or wrong; the next one is opened."""
    rule, _version, trial = queries.get_backtest(actor(), key, backtest_id)
    hit = queries.get_hit(trial, place)
    actions.label(actor(), hit, parse(form(), label=choice(*LABELS))["label"])
    try:
        following = queries.get_hit(trial, place + 1)
    except NotFound:
        return redirect(f"/charter/rules/{key}/backtests/{trial.id}", code=303)
    actions.open_excerpt(actor(), following)
    if is_fragment():
        return _label_page(rule, trial, following)
    return redirect(_place(key, trial, place + 1), code=303)


def _place(key: str, trial: Backtest, place: int) -> str:
    return f"/charter/rules/{key}/backtests/{trial.id}/sample/{place}"


def _label_page(rule: Rule, trial: Backtest, hit: BacktestHit) -> str:
    everything = queries.sample(trial)
    is_open = queries.is_open_to(actor(), hit)
    return render_template(
        "trials/_label.html" if is_fragment() else "trials/label.html",
        key=rule.key,
        trial_id=trial.id,
        place=hit.place or 0,
        all=len(everything),
        done=sum(1 for one in everything if one.label),
        label=hit.label,
        author=queries.author_of_sample(trial, hit) if is_open else "",
        excerpt=queries.excerpt(hit) if is_open else None,
        is_open=is_open,
        precision=rulebook.precision_in(trial),
    )


def _report(rule: Rule, number: int, action: str, trial: Backtest) -> dict[str, Any]:
    places, others = queries.places(actor(), trial)
    hits = queries.sample(trial)
    return {
        "key": rule.key,
        "number": number,
        "action": action,
        "trial": trial,
        "is_running": trial.state in (QUEUED, RUNNING),
        "chart": chart.of_weeks(trial.weeks),
        "places": places[:20],
        "others": others,
        "space_count": len(trial.spaces),
        "overlap": sorted(trial.overlap.items(), key=lambda one: -one[1]),
        "sample": len(hits),
        "labelled": sum(1 for one in hits if one.label),
        "next": next((one.place for one in hits if not one.label), 0),
        "precision": rulebook.precision_in(trial),
        "least": LEAST.get(action),
    }
