from __future__ import annotations

from typing import Any

from app.kernel import changes, sockets
from app.kernel.changes import PERSON, SPACE
from app.kernel.db import db
from app.people.actor import Actor
from app.spaces.events import MemberJoined, MemberLeft, SpaceChanged
from app.spaces.models import Space
from app.spaces.queries import closed_spaces_of

OPEN_TO_EMPLOYEES = "employees"


def rooms(actor: Actor) -> list[str]:
    """Employees hear every open space in one room; closed ones, and everything for partners, by
    membership.
    """
    own = [f"space:{space_id}" for space_id in closed_spaces_of(actor)]
    return own if actor.is_partner else [OPEN_TO_EMPLOYEES, *own]


def reseat_member(event: MemberJoined | MemberLeft) -> None:
    """Their sockets sit in other rooms now, in every process, before anything later is told."""
    changes.record("access.changed", PERSON, event.person_id)


def tell_space(event: SpaceChanged) -> None:
    changes.record("space.changed", SPACE, event.space_id, space_id=event.space_id)


def reseat_everyone(_change: Any) -> None:
    """A space opened or closed: everybody's rooms may differ."""
    for person_id in {seat.actor.id for seat in sockets.seats.values()}:
        sockets.reseat(person_id)


def space_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """A space's name and kind as they are now."""
    space = db.session.get(Space, payload["space_id"], populate_existing=True)
    return {**payload, "space_name": space.name, "space_kind": space.kind} if space else None


def rooms_of_space(space_id: int) -> list[str]:
    """Where those sit who read a space: its own room, and everyone's when it is open."""
    visibility = db.session.get(Space, space_id)
    return [
        f"space:{space_id}",
        *([OPEN_TO_EMPLOYEES] if visibility is not None and visibility.is_open else []),
    ]
