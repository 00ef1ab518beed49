from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter.queries import has_accepted, may_write
from app.charter.reading import supplements
from app.feed import queries
from app.kernel.http import actor, is_fragment, public
from app.kernel.inputs import choice, optional, parse
from app.kernel.page import Page
from app.people.actor import Actor
from app.posts import cards, views
from app.posts import queries as posts
from app.posts.composer import composer
from app.posts.held import held_view
from app.spaces import policy as spaces_policy
from app.spaces import queries as spaces
from app.spaces.view import space_view

bp = Blueprint("feed", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Everything new in the spaces one reads, newest first."""
    given = parse(request.args, scope=optional(choice(*queries.SCOPES), "all"))
    page = queries.home(actor(), scope=given["scope"], after=request.args.get("after"))
    base = "/?" if given["scope"] == "all" else f"/?scope={given['scope']}&"
    context = page_context(page, base)
    if is_fragment():
        return render_template("feed/_page.html", fragment=True, **context)
    accepted = has_accepted(actor())
    return render_template(
        "feed/home.html",
        composer=composer(actor(), is_open="write" in request.args) if may_write(actor()) else None,
        must_accept=not accepted,
        pinned=[],
        filters={"scope": given["scope"], "type": "", "space_id": None},
        side=side(actor()),
        waiting=[held_view(entry) for entry in posts.waiting_entries(actor())],
        **context,
    )


@bp.get("/spaces/<int:space_id>")
def space(space_id: int) -> ResponseReturnValue:
    """A space and its posts; where one may only ask to join, what it is for."""
    found = spaces.find_space(actor(), space_id)
    if not spaces_policy.can_read(actor(), found):
        return about(space_id)
    page = queries.of_space(actor(), found, after=request.args.get("after"))
    context = page_context(page, f"/spaces/{space_id}?")
    if is_fragment():
        return render_template("feed/_page.html", fragment=True, **context)
    pinned = posts.cards(posts.pinned(space_id))
    return render_template(
        "spaces/show.html",
        space=space_view(actor(), found),
        composer=composer(actor(), space_id=space_id) if may_write(actor()) else None,
        pinned=list(pinned.values()),
        side=side(actor()),
        **context,
    )


@bp.get("/spaces/<int:space_id>/about")
def about(space_id: int) -> ResponseReturnValue:
    """What a space is for and who looks after it."""
    found = spaces.find_space(actor(), space_id)
    owners = [person for person, role in spaces.members(actor(), found) if role == "owner"]
    return render_template(
        "spaces/about.html",
        space=space_view(actor(), found),
        owners=owners,
        created_at=found.created_at,
        supplements=supplements(space_id),
    )


@bp.get("/spaces/<int:space_id>/files")
def files(space_id: int) -> ResponseReturnValue:
    """The files joined to the posts of a space."""
    found = spaces.get_space(actor(), space_id)
    page = posts.files_of_space(found, after=request.args.get("after"))
    following = f"/spaces/{space_id}/files?after={page.next}" if page.next else None
    return render_template(
        "spaces/files.html", space=space_view(actor(), found), files=page.items, next=following
    )


@bp.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """The script that keeps the last feed readable offline; it must live at the root to serve the whole
    site.
    """
    response = current_app.send_static_file("sw.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """What is shown when there is no network and nothing kept."""
    return render_template("offline.html")


def page_context(page: Page[Any], base: str) -> dict[str, Any]:
    """What feed/_page.html shows: cards as HTML, the reader's marks, the way on."""
    views.seen(card.id for card in page.items)
    return {
        "cards": cards.html(page.items),
        "marks": posts.marks(actor(), page.items),
        "next": f"{base}after={page.next}" if page.next else None,
    }


def side(person: Actor) -> dict[str, Any]:
    """The right column: what waits to be read."""
    announcements = [
        {"id": row.id, "title": row.title or _("Announcement"), "href": f"/posts/{row.id}", "until": None}
        for row in posts.to_acknowledge(person)
    ]
    return {"announcements": announcements, "events": [], "present": [], "present_more": 0, "quiet": None}
