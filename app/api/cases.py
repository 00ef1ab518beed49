"""What follows a decision, for programs: taking it back, a second person, appeals."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import Given, endpoint
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.http import actor, for_suspended
from app.kernel.openapi import number, obj, ref, string
from app.moderation import actions, appeals, ground, queries
from app.moderation.models import Appeal, Decision, ReviewItem
from app.moderation.policy import appeals_as

bp = Blueprint("cases", __name__)
_VERSION = obj("version", version=number(1, 10**9))
_REFUSAL = obj("version", "why", version=number(1, 10**9), why=string(2000, 1))
_TEXT = obj("text", text=string(appeals.LONGEST, 1))


@bp.post("/moderation/items/<int:item_id>/confirmation")
@endpoint("Agree with what a colleague proposed, as another senior moderator", takes=_VERSION,
          gives={200: ref("ReviewItem")}, refuses=(403, 409))  # fmt: skip
def confirm(item_id: int, given: Given) -> ResponseReturnValue:
    """The decision counts from then on."""
    item = queries.get_item(actor(), item_id)
    actions.confirm(actor(), item, version=given["version"])
    return _told(item)


@bp.post("/moderation/items/<int:item_id>/refusal")
@endpoint("Disagree with what a colleague proposed", takes=_REFUSAL,
          gives={200: ref("ReviewItem")}, refuses=(403, 409))  # fmt: skip
def refuse(item_id: int, given: Given) -> ResponseReturnValue:
    """The item waits again, with the reason in its notes."""
    return _told(actions.refuse(actor(), queries.get_item(actor(), item_id), **given))


@bp.delete("/moderation/items/<int:item_id>/decision")
@endpoint("Take one's decision back, within ten minutes", gives={200: ref("ReviewItem")}, refuses=(403, 409))
def undo(item_id: int) -> ResponseReturnValue:
    """Every inverse runs, and the item waits again."""
    return _told(actions.undo(actor(), queries.get_item(actor(), item_id)))


@bp.post("/decisions/<int:decision_id>/appeals")
@for_suspended
@endpoint(
    "Ask somebody else to look at a decision again", takes=_TEXT, gives={201: ref("Appeal")}, refuses=(409,)
)
def lodge(decision_id: int, given: Given) -> ResponseReturnValue:
    """By the author of what was restricted, or who reported what was let stand; once, within six months."""
    decision = db.session.get(Decision, decision_id)
    if decision is None or appeals_as(actor(), decision) is None:
        raise NotFound
    return _appeal(appeals.lodge(actor(), decision, text=given["text"])), 201


@bp.get("/appeals/<int:appeal_id>")
@for_suspended
@endpoint("One's own appeal", gives={200: ref("Appeal")})
def show(appeal_id: int) -> ResponseReturnValue:
    """What was said, and the answer once there is one."""
    return _appeal(_own(appeal_id))


@bp.post("/appeals/<int:appeal_id>/messages")
@for_suspended
@endpoint("Add something to one's appeal", takes=_TEXT, gives={201: ref("Appeal")}, refuses=(409,))
def say(appeal_id: int, given: Given) -> ResponseReturnValue:
    """While nobody answered it."""
    appeal = _own(appeal_id)
    appeals.say(actor(), appeal, text=given["text"])
    return _appeal(appeal), 201


@bp.delete("/appeals/<int:appeal_id>")
@for_suspended
@endpoint("Take one's appeal back", gives={204: None}, refuses=(409,))
def withdraw(appeal_id: int) -> ResponseReturnValue:
    """The decision stands."""
    appeals.withdraw(actor(), _own(appeal_id))
    return "", 204


def _own(appeal_id: int) -> Appeal:
    appeal = db.session.get(Appeal, appeal_id, populate_existing=True)
    if appeal is None or appeal.person_id != actor().id:
        raise NotFound
    return appeal


def _told(item: ReviewItem) -> serial.Json:
    return serial.item(queries.item_row(actor(), item))


def _appeal(appeal: Appeal) -> serial.Json:
    said = [
        {"mine": m.person_id == actor().id, "text": m.body, "at": serial.instant(m.created_at)}
        for m in ground.messages(appeal.id)
    ]
    return {
        "id": appeal.id,
        "decision_id": appeal.decision_id,
        "state": appeal.state,
        "reason": appeal.reason,
        "messages": said,
        "at": serial.instant(appeal.created_at),
    }
