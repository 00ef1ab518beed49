from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.api import queries
from app.api.declare import Given, endpoint, page_of
from app.kernel import changes, live
from app.kernel.changes import Cursor
from app.kernel.errors import Invalid
from app.kernel.http import actor
from app.kernel.openapi import ref, string

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
        return {"items": [], "next": str(_beginning())}
    since = _cursor(asked["since"])
    if _is_behind(since) or since > changes.head():
        return {"items": [{"name": "reload"}], "next": str(_beginning())}
    rows = queries.changed(actor(), since)
    end = Cursor(rows[-1].xid, rows[-1].id) if rows else since
    return {"items": [told for row in rows if (told := _told(row)) is not None], "next": str(end)}


def _beginning() -> Cursor:
    """The reader's own last change, else the first that is kept: neither moves with what they can't see."""
    last = queries.last_heard(actor())
    return last if last != _START else changes.oldest() or _START


def _told(row: Any) -> dict[str, Any] | None:
    message = live.render(row.name, row.payload)
    return None if message is None else {**message, "cursor": str(Cursor(row.xid, row.id)), "name": row.name}


def _is_behind(since: Cursor) -> bool:
    oldest = changes.oldest()
    if oldest is None:
        return since != _START
    return since < oldest and not (since == _START and oldest.id == 1)


def _cursor(token: str) -> Cursor:
    try:
        return Cursor.parse(token)
    except ValueError as problem:
        raise Invalid(fields={"since": _("This isn't a cursor. Leave it out to begin.")}) from problem
