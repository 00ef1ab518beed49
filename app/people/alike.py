"""Questions put together once for all who have the same rights, instead of once a person.

Rules of visibility are written for an actor. `stand_in` is an actor whose numbers are parameters: what a rule
builds from it holds for everybody of that segment with those roles, and `values` are one person's numbers.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam

from app.kernel.db import BigInt
from app.people.actor import Actor

Shape = tuple[str, frozenset[str], bool]


def shape(actor: Actor) -> Shape:
    """All of an actor that decides how a rule of visibility is written."""
    return actor.segment, actor.roles, actor.organisation_id is not None


def stand_in(segment: str, roles: frozenset[str], belongs: bool) -> Actor:
    """An actor of this shape, for building statements only."""
    numbers: dict[str, Any] = {
        "id": bindparam("my_id", type_=BigInt),
        "organisation_id": bindparam("my_organisation", type_=BigInt) if belongs else None,
    }
    return Actor(login="", name="", segment=segment, roles=roles, **numbers)


def values(actor: Actor) -> dict[str, Any]:
    """What the parameters of a stand-in stand for."""
    return {"my_id": actor.id, "my_organisation": actor.organisation_id}
