from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api.declare import PAGED, Given, endpoint, page_of
from app.api.entries import post_cards
from app.feed import queries
from app.kernel import http
from app.kernel.http import actor
from app.kernel.openapi import one_of, ref
from app.posts import queries as posts

bp = Blueprint("feed", __name__)


@bp.get("/feed")
@endpoint(
    "The home feed, newest first",
    asks={**PAGED, "scope": {**one_of(*queries.SCOPES), "default": "all"}},
    gives={200: page_of(ref("Post"))},
)
def home(asked: Given) -> ResponseReturnValue:
    """Posts of every space one reads."""
    page = queries.home(actor(), scope=asked["scope"], after=asked["after"], limit=asked["limit"])
    marks = posts.marks(actor(), page.items)
    http.name_version([actor().locale, page.next, marks, [(row.id, row.version) for row in page.items]])
    return {"items": post_cards(actor(), page.items, marks), "next": page.next}
