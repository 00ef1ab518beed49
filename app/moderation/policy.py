from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, bindparam, exists, select

from app.files.models import File
from app.kernel.db import db
from app.kernel.reads import question
from app.moderation.models import HOLD, OPEN_STATES, Report, ReviewItem
from app.people.actor import Actor
from app.people.queries import is_line_manager
from app.posts.models import Attachment
from app.posts.policy import can_review, reviewable_by
from app.spaces.models import MODERATOR, Membership, Space


def is_reviewer(actor: Actor) -> bool:
    """Has a queue to look at: moderators of the company, and of some space."""
    if actor.is_partner:
        return False
    if actor.is_moderator:
        return True
    return bool(_moderates().scalar(person=actor.id))


@question
def _moderates() -> Any:
    return select(exists().where(Membership.person_id == bindparam("person"), Membership.role == MODERATOR))


def can_see_item(actor: Actor, item: ReviewItem, space: Space) -> bool:
    """May read a case: those who review its space, never its author."""
    return item.author_id != actor.id and can_review(actor, space)


def items_seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_item`, on ReviewItem."""
    return and_(
        ReviewItem.author_id != actor.id,
        ReviewItem.space_id.in_(select(Space.id).where(reviewable_by(actor))),
    )


def files_of_cases(actor: Actor) -> ColumnElement[bool]:
    """Files of a text that waits for a decision, for those who review it and as long as it waits; on File."""
    return exists().where(
        Attachment.file_id == File.id,
        ReviewItem.revision_id == Attachment.revision_id,
        ReviewItem.state.in_(OPEN_STATES),
        items_seen_by(actor),
    )


def why_not(actor: Actor, item: ReviewItem) -> str | None:
    """Why somebody who reviews here must leave this item to a colleague; None when it is theirs to decide."""
    if item.author_id == actor.id:
        return _("You wrote this. A colleague decides on it.")
    if has_reported(actor, item):
        return _("You reported this. A colleague decides on it.")
    if is_line_manager(actor.id, item.author_id):
        return _("Its author works for you. A colleague decides on it.")
    return None


def has_reported(actor: Actor, item: ReviewItem) -> bool:
    """One of the reports of this item is the actor's."""
    return bool(
        db.session.scalar(select(exists().where(Report.item_id == item.id, Report.reporter_id == actor.id)))
    )


def knows_of_own(actor: Actor, item: ReviewItem) -> bool:
    """Authors know that their own entry is held; that somebody reported it is not for them to learn here."""
    return item.author_id == actor.id and item.kind == HOLD


def own_holds_of(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `knows_of_own`, on ReviewItem."""
    return and_(ReviewItem.author_id == actor.id, ReviewItem.kind == HOLD)
