from __future__ import annotations

from sqlalchemy import func, select

from app.kernel.db import db
from app.moderation.models import OPEN_STATES, ReviewItem
from app.people.actor import Actor
from app.posts.policy import reviewable_by
from app.spaces.models import Space


def waiting(actor: Actor) -> int:
    """How many open items the actor may decide on; own ones aren't among them."""
    counted = select(func.count()).where(
        ReviewItem.state.in_(OPEN_STATES),
        ReviewItem.author_id != actor.id,
        ReviewItem.space_id.in_(select(Space.id).where(reviewable_by(actor))),
    )
    return db.session.scalar(counted) or 0
