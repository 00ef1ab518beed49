from __future__ import annotations

from sqlalchemy import exists, select

from app.kernel.db import db
from app.people.actor import Actor
from app.spaces.models import MODERATOR, Membership


def is_reviewer(actor: Actor) -> bool:
    """Has a queue to look at: moderators of the company, and of some space."""
    if actor.is_partner:
        return False
    if actor.is_moderator:
        return True
    moderates = exists().where(Membership.person_id == actor.id, Membership.role == MODERATOR)
    return bool(db.session.scalar(select(moderates)))
