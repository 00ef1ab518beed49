"""What moderators do at the desk beside deciding: leave, put off, agree, take back, note, measure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, heavy
from app.kernel.policy import require
from app.moderation import actions, appeals, desk, ground, measures, queries
from app.moderation.models import Measure, ReviewItem
from app.moderation.policy import why_not
from app.moderation.screen import back_to, desk_page, field, typed_decision

acts = Blueprint("acts", __name__)
DEFERRALS = (4, 24, 72, 168)


@acts.get("/moderation/items/<int:item_id>/transfer")
def transfer_form(item_id: int) -> ResponseReturnValue:
    """To whom a case may be left."""
    return _transfer_page(queries.get_item(actor(), item_id), {})


@acts.post("/moderation/items/<int:item_id>/transfer")
def transfer(item_id: int) -> ResponseReturnValue:
    """Leave a case to a colleague."""
    item, to = queries.get_item(actor(), item_id), field("to")
    try:
        actions.transfer(actor(), item, to_id=int(to) if to.isdecimal() else 0, note=field("note"))
    except Invalid as refusal:
        return _transfer_page(item, refusal.fields), 422
    return back_to(None, done="passed")


@acts.post("/moderation/items/<int:item_id>/defer")
def defer(item_id: int) -> ResponseReturnValue:
    """Put a case off for some hours."""
    hours = field("hours")
    if hours not in {str(known) for known in DEFERRALS}:
        return desk_page(item_id, errors={"hours": _("Choose one of the values offered.")}), 422
    until = clock.now() + timedelta(hours=int(hours))
    return _act(item_id, lambda item: actions.defer(actor(), item, until=until, why=field("why_defer")))


@acts.post("/moderation/items/<int:item_id>/wake")
def wake(item_id: int) -> ResponseReturnValue:
    """Take up what was put off."""
    return _act(item_id, lambda item: actions.wake(actor(), item))


@acts.post("/moderation/items/<int:item_id>/confirmation")
def confirm(item_id: int) -> ResponseReturnValue:
    """Agree, as the second; with all that was proposed together when asked so."""
    item = queries.get_item(actor(), item_id)
    proposal = ground.proposal_of(item)
    if field("batch") and proposal is not None and proposal.batch:
        desk.confirm_batch(actor(), proposal.batch)
        return back_to(None, done="decided")
    return _act(item_id, lambda item: actions.confirm(actor(), item, version=_version()), done="decided")


@acts.post("/moderation/items/<int:item_id>/refusal")
def refuse(item_id: int) -> ResponseReturnValue:
    """Disagree, as the second."""
    return _act(
        item_id, lambda item: actions.refuse(actor(), item, why=field("why_refuse"), version=_version()),
        names={"why": "why_refuse"},
    )  # fmt: skip


@acts.post("/moderation/items/<int:item_id>/undo")
def undo(item_id: int) -> ResponseReturnValue:
    """Take one's decision back."""
    return _act(item_id, lambda item: actions.undo(actor(), item), done="undone")


@acts.post("/moderation/items/<int:item_id>/notes")
def note(item_id: int) -> ResponseReturnValue:
    """Write something down for colleagues."""
    return _act(item_id, lambda item: desk.note(actor(), item, body=field("note")))


@acts.post("/moderation/items/<int:item_id>/messages")
def say(item_id: int) -> ResponseReturnValue:
    """Say something to whoever appeals."""
    appeal = ground.appeal_of_item(queries.get_item(actor(), item_id).id)
    if appeal is None:
        raise NotFound
    return _act(item_id, lambda _item: appeals.say(actor(), appeal, text=field("text")))


@acts.post("/moderation/items/<int:item_id>/measures")
@heavy
def impose(item_id: int) -> ResponseReturnValue:
    """Impose a measure on the ground of the decision."""
    decision = queries.decision_of(queries.get_item(actor(), item_id))
    if decision is None:
        raise NotFound
    return _act(
        item_id,
        lambda _item: measures.impose(actor(), decision, step=field("step"), reason=field("because")),
        names={"reason": "because"},
    )


@acts.post("/moderation/measures/<int:measure_id>/<any(confirmation,refusal,end):what>")
def answer_measure(measure_id: int, what: str) -> ResponseReturnValue:
    """Agree with a measure, refuse it, or end it before its time."""
    measure = db.session.get(Measure, measure_id)
    decision = queries.get_decision(actor(), measure.decision_id) if measure else None
    if measure is None or decision is None:
        raise NotFound
    verbs: dict[str, Callable[[Any], Any]] = {
        "confirmation": lambda _item: measures.confirm(actor(), measure),
        "refusal": lambda _item: measures.refuse(actor(), measure),
        "end": lambda _item: measures.lift(actor(), measure, why=field("why_lift")),
    }
    return _act(decision.item_id, verbs[what], names={"why": "why_lift"})


@acts.get("/moderation/items/<int:item_id>/alike")
def alike(item_id: int) -> ResponseReturnValue:
    """Items with the same text, to be decided together."""
    return _alike_page(queries.get_item(actor(), item_id), {}, {})


@acts.post("/moderation/items/<int:item_id>/alike")
def decide_alike(item_id: int) -> ResponseReturnValue:
    """Decide on those chosen."""
    item, typed = queries.get_item(actor(), item_id), typed_decision()
    typed.pop("version")
    try:
        found = desk.decide_alike(actor(), item, _chosen(), **typed)
    except Invalid as refusal:
        return _alike_page(item, typed, refusal.fields), 422
    return render_template("moderation/alike_done.html", found=found)


def _act(
    item_id: int,
    work: Callable[[ReviewItem], Any],
    *,
    done: str = "saved",
    names: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """Do it, then show the case again; what can't be taken is told beside its field."""
    try:
        work(queries.get_item(actor(), item_id))
    except Invalid as refusal:
        known = names or {}
        return desk_page(item_id, errors={known.get(k, k): v for k, v in refusal.fields.items()}), 422
    return back_to(item_id, done=done)


def _version() -> int:
    raw = field("version")
    return int(raw) if raw.isdecimal() and len(raw) < 10 else 0


def _chosen() -> dict[int, int]:
    """Items ticked, each with the version that was shown: "ID.VERSION"."""
    pairs = (re.fullmatch(r"(\d{1,18})\.(\d{1,9})", raw) for raw in request.form.getlist("items"))
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


def _transfer_page(item: ReviewItem, errors: dict[str, str]) -> str:
    return render_template(
        "moderation/transfer.html",
        item=queries.item_row(actor(), item),
        colleagues=ground.colleagues_for(item, but=actor().id),
        note=field("note"),
        errors=errors,
    )


def _alike_page(item: ReviewItem, typed: dict[str, Any], errors: dict[str, str]) -> str:
    refusal = why_not(actor(), item)
    require(refusal is None, refusal or "")
    rows = queries.rows(actor(), [one.id for one in ground.alike(actor(), item)])
    return render_template(
        "moderation/alike.html",
        item=queries.item_row(actor(), item),
        rows=rows,
        alone=desk.ALONE,
        outcomes=queries.outcomes(item),
        clauses=[(number, number) for number in queries.clause_numbers()],
        form={"outcome": None, "clause": queries.concerned_clause(item), "reason": "", **typed},
        errors=errors,
    )
