"""Small things one does to a post or a comment: on with PUT, off with DELETE, twice is once."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.declare import Given, endpoint
from app.kernel.http import actor
from app.kernel.openapi import obj, one_of, string
from app.notifications import actions as notifications
from app.posts import actions
from app.posts.models import REACTIONS
from app.posts.queries import get_comment, get_post

bp = Blueprint("signs", __name__)
_BOTH = ["PUT", "DELETE"]
_REACTION = {"name": one_of(*REACTIONS)}


@bp.route("/posts/<int:post_id>/reactions/<name>", methods=_BOTH)
@endpoint("Put one's sign under a post, or take it away", path=_REACTION, gives={204: None}, refuses=(409,))
def react_to_post(post_id: int, name: str) -> ResponseReturnValue:
    """One of a small set."""
    actions.react(actor(), get_post(actor(), post_id), name, on=_is_on())
    return "", 204


@bp.route("/comments/<int:comment_id>/reactions/<name>", methods=_BOTH)
@endpoint(
    "Put one's sign under a comment, or take it away", path=_REACTION, gives={204: None}, refuses=(409,)
)
def react_to_comment(comment_id: int, name: str) -> ResponseReturnValue:
    """One of a small set."""
    actions.react(actor(), get_comment(actor(), comment_id), name, on=_is_on())
    return "", 204


@bp.put("/posts/<int:post_id>/urgency")
@endpoint("Ring for those at rest too, about an announcement of one's own",
          takes=obj("motive", motive=string(300, 10)), gives={204: None})  # fmt: skip
def urgency(post_id: int, given: Given) -> ResponseReturnValue:
    """The reason is kept in the log."""
    notifications.declare_urgent(actor(), get_post(actor(), post_id), motive=given["motive"])
    return "", 204


@bp.route("/posts/<int:post_id>/pin", methods=_BOTH)
@endpoint("Keep a post at the top of its space, or no longer", gives={204: None})
def pin(post_id: int) -> ResponseReturnValue:
    """For owners and moderators of the space."""
    actions.pin(actor(), get_post(actor(), post_id), on=_is_on())
    return "", 204


@bp.route("/posts/<int:post_id>/bookmark", methods=_BOTH)
@endpoint("Keep a post to find it again, or no longer", gives={204: None})
def bookmark(post_id: int) -> ResponseReturnValue:
    """Known to oneself only."""
    actions.bookmark(actor(), get_post(actor(), post_id), on=_is_on())
    return "", 204


@bp.route("/posts/<int:post_id>/follow", methods=_BOTH)
@endpoint("Hear of new comments, or never", gives={204: None})
def follow(post_id: int) -> ResponseReturnValue:
    """Authors and commenters follow by themselves."""
    actions.follow(actor(), get_post(actor(), post_id), on=_is_on())
    return "", 204


@bp.route("/posts/<int:post_id>/acknowledgement", methods=_BOTH)
@endpoint("Say that one has read an announcement", gives={204: None})
def acknowledge(post_id: int) -> ResponseReturnValue:
    """For announcements."""
    actions.acknowledge(actor(), get_post(actor(), post_id), on=_is_on())
    return "", 204


def _is_on() -> bool:
    return request.method == "PUT"
