"""Taking an item out of everybody's sight but of those to whom it is entrusted. Steps of actions."""

from __future__ import annotations

from sqlalchemy import update

from app.kernel import clock
from app.kernel.action import announce
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.moderation import queue
from app.moderation.events import ItemOpened, ItemSealed
from app.moderation.grip import NOBODY, step
from app.moderation.models import Proposal, ReviewItem


def seal(item: ReviewItem, by_id: int | None) -> None:
    """From now on it is in no queue and no history. Stale when nothing is left to decide in it."""
    step(item, "seal", clock.now(), by_id=by_id, version=ReviewItem.version + 1, **NOBODY)
    waiting = update(Proposal).where(Proposal.item_id == item.id, Proposal.answer.is_(None))
    db.session.execute(waiting.values(answer="dropped", answered_at=clock.now()))
    announce(ItemSealed(**queue.ids(item)))


def unseal(item: ReviewItem, by_id: int) -> None:
    """It waits again with the others. Stale when it does already, Conflict when another item has taken its
    place.
    """
    if queue.open_item(item.entry_id) is not None:
        raise Conflict
    step(item, "unseal", clock.now(), by_id=by_id, version=ReviewItem.version + 1)
    announce(ItemOpened(kind=item.kind, **queue.ids(item)))
