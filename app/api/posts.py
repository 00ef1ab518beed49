from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.api import entries, serial
from app.api.declare import PAGED, Given, endpoint, expected, page_of
from app.api.entries import EDITED_POST, NEW_POST
from app.feed.queries import of_space
from app.kernel.errors import Conflict, PreconditionFailed
from app.kernel.http import actor
from app.kernel.openapi import ref
from app.posts import actions, queries
from app.posts.inputs import Edition, Written
from app.spaces.queries import get_space

bp = Blueprint("posts", __name__)


@bp.get("/spaces/<int:space_id>/posts")
@endpoint("Posts of a space, newest first", asks=PAGED, gives={200: page_of(ref("Post"))})
def index(space_id: int, asked: Given) -> ResponseReturnValue:
    """A page of a space."""
    page = of_space(actor(), get_space(actor(), space_id), after=asked["after"], limit=asked["limit"])
    return {"items": entries.post_cards(actor(), page.items), "next": page.next}


@bp.post("/spaces/<int:space_id>/posts")
@endpoint("Say something: published, or held for a moderator", takes=NEW_POST, gives={201: ref("Post")},
          refuses=(409,))  # fmt: skip
def create(space_id: int, given: Given) -> ResponseReturnValue:
    """A new post; a nudge (409) or a block (422) keeps the text as a draft."""
    space = get_space(actor(), space_id)
    new = Written.post(given, strict=True)
    entries.keep_if_refused(actor(), f"space-{space.id}", given)
    entry = actions.publish(actor(), space, new)
    return entries.one(actor(), entry), 201, {"Location": f"/api/v1/posts/{entry.id}"}


@bp.get("/posts/<int:post_id>")
@endpoint("One post", gives={200: ref("Post")})
def show(post_id: int) -> ResponseReturnValue:
    """A post one may see."""
    entry = queries.get_post(actor(), post_id)
    g.version = entries.edition(actor(), entry)
    return entries.one(actor(), entry)


@bp.patch("/posts/<int:post_id>")
@endpoint("Say it differently", takes=EDITED_POST, gives={200: ref("Post")}, refuses=(409,))
def change(post_id: int, given: Given) -> ResponseReturnValue:
    """An edit of one's own; readers keep the approved text while it is held."""
    entry, seen = queries.get_post(actor(), post_id), expected(Edition.read)
    new = Written.post(entries.merged(entry, given, ("title", "body", "attachments", "alts")), strict=True)
    entries.keep_if_refused(actor(), f"edit-{entry.id}", given)
    try:
        actions.edit(actor(), entry, new, seen=seen)
    except Conflict as problem:
        raise (PreconditionFailed() if seen is not None else problem) from problem
    return entries.one(actor(), queries.get_post(actor(), post_id))


@bp.delete("/posts/<int:post_id>")
@endpoint("Take a post back", gives={204: None}, refuses=(409,))
def delete(post_id: int) -> ResponseReturnValue:
    """Deleted when it was published, withdrawn when it waited."""
    actions.take_back(actor(), queries.get_post(actor(), post_id))
    return "", 204


@bp.get("/posts/<int:post_id>/revisions")
@endpoint("What a post said before, oldest first", gives={200: page_of(ref("Revision"))})
def revisions(post_id: int) -> ResponseReturnValue:
    """Every text that readers saw."""
    entry = queries.get_post(actor(), post_id)
    found = [
        serial.revision(r, is_shown=r.id == entry.revision_id) for r in queries.revisions(actor(), entry)
    ]
    return {"items": found, "next": None}
