from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api.declare import PAGED, Given, endpoint, page_of
from app.api.entries import post_cards
from app.feed import queries
from app.kernel.http import actor
from app.kernel.openapi import one_of, ref

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
    return {"items": post_cards(actor(), page.items), "next": page.next}
