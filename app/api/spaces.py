from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.api import queries, serial
from app.api.declare import PAGED, Given, endpoint, expected_version, page_of
from app.api.queries import SpaceRow
from app.kernel.errors import PreconditionFailed
from app.kernel.http import actor
from app.kernel.inputs import optional, parse, text
from app.kernel.openapi import boolean, maybe, number, obj, one_of, ref, string
from app.spaces import actions
from app.spaces.models import KINDS, VISIBILITIES
from app.spaces.queries import get_space

bp = Blueprint("spaces", __name__)
_FIELDS = {
    "name": string(80, 1),
    "about": string(2000),
    "visibility": one_of(*VISIBILITIES),
    "joins_freely": boolean(),
}
_NEW = obj("name", **_FIELDS, kind=one_of(*KINDS), organisation_id=maybe(number(1)))
_CLEAN: dict[str, Any] = {
    "name": text(longest=80, lines=False),
    "about": optional(text(longest=2000, shortest=0), ""),
}


@bp.get("/spaces")
@endpoint("Spaces I may know of, by name", asks=PAGED, gives={200: page_of(ref("Space"))})
def index(asked: Given) -> ResponseReturnValue:
    """Every space one may see or ask to join."""
    page = queries.spaces(actor(), after=asked["after"], limit=asked["limit"])
    return {"items": [_told(row) for row in page.items], "next": page.next}


@bp.post("/spaces")
@endpoint("Make a space", takes=_NEW, gives={201: ref("Space")})
def create(given: Given) -> ResponseReturnValue:
    """A new place of one's own."""
    space = actions.create_space(actor(), **{**given, **parse(given, **_CLEAN)})
    return _told(queries.space(actor(), space.id)), 201


@bp.get("/spaces/<int:space_id>")
@endpoint("One space", gives={200: ref("Space")})
def show(space_id: int) -> ResponseReturnValue:
    """A space one may know of."""
    found = queries.space(actor(), space_id)
    g.version = found.space.version
    return _told(found)


@bp.patch("/spaces/<int:space_id>")
@endpoint("Rename, describe, open or close a space", takes=obj(**_FIELDS), gives={200: ref("Space")})
def change(space_id: int, given: Given) -> ResponseReturnValue:
    """What isn't given stays."""
    space, expected = get_space(actor(), space_id), expected_version()
    if expected is not None and expected != space.version:
        raise PreconditionFailed
    present = {name: getattr(space, name) for name in _FIELDS}
    actions.change_space(actor(), space, **{**present, **given, **parse({**present, **given}, **_CLEAN)})
    return _told(queries.space(actor(), space_id))


def _told(row: SpaceRow) -> serial.Json:
    return serial.space(row.space, row.role, can_read=row.can_read)
