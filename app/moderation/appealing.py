"""Appeals as those who appeal see them: ask for a second look, talk it over, read the answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter.queries import cite
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.http import actor, for_suspended
from app.moderation import appeals, ground
from app.moderation.models import Appeal, Decision
from app.moderation.policy import appeals_as
from app.moderation.screen import field

appealing = Blueprint("appealing", __name__)


@appealing.get("/decisions/<int:decision_id>/appeal")
@for_suspended
def form(decision_id: int) -> ResponseReturnValue:
    """The decision with its statement of reasons, and room to say what should be looked at again."""
    decision = _decision(decision_id)
    present = ground.appeal_of(decision.id)
    if present is not None and present.person_id == actor().id:
        return redirect(f"/appeals/{present.id}", code=303)
    return _form_page(decision, "", {})


@appealing.post("/decisions/<int:decision_id>/appeal")
@for_suspended
def lodge(decision_id: int) -> ResponseReturnValue:
    """Ask for a second look."""
    decision = _decision(decision_id)
    try:
        made = appeals.lodge(actor(), decision, text=field("text"))
    except Invalid as refusal:
        return _form_page(decision, field("text"), refusal.fields), 422
    except Conflict as refusal:
        return _form_page(decision, field("text"), {"text": str(refusal)}), 409
    return redirect(f"/appeals/{made.id}?done=appealed", code=303)


@appealing.get("/appeals/<int:appeal_id>")
@for_suspended
def show(appeal_id: int) -> ResponseReturnValue:
    """One's own appeal: what was said, and the answer."""
    return _page(_appeal(appeal_id), {})


@appealing.post("/appeals/<int:appeal_id>/messages")
@for_suspended
def say(appeal_id: int) -> ResponseReturnValue:
    """Add something."""
    appeal = _appeal(appeal_id)
    try:
        appeals.say(actor(), appeal, text=field("text"))
    except Invalid as refusal:
        return _page(appeal, refusal.fields), 422
    return redirect(f"/appeals/{appeal_id}?done=saved", code=303)


@appealing.post("/appeals/<int:appeal_id>/withdrawal")
@for_suspended
def withdraw(appeal_id: int) -> ResponseReturnValue:
    """Take it back."""
    appeals.withdraw(actor(), _appeal(appeal_id))
    return redirect(f"/appeals/{appeal_id}?done=saved", code=303)


def _decision(decision_id: int) -> Decision:
    """A decision that concerns the reader; NotFound for everybody else."""
    decision = db.session.get(Decision, decision_id)
    if decision is None or appeals_as(actor(), decision) is None:
        raise NotFound
    return decision


def _appeal(appeal_id: int) -> Appeal:
    appeal = db.session.get(Appeal, appeal_id, populate_existing=True)
    if appeal is None or appeal.person_id != actor().id:
        raise NotFound
    return appeal


def _form_page(decision: Decision, typed: str, errors: dict[str, str]) -> str:
    return render_template("moderation/appeal_form.html", decision=_told(decision), text=typed, errors=errors)


def _page(appeal: Appeal, errors: dict[str, str]) -> str:
    talk = [
        {"mine": m.person_id == actor().id, "who": _("You") if m.person_id == actor().id else _("Moderator"),
         "at": m.created_at, "text": m.body}
        for m in ground.messages(appeal.id)
    ]  # fmt: skip
    return render_template(
        "moderation/appeal.html",
        appeal=appeal,
        talk=talk,
        decision=_told(db.session.get_one(Decision, appeal.decision_id)),
        errors=errors,
        typed=field("text"),
    )


def _told(decision: Decision) -> dict[str, Any]:
    """A decision as those whom it concerns read it: never who took it. Reporters read the reason alone."""
    clause = (
        cite(decision.clause, actor().locale, version=decision.charter_version) if decision.clause else None
    )
    is_author = appeals_as(actor(), decision) == "author"
    return {
        "id": decision.id,
        "outcome": decision.outcome,
        "clause": {"number": clause.number, "title": clause.title, "href": clause.href} if clause else None,
        "lines": (decision.statement if is_author else decision.reason).splitlines(),
        "at": decision.created_at,
        "until": decision.created_at + appeals.OPEN_FOR,
    }
