from typing import Any

from app.auth.events import SessionsEnded
from app.auth.queries import standing_sessions, standing_tokens
from app.gate import queries as gate
from app.kernel import changes, sockets
from app.kernel.changes import PERSON
from app.kernel.errors import Outside, ReadOnly
from app.kernel.sockets import Seat
from app.people.actor import Actor
from app.people.events import AccessChanged


def recheck_person(event: AccessChanged | SessionsEnded) -> None:
    """Every process asks again whether this person's sockets may stay."""
    changes.record("access.changed", PERSON, event.person_id)


def reseat_person(change: Any) -> None:
    """Cut or correct the sockets of the person of this change."""
    sockets.reseat(change.audience_id)


def still_valid(seats: list[Seat]) -> dict[str, Actor]:
    """Those of these seats whose session or token still stands, and whom the gate lets in from where they
    are: sid → who they are now. Two queries.
    """
    sessions = standing_sessions([s.actor.session_id for s in seats if s.actor.session_id is not None])
    tokens = standing_tokens([s.actor.token_id for s in seats if s.actor.token_id is not None])
    found = {s.sid: sessions.get(s.actor.session_id or 0) or tokens.get(s.actor.token_id or 0) for s in seats}
    where = {s.sid: s.environ.get("parvis.address") for s in seats}
    return {
        sid: person
        for sid, person in found.items()
        if person is not None and gate.standing(person, where[sid]).may_stay
    }


def refusal(seat: Seat, *, writes: bool) -> str | None:
    """The code with which a message is refused that the gate doesn't let through at this moment."""
    standing = gate.standing(seat.actor, seat.environ.get("parvis.address"))
    if not standing.may_stay:
        return Outside.code
    return ReadOnly.code if writes and standing.reads_only else None
