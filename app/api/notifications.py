from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import PAGED, Given, endpoint, page_of
from app.kernel.http import actor
from app.kernel.openapi import number, obj, ref
from app.notifications import actions, queries

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
@endpoint("What concerns me, newest first", asks=PAGED, gives={200: page_of(ref("Notification"))})
def index(asked: Given) -> ResponseReturnValue:
    """Alike ones are one line."""
    page = queries.notifications(actor(), after=asked["after"], limit=asked["limit"])
    return {"items": [serial.notification(line) for line in page.items], "next": page.next}


@bp.put("/notifications/read")
@endpoint("Take as read: one line, all until one, or all", takes=obj(id=number(1), up_to=number(1)),
          gives={204: None}, refuses=(404,))  # fmt: skip
def read(given: Given) -> ResponseReturnValue:
    """Known to oneself only."""
    if "id" in given:
        actions.mark_read(actor(), line=queries.get_notification(actor(), given["id"]))
    elif (newest := given.get("up_to") or _newest()) is not None:
        actions.mark_read(actor(), up_to=queries.get_notification(actor(), newest))
    return "", 204


def _newest() -> int | None:
    lines = queries.notifications(actor(), limit=1).items
    return lines[0].id if lines else None
