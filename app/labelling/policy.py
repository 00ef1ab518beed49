"""Who labels what. One rule of visibility in two forms that a test keeps equal."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from app.people.actor import Actor
from app.posts.models import PUBLISHED, Entry
from app.posts.policy import can_review, reviewable_by
from app.relevance.policy import can_label
from app.spaces.models import SECRET, Space
from app.spaces.policy import can_read, readable_by


def can_judge(actor: Actor, entry: Entry) -> bool:
    """May say what a published text of somebody else is: where one reads, and where one reviews but for
    secret spaces. Needs `entry.space` loaded.
    """
    if not can_label(actor) or entry.author_id == actor.id or entry.state != PUBLISHED:
        return False
    space = entry.space
    return can_read(actor, space) or (space.visibility != SECRET and can_review(actor, space))


def judgeable_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_judge`, on Entry, for those who may label at all."""
    open_to = or_(readable_by(actor), and_(Space.visibility != SECRET, reviewable_by(actor)))
    return and_(
        Entry.state == PUBLISHED,
        Entry.author_id != actor.id,
        Entry.space_id.in_(select(Space.id).where(open_to).correlate(None)),
    )
