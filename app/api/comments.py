from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.api import entries
from app.api.declare import PAGED, Given, endpoint, expected, page_of
from app.api.entries import EDITED_COMMENT, NEW_COMMENT
from app.kernel.errors import Conflict, PreconditionFailed
from app.kernel.http import actor
from app.kernel.openapi import ref
from app.posts import actions, queries
from app.posts.inputs import Edition, Written

bp = Blueprint("comments", __name__)


@bp.get("/posts/<int:post_id>/comments")
@endpoint("The comments of a post, oldest first", asks=PAGED, gives={200: page_of(ref("Comment"))})
def index(post_id: int, asked: Given) -> ResponseReturnValue:
    """A page of a thread."""
    root = queries.get_post(actor(), post_id)
    page = queries.flat_comments(root, after=asked["after"], limit=asked["limit"])
    return {"items": entries.comment_list(actor(), root, page.items), "next": page.next}


@bp.post("/posts/<int:post_id>/comments")
@endpoint(
    "Answer a post or one of its comments", takes=NEW_COMMENT, gives={201: ref("Comment")}, refuses=(409,)
)
def create(post_id: int, given: Given) -> ResponseReturnValue:
    """A new comment; answered as for posts."""
    root = queries.get_post(actor(), post_id)
    new = Written.comment(given, strict=True)
    entries.keep_if_refused(actor(), f"comment-{root.id}", given)
    entry = actions.comment(actor(), root, new)
    return entries.one(actor(), entry), 201, {"Location": f"/api/v1/comments/{entry.id}"}


@bp.get("/comments/<int:comment_id>")
@endpoint("One comment", gives={200: ref("Comment")})
def show(comment_id: int) -> ResponseReturnValue:
    """A comment one may see."""
    entry = queries.get_comment(actor(), comment_id)
    g.version = entries.edition(actor(), entry)
    return entries.one(actor(), entry)


@bp.patch("/comments/<int:comment_id>")
@endpoint("Say it differently", takes=EDITED_COMMENT, gives={200: ref("Comment")}, refuses=(409,))
def change(comment_id: int, given: Given) -> ResponseReturnValue:
    """An edit of one's own."""
    entry, seen = queries.get_comment(actor(), comment_id), expected(Edition.read)
    new = Written.comment(entries.merged(entry, given, ("body", "attachments", "alts")), strict=True)
    entries.keep_if_refused(actor(), f"edit-{entry.id}", given)
    try:
        actions.edit(actor(), entry, new, seen=seen)
    except Conflict as problem:
        raise (PreconditionFailed() if seen is not None else problem) from problem
    return entries.one(actor(), queries.get_comment(actor(), comment_id))


@bp.delete("/comments/<int:comment_id>")
@endpoint("Take a comment back", gives={204: None}, refuses=(409,))
def delete(comment_id: int) -> ResponseReturnValue:
    """Deleted when it was published, withdrawn when it waited."""
    actions.take_back(actor(), queries.get_comment(actor(), comment_id))
    return "", 204
