"""What moderators do with a case beside deciding, for programs: leave, put off, note down, impose."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import Given, endpoint
from app.kernel import inputs
from app.kernel.db import db
from app.kernel.errors import Conflict, NotFound
from app.kernel.http import actor
from app.kernel.openapi import many, maybe, moment, number, obj, one_of, ref, string
from app.moderation import actions, desk, ground, measures, queries
from app.moderation.ladder import STEPS
from app.moderation.models import Measure, Note, ReviewItem

bp = Blueprint("casework", __name__)
_TRANSFER = obj("to", to=number(1), note=maybe(string(actions.LONGEST_NOTE)))
_DEFERRAL = obj("until", until=moment(), why=maybe(string(actions.LONGEST_NOTE)))
_NOTE = obj("text", text=string(desk.LONGEST_NOTE, 1))
_MEASURE = obj("step", "reason", step=one_of(*STEPS), reason=string(measures.LONGEST_REASON, 1))
_WHY = obj("why", why=string(measures.LONGEST_REASON, 1))


@bp.post("/moderation/items/<int:item_id>/transfer")
@endpoint("Leave an item to a colleague who may decide it", takes=_TRANSFER,
          gives={200: ref("ReviewItem")}, refuses=(403, 409))  # fmt: skip
def transfer(item_id: int, given: Given) -> ResponseReturnValue:
    """They are told; one's own lease ends."""
    item = queries.get_item(actor(), item_id)
    return _told(actions.transfer(actor(), item, to_id=given["to"], note=given.get("note") or ""))


@bp.post("/moderation/items/<int:item_id>/deferral")
@endpoint("Put an item off until more is known, thirty days at most", takes=_DEFERRAL,
          gives={200: ref("ReviewItem")}, refuses=(403, 409))  # fmt: skip
def defer(item_id: int, given: Given) -> ResponseReturnValue:
    """It comes back by itself; its deadline stays."""
    until = inputs.parse(given, until=inputs.moment())["until"]
    item = queries.get_item(actor(), item_id)
    return _told(actions.defer(actor(), item, until=until, why=given.get("why") or ""))


@bp.delete("/moderation/items/<int:item_id>/deferral")
@endpoint("Take up what was put off, before its day", gives={200: ref("ReviewItem")}, refuses=(403, 409))
def wake(item_id: int) -> ResponseReturnValue:
    """It waits again."""
    return _told(actions.wake(actor(), queries.get_item(actor(), item_id)))


@bp.get("/moderation/items/<int:item_id>/notes")
@endpoint("What moderators wrote for each other in a case",
          gives={200: obj("items", items=many(ref("Note")))}, refuses=(403,))  # fmt: skip
def notes(item_id: int) -> ResponseReturnValue:
    """In order; never shown to author or reporters."""
    item = queries.get_item(actor(), item_id)
    return {"items": [_note(one) for one in ground.notes(item.id)]}


@bp.post("/moderation/items/<int:item_id>/notes")
@endpoint("Write something down for colleagues", takes=_NOTE, gives={201: ref("Note")}, refuses=(403,))
def note(item_id: int, given: Given) -> ResponseReturnValue:
    """Author and reporters never see it."""
    return _note(desk.note(actor(), queries.get_item(actor(), item_id), body=given["text"])), 201


@bp.get("/moderation/items/<int:item_id>/measures")
@endpoint("Measures that rest, or rested, on the decision of an item",
          gives={200: obj("items", items=many(ref("Measure")))}, refuses=(403,))  # fmt: skip
def listed(item_id: int) -> ResponseReturnValue:
    """None before it is decided."""
    decision = queries.decision_of(queries.get_item(actor(), item_id))
    return {"items": [_measure(one) for one in ground.measures_on(decision.id)] if decision else []}


@bp.post("/moderation/items/<int:item_id>/measures")
@endpoint("Impose a measure on the ground of the decision", takes=_MEASURE,
          gives={201: ref("Measure")}, refuses=(403, 409))  # fmt: skip
def impose(item_id: int, given: Given) -> ResponseReturnValue:
    """`proposed` when another senior moderator has to agree."""
    decision = queries.decision_of(queries.get_item(actor(), item_id))
    if decision is None:
        raise Conflict
    return _measure(measures.impose(actor(), decision, step=given["step"], reason=given["reason"])), 201


@bp.post("/moderation/measures/<int:measure_id>/confirmation")
@endpoint("Agree with a measure, as another senior moderator",
          gives={200: ref("Measure")}, refuses=(403, 409))  # fmt: skip
def confirm(measure_id: int) -> ResponseReturnValue:
    """It begins."""
    return _measure(measures.confirm(actor(), _seen(measure_id)))


@bp.post("/moderation/measures/<int:measure_id>/refusal")
@endpoint("Disagree with a measure, as another senior moderator",
          gives={200: ref("Measure")}, refuses=(403, 409))  # fmt: skip
def refuse(measure_id: int) -> ResponseReturnValue:
    """Nothing begins."""
    return _measure(measures.refuse(actor(), _seen(measure_id)))


@bp.post("/moderation/measures/<int:measure_id>/end")
@endpoint("End a measure before its time", takes=_WHY, gives={200: ref("Measure")}, refuses=(403, 409))
def lift(measure_id: int, given: Given) -> ResponseReturnValue:
    """By a senior moderator who isn't concerned."""
    return _measure(measures.lift(actor(), _seen(measure_id), why=given["why"]))


def _seen(measure_id: int) -> Measure:
    """A measure on something that the actor reviews; NotFound otherwise, and for the author."""
    measure = db.session.get(Measure, measure_id, populate_existing=True)
    if measure is None:
        raise NotFound
    queries.get_decision(actor(), measure.decision_id)
    return measure


def _told(item: ReviewItem) -> serial.Json:
    return serial.item(queries.item_row(actor(), item))


def _note(note: Note) -> serial.Json:
    return {
        "id": note.id,
        "text": note.body,
        "by": queries.name_of(note.person_id),
        "mine": note.person_id == actor().id,
        "at": serial.instant(note.created_at),
    }


def _measure(measure: Measure) -> serial.Json:
    return {
        "id": measure.id,
        "decision_id": measure.decision_id,
        "step": measure.step,
        "state": measure.state,
        "reason": measure.reason,
        "ends_at": serial.instant(measure.ends_at) if measure.ends_at else None,
        "at": serial.instant(measure.created_at),
    }
