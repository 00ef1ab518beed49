from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import PAGED, Given, endpoint
from app.kernel.http import actor
from app.kernel.openapi import number, one_of, ref, string
from app.search import queries
from app.search.queries import FoundEntry, FoundSpace

bp = Blueprint("search", __name__)
_ASKED = {
    **PAGED,
    "q": {**string(queries.LONGEST_QUERY), "default": ""},
    "kind": one_of(*queries.KINDS),
    "space": number(1),
}


@bp.get("/search")
@endpoint("What holds every word asked, among what I may see", asks=_ASKED, gives={200: ref("Results")})
def index(asked: Given) -> ResponseReturnValue:
    """People and spaces on the first page; posts and comments newest first."""
    found = queries.search(
        actor(), asked["q"], asked["kind"], asked["after"], asked["limit"], space_id=asked["space"]
    )
    names = ("id", "name", "title", "photo_url")
    return {
        "people": [{name: getattr(who, name) for name in names} for who in found.people],
        "spaces": [_space(space) for space in found.spaces],
        "items": [_entry(entry) for entry in found.entries],
        "next": found.next,
    }


def _space(found: FoundSpace) -> serial.Json:
    return {"id": found.id, "name": found.name, "kind": found.kind, "organisation": found.organisation_name}


def _entry(found: FoundEntry) -> serial.Json:
    return {
        "id": found.id,
        "kind": found.kind,
        "author": {"id": found.author.id, "name": found.author.name},
        "space": {"name": found.space.name, "kind": found.space.kind},
        "at": serial.instant(found.at),
        "url": found.url,
        "title": _plain(found.title_marks) if found.title_marks else None,
        "excerpt": _plain(found.text_marks),
    }


def _plain(pieces: Sequence[tuple[str, bool]]) -> str:
    return "".join(text for text, _is_hit in pieces)
