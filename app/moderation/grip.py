"""The item as it is now, kept from changing until the end; and changes that count only while it is so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from app.kernel import audit, store
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Stale
from app.kernel.policy import require
from app.moderation import policy, queries
from app.moderation.machine import ITEM
from app.moderation.models import OPEN_STATES, ReviewItem
from app.people.actor import Actor
from app.posts.models import Entry
from app.spaces.models import Space

NOBODY = {"lease_by_id": None, "lease_until": None}


def locked(entry_id: int) -> Entry:
    """The entry as it is now, kept from changing until the end: always locked before its item."""
    rows = select(Entry).where(Entry.id == entry_id).options(joinedload(Entry.space, innerjoin=True))
    entry = db.session.scalar(
        rows.with_for_update(key_share=True, of=Entry).execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFound
    return entry


def seen_by(actor: Actor, item: ReviewItem) -> ReviewItem:
    """The item as it is now; NotFound for those who don't review its space, Forbidden for its author."""
    fresh = db.session.get(ReviewItem, item.id, populate_existing=True)
    if fresh is None:
        raise NotFound
    if policy.knows_of_own(actor, fresh):
        raise Forbidden(policy.why_not(actor, fresh) or "")
    if not policy.can_see_item(actor, fresh, db.session.get_one(Space, fresh.space_id)):
        raise NotFound
    return fresh


def open_to(actor: Actor, item: ReviewItem, now: datetime, *, decides: bool = True) -> ReviewItem:
    """An item that waits and that is the actor's to handle; Stale when nothing is left to do."""
    fresh = seen_by(actor, item)
    if fresh.state not in OPEN_STATES:
        raise Stale(**queries.present_state(fresh, now))
    refusal = policy.why_not(actor, fresh) if decides else None
    require(refusal is None, refusal or "")
    return fresh


def free_for(actor: Actor, now: datetime) -> Any:
    """Nobody else is on it."""
    return or_(
        ReviewItem.lease_by_id.is_(None), ReviewItem.lease_by_id == actor.id, ReviewItem.lease_until <= now
    )


def step(
    item: ReviewItem,
    event: str,
    now: datetime,
    *only: Any,
    by_id: int | None,
    told: Any = None,
    **values: Any,
) -> None:
    """Move an item as its machine says, if it stands where that begins; Stale with the present state."""
    move = ITEM[event]
    change = update(ReviewItem).where(ReviewItem.id == item.id, ReviewItem.state.in_(move.sources), *only)
    one(change.values(state=move.target, **values), item, now)
    audit.record(move.act, by_id, f"item:{item.id}", entry=item.entry_id, **(told or {}))


def one(change: Any, item: ReviewItem, now: datetime) -> None:
    """Make the change if what it expects still holds; Stale with the present state otherwise."""
    changed = store.changed(change.execution_options(synchronize_session=False))
    db.session.refresh(item)
    if changed != 1:
        raise Stale(**queries.present_state(item, now))
