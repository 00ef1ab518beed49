from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import queries, serial
from app.api.declare import PAGED, Given, endpoint, page_of
from app.kernel.http import actor
from app.kernel.openapi import ref, string

bp = Blueprint("people", __name__)


@bp.get("/people")
@endpoint(
    "People I may know of, by name", asks={**PAGED, "q": string(100)}, gives={200: page_of(ref("Person"))}
)
def index(asked: Given) -> ResponseReturnValue:
    """Those whose name or login has words that begin so."""
    page = queries.people(actor(), q=asked["q"] or "", after=asked["after"], limit=asked["limit"])
    return {"items": [serial.person(who) for who in page.items], "next": page.next}


@bp.get("/people/<int:person_id>")
@endpoint("One person", gives={200: ref("Profile")})
def show(person_id: int) -> ResponseReturnValue:
    """Somebody one may know of."""
    who, organisation = queries.person(actor(), person_id)
    return serial.profile(who, organisation)
