from __future__ import annotations

from sqlalchemy import func, select

from app.kernel.db import db
from app.notifications.models import Notification
from app.people.actor import Actor


def unread(actor: Actor) -> int:
    """How many notifications the actor hasn't read."""
    counted = select(func.count()).where(Notification.person_id == actor.id, Notification.read_at.is_(None))
    return db.session.scalar(counted) or 0
