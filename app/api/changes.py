from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.api.declare import Given, endpoint, page_of
from app.kernel import changes, live
from app.kernel.changes import Cursor
from app.kernel.errors import Invalid
from app.kernel.http import actor
from app.kernel.openapi import ref, string
from app.moderation import heard

bp = Blueprint("changes", __name__)
_START = Cursor(0, 0)


@bp.get("/changes")
@endpoint(
    "What I may see that changed since a cursor; without one, where to begin",
    asks={"since": string(100)},
    gives={200: page_of(ref("Change"))},
)
def index(asked: Given) -> ResponseReturnValue:
    """The catch-up after a lost connection. `reload`: too much time passed, load everything afresh."""
    if not asked["since"]:
        return {"items": [], "next": str(heard.beginning(actor()))}
    since = _cursor(asked["since"])
    if not _is_kept(since):
        return {"items": [{"name": "reload"}], "next": str(heard.beginning(actor()))}
    rows = heard.since(actor(), since)
    end = Cursor(rows[-1].xid, rows[-1].id) if rows else since
    return {"items": [told for row in rows if (told := _told(row)) is not None], "next": str(end)}


def _told(row: Any) -> dict[str, Any] | None:
    message = live.render(row.name, row.payload)
    return None if message is None else {**message, "cursor": str(Cursor(row.xid, row.id)), "name": row.name}


def _is_kept(since: Cursor) -> bool:
    """What followed it is still there, and it isn't a place that nothing has reached."""
    ends = changes.ends()
    if ends is None:
        return since == _START
    oldest, newest = ends
    return oldest <= since <= newest or (since == _START and oldest.id == 1)


def _cursor(token: str) -> Cursor:
    try:
        return Cursor.parse(token)
    except ValueError as problem:
        raise Invalid(fields={"since": _("This isn't a cursor. Leave it out to begin.")}) from problem
