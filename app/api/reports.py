from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api.declare import Given, endpoint
from app.kernel.http import actor
from app.kernel.openapi import maybe, obj, ref, string
from app.moderation import actions
from app.moderation.signals import LONGEST_COMMENT
from app.posts.models import Entry
from app.posts.queries import get_comment, get_post

bp = Blueprint("reports", __name__)
_REPORT = obj("clause", clause=string(12, 1), comment=maybe(string(LONGEST_COMMENT)), file=maybe(string(60)))


@bp.post("/posts/<int:post_id>/reports")
@endpoint("Tell moderators what a post goes against", takes=_REPORT, gives={202: ref("Report")})
def of_post(post_id: int, given: Given) -> ResponseReturnValue:
    """A clause in force, or in_picture, danger, other."""
    return _reported(get_post(actor(), post_id), given)


@bp.post("/comments/<int:comment_id>/reports")
@endpoint("Tell moderators what a comment goes against", takes=_REPORT, gives={202: ref("Report")})
def of_comment(comment_id: int, given: Given) -> ResponseReturnValue:
    """Likewise."""
    return _reported(get_comment(actor(), comment_id), given)


def _reported(entry: Entry, given: Given) -> ResponseReturnValue:
    part = f"file:{given['file']}" if given.get("file") else ""
    made = actions.report(
        actor(), entry, clause=given["clause"], comment=given.get("comment") or "", part=part
    )
    return {"id": made.id, "clause": made.reason, "outcome": made.outcome}, 202
