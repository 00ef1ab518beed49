from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import queries, serial
from app.api.declare import PAGED, Given, endpoint, page_of
from app.kernel.http import actor
from app.kernel.openapi import obj, one_of, ref
from app.spaces import actions
from app.spaces.models import MEMBER, MEMBER_ROLES
from app.spaces.queries import find_space, get_space

bp = Blueprint("members", __name__)
_ROLE = obj(role=one_of(*MEMBER_ROLES))


@bp.get("/spaces/<int:space_id>/members")
@endpoint("Those who belong, by name", asks=PAGED, gives={200: page_of(ref("Member"))})
def index(space_id: int, asked: Given) -> ResponseReturnValue:
    """The members of a space one reads."""
    space = get_space(actor(), space_id)
    page = queries.members(actor(), space, after=asked["after"], limit=asked["limit"])
    return {
        "items": [{"person": serial.person(who), "role": role} for who, role in page.items],
        "next": page.next,
    }


@bp.put("/spaces/<int:space_id>/members/<int:person_id>")
@endpoint("Let somebody in, or give them another role", takes=_ROLE, gives={204: None}, refuses=(409,))
def put(space_id: int, person_id: int, given: Given) -> ResponseReturnValue:
    """They belong from now on."""
    space = find_space(actor(), space_id)
    actions.add_member(actor(), space, queries.person(actor(), person_id)[0], role=given.get("role", MEMBER))
    return "", 204


@bp.delete("/spaces/<int:space_id>/members/<int:person_id>")
@endpoint("Make somebody leave", gives={204: None}, refuses=(409,))
def delete(space_id: int, person_id: int) -> ResponseReturnValue:
    """They no longer belong."""
    space = find_space(actor(), space_id)
    actions.remove_member(actor(), space, queries.person(actor(), person_id)[0])
    return "", 204


@bp.put("/spaces/<int:space_id>/membership")
@endpoint("Join, or ask to", gives={200: ref("Membership"), 202: ref("Membership")})
def join(space_id: int) -> ResponseReturnValue:
    """One belongs now (200), or its owners are asked (202)."""
    belongs = actions.join(actor(), find_space(actor(), space_id))
    return ({"state": "member"}, 200) if belongs else ({"state": "requested"}, 202)


@bp.delete("/spaces/<int:space_id>/membership")
@endpoint("Leave", gives={204: None}, refuses=(409,))
def leave(space_id: int) -> ResponseReturnValue:
    """One no longer belongs."""
    actions.leave(actor(), find_space(actor(), space_id))
    return "", 204
