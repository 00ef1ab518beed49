"""What moderators hear of the queue, and where they sit. Numbers and states only: never who wrote what."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import or_, select

from app.kernel import changes, clock
from app.kernel.changes import MODERATORS
from app.kernel.db import db
from app.moderation import queries
from app.moderation.models import AUTO_RESOLVED, SEALED, ReviewItem
from app.people.actor import Actor
from app.spaces.models import MODERATOR, SECRET, Membership, Space

COMPANY, SENIORS = "moderators", "seniors"


class OfItem(Protocol):
    """Any fact about an item."""

    @property
    def item_id(self) -> int: ...
    @property
    def space_id(self) -> int: ...


def tell_queue(event: OfItem) -> None:
    changes.record("queue.changed", MODERATORS, event.space_id, item_id=event.item_id)


def queue_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """An item as it stands: state, version, and who is on it until when."""
    item = db.session.get(ReviewItem, payload["item_id"], populate_existing=True)
    if item is None:
        return None
    now = clock.now()
    lease = queries.lease_of(item, now)
    return {
        **payload,
        "state": AUTO_RESOLVED if item.state == SEALED else queries.state_of(item, now),
        "version": item.version,
        "lease": {"by_id": lease[0], "until": lease[1].isoformat()} if lease else None,
    }


def rooms(actor: Actor) -> list[str]:
    """The company's moderators sit together, seniors too; those of a space by membership."""
    if actor.is_partner:
        return []
    company = [COMPANY] if actor.is_moderator else []
    return [
        *company,
        *([SENIORS] if actor.is_senior else []),
        *(f"queue:{space}" for space in _spaces_of(actor)),
    ]


def rooms_of_queue(space_id: int) -> list[str]:
    """Where those sit who review a space; of a secret one the company's moderators hear nothing."""
    visibility = db.session.scalar(select(Space.visibility).where(Space.id == space_id))
    if visibility is None:
        return []
    return [f"queue:{space_id}", SENIORS, *([] if visibility == SECRET else [COMPANY])]


def _spaces_of(actor: Actor) -> list[int]:
    rows = select(Membership.space_id).join(Space, Space.id == Membership.space_id)
    rows = rows.where(Membership.person_id == actor.id)
    reviews = [Membership.role == MODERATOR, *([Space.visibility == SECRET] if actor.is_moderator else [])]
    return list(db.session.scalars(rows.where(or_(*reviews)).order_by(Membership.space_id)))
