from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel.errors import NotFound
from app.kernel.http import actor, form
from app.kernel.inputs import choice, parse, whole
from app.labelling import actions, queries
from app.relevance import actions as models
from app.relevance import queries as relevance
from app.relevance.classifier.figures import wilson
from app.relevance.classifier.model import FEWEST_LABELS, TASKS, WORK
from app.relevance.models import ModelVersion
from app.relevance.policy import can_label, can_promote

bp = Blueprint("labelling", __name__)
YES, NO, SKIP = "yes", "no", "skip"


@bp.get("/relevance")
def show() -> ResponseReturnValue:
    """What the models can do, what they can't yet, and which one is listened to."""
    _require_labeller()
    counts = relevance.label_counts()
    return render_template(
        "labelling/show.html",
        judgements=[_judgement(task, counts[task]) for task in TASKS],
        fewest=FEWEST_LABELS,
        can_promote=can_promote(actor()),
    )


@bp.get("/relevance/desk")
def desk() -> ResponseReturnValue:
    """The next text to judge."""
    _require_labeller()
    task, after = _task(request.args.get("task", "")), request.args.get("after", "")
    passed = int(after) if after.isdecimal() and len(after) < 18 else 0
    excerpt = queries.next_excerpt(actor(), task, passed)
    return render_template(
        "labelling/desk.html",
        task=task,
        excerpt=excerpt,
        has_passed=passed > 0,
        progress=queries.progress(actor(), task),
        last=queries.last_label(actor(), task),
    )


@bp.post("/relevance/desk")
def judge() -> ResponseReturnValue:
    """Say what a text is, or pass over it."""
    _require_labeller()
    given = parse(form(), task=choice(*TASKS), revision=whole(smallest=1), answer=choice(YES, NO, SKIP))
    if given["answer"] == SKIP:
        queries.get_judgeable(actor(), given["revision"])
        return _on(given["task"], f"&after={given['revision']}")
    actions.judge(actor(), given["revision"], given["task"], value=given["answer"] == YES)
    return _on(given["task"])


@bp.post("/relevance/labels/<int:label_id>/undo")
def undo(label_id: int) -> ResponseReturnValue:
    """Take back what one said; the text comes again."""
    _require_labeller()
    return _on(models.take_back(actor(), label_id).task)


@bp.post("/relevance/models/<int:version_id>/promotion")
def promote(version_id: int) -> ResponseReturnValue:
    """Listen to this version."""
    _require_labeller()
    models.promote(actor(), relevance.get_version(version_id))
    return redirect("/relevance?done=saved", code=303)


@bp.post("/relevance/<any(work,tone):task>/silence")
def silence(task: str) -> ResponseReturnValue:
    """Listen to none."""
    _require_labeller()
    models.silence(actor(), task)
    return redirect("/relevance?done=saved", code=303)


def _require_labeller() -> None:
    if not can_label(actor()):
        raise NotFound


def _task(name: str) -> str:
    return name if name in TASKS else WORK


def _on(task: str, more: str = "") -> ResponseReturnValue:
    return redirect(f"/relevance/desk?task={task}{more}", code=303)


def _judgement(task: str, counts: dict[str, int]) -> dict[str, Any]:
    current = relevance.in_force(task)
    agreed = queries.agreement(task)
    return {
        "task": task,
        "counts": counts,
        "total": sum(counts.values()),
        "current": _version(current) if current else None,
        "speaks": current is not None and current.labels >= FEWEST_LABELS,
        "is_readable": current is None or relevance.model_in_force(task) is not None,
        "versions": [_version(row, current) for row in relevance.versions(task, 6)],
        "agreement": {"same": agreed.same, "of": agreed.of},
        "waiting": queries.progress(actor(), task).left,
    }


def _version(row: ModelVersion, current: ModelVersion | None = None) -> dict[str, Any]:
    told = row.figures
    low, high = wilson(told.get("right", 0), told.get("caught", 0))
    return {
        "id": row.id,
        "labels": row.labels,
        "made_at": row.created_at,
        "promoted_at": row.promoted_at,
        "is_current": current is not None and row.id == current.id,
        "auc": told.get("auc"),
        "judged": told.get("judged", 0),
        "on_own": told.get("on_own", False),
        "threshold": told.get("threshold"),
        "right": told.get("right", 0),
        "caught": told.get("caught", 0),
        "sought": told.get("sought", 0),
        "low": low,
        "high": high,
    }
