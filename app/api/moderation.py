from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.api import queries as lists
from app.api import serial
from app.api.declare import PAGED, Given, endpoint, page_of
from app.charter.queries import findings
from app.kernel.http import actor
from app.kernel.openapi import maybe, number, obj, one_of, ref, string
from app.kernel.policy import require
from app.moderation import actions, queries
from app.moderation.models import CHOICES, Appeal, Decision, ReviewItem
from app.moderation.policy import is_reviewer

bp = Blueprint("moderation", __name__)
_ASKED = {**PAGED, "state": {**one_of(*queries.STATES), "default": queries.OPEN}, "space": number(1)}
_DECISION = obj(
    "outcome", "reason", "version",
    outcome=one_of(*CHOICES), clause=maybe(string(12)), reason=string(2000, 1), version=number(1, 10**9),
)  # fmt: skip


@bp.get("/moderation/items")
@endpoint("What waits for a moderator, the most pressing first (moderators)", asks=_ASKED,
          gives={200: page_of(ref("ReviewItem"))}, refuses=(403,))  # fmt: skip
def index(asked: Given) -> ResponseReturnValue:
    """The queue of the spaces one reviews; nothing tells who wrote or reported."""
    require(is_reviewer(actor()))
    page = queries.items(
        actor(), asked["state"], space_id=asked["space"], after=asked["after"], limit=asked["limit"]
    )
    return {"items": [serial.item(row) for row in page.items], "next": page.next}


@bp.get("/moderation/items/<int:item_id>")
@endpoint("One item, with all one needs to decide", gives={200: ref("ReviewCase")}, refuses=(403,))
def show(item_id: int) -> ResponseReturnValue:
    """The text, what was found and what was reported."""
    item = queries.get_item(actor(), item_id)
    g.version = item.version
    text = lists.revision(item.revision_id)
    return {
        **_told(item),
        "title": text.title,
        "body": text.body,
        "body_html": text.body_html,
        "findings": [serial.finding(found) for found in findings(item.revision_id)],
        "signals": [serial.signal(report) for report in lists.reports(item.id)],
        "outcomes": list(queries.outcomes(item)),
        "clauses": queries.concerned_clauses(item),
    }


@bp.post("/moderation/items/<int:item_id>/claim")
@endpoint("Take an item, so that colleagues leave it alone", gives={200: ref("ReviewItem")}, refuses=(409,))
def claim(item_id: int) -> ResponseReturnValue:
    """For ten minutes; one's own is prolonged."""
    return _told(actions.claim(actor(), queries.get_item(actor(), item_id)))


@bp.delete("/moderation/items/<int:item_id>/claim")
@endpoint("Give an item back to the queue", gives={204: None}, refuses=(409,))
def let_go(item_id: int) -> ResponseReturnValue:
    """Colleagues may take it."""
    actions.let_go(actor(), queries.get_item(actor(), item_id))
    return "", 204


@bp.post("/moderation/items/<int:item_id>/decisions")
@endpoint("Decide, once", takes=_DECISION, refuses=(409,),
          gives={200: ref("ReviewItem"), 201: ref("Decision"), 202: ref("ReviewItem")})  # fmt: skip
def decide(item_id: int, given: Given) -> ResponseReturnValue:
    """409 `stale`, with the present state, when somebody was faster.

    202 when it waits for a second senior moderator, or was passed on to them; 200 once an appeal is answered.
    """
    words: dict[str, Any] = {"clause": None, **given}
    item = queries.get_item(actor(), item_id)
    made = actions.settle(actor(), item, **words)
    if isinstance(made, Decision):
        return _decision(made), 201
    return _told(item), 200 if isinstance(made, Appeal) else 202


def _told(item: ReviewItem) -> serial.Json:
    return serial.item(queries.item_row(actor(), item))


def _decision(made: Decision) -> serial.Json:
    names = ("id", "item_id", "outcome", "clause", "charter_version", "reason")
    return {**{name: getattr(made, name) for name in names}, "at": serial.instant(made.created_at)}
