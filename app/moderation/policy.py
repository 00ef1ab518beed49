from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Boolean, ColumnElement, and_, bindparam, exists, false, or_, select

from app.files.models import File
from app.kernel.db import db
from app.kernel.reads import question
from app.moderation.models import (
    APPEAL,
    AUTHOR,
    AWAITING_SECOND,
    DECIDED,
    ESCALATED,
    HOLD,
    LETTING_STAND,
    OPEN_STATES,
    REPORTER,
    RESTRICTING,
    SEALED,
    Appeal,
    Decision,
    Report,
    Reversal,
    ReviewItem,
)
from app.people.actor import Actor
from app.people.queries import is_line_manager
from app.posts.models import Attachment
from app.posts.policy import can_review, reviewable_by
from app.spaces.models import MODERATOR, Membership, Space

OF_A_SECOND = (AWAITING_SECOND, DECIDED)  # while an admin gives a second opinion, and to read what came of it


def is_reviewer(actor: Actor) -> bool:
    """Has a queue to look at: moderators of the company or of some space, and who has an appeal to answer."""
    if actor.is_partner:
        return False
    if actor.is_moderator:
        return True
    return bool(_moderates().scalar(person=actor.id, admin=actor.is_admin))


@question
def _moderates() -> Any:
    moderates = exists().where(Membership.person_id == bindparam("person"), Membership.role == MODERATOR)
    asked = and_(bindparam("admin", type_=Boolean), ReviewItem.state.in_(OF_A_SECOND))
    given = exists().where(
        ReviewItem.assignee_id == bindparam("person"), or_(ReviewItem.kind == APPEAL, asked)
    )
    return select(or_(moderates, given))


def can_see_item(actor: Actor, item: ReviewItem, space: Space) -> bool:
    """May read a case: those who review its space, never its author; and whom it was given to: an appeal, or
    as an admin the second opinion that no other senior moderator may give.
    """
    if item.author_id == actor.id or actor.is_partner or item.state == SEALED:
        return False
    given = item.kind == APPEAL or (actor.is_admin and item.state in OF_A_SECOND)
    return can_review(actor, space) or (given and item.assignee_id == actor.id)


def items_seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_item`, on ReviewItem."""
    if actor.is_partner:
        return false()
    kind = ReviewItem.kind == APPEAL
    kind = or_(kind, ReviewItem.state.in_(OF_A_SECOND)) if actor.is_admin else kind
    given = and_(kind, ReviewItem.assignee_id == actor.id)
    reviewed = ReviewItem.space_id.in_(select(Space.id).where(reviewable_by(actor)))
    return and_(ReviewItem.author_id != actor.id, ReviewItem.state != SEALED, or_(reviewed, given))


def files_of_cases(actor: Actor) -> ColumnElement[bool]:
    """Files of a text that waits for a decision, for those who review it and as long as it waits; on File."""
    if actor.is_partner:
        return false()
    return exists().where(
        Attachment.file_id == File.id,
        ReviewItem.revision_id == Attachment.revision_id,
        ReviewItem.state.in_(OPEN_STATES),
        items_seen_by(actor),
    )


def why_not(actor: Actor, item: ReviewItem, *, in_person: bool = False) -> str | None:
    """Why somebody who reviews here must leave this item to a colleague; None when it is theirs to decide.

    `in_person` asks whether they are too close to it, whatever state the item is in.
    """
    concerned = why_no_measure(actor, item)
    if concerned is not None:
        return concerned
    if has_decided(actor, item):
        return _("You have decided on this text before. A colleague decides on it.")
    if item.state == ESCALATED and not (actor.is_senior or in_person):
        return _("This is with the senior moderators now.")
    return None


def why_no_measure(actor: Actor, item: ReviewItem) -> str | None:
    """Why somebody is too close to a case: as its author, as a reporter, or as the author's manager."""
    if item.author_id == actor.id:
        return _("You wrote this. A colleague decides on it.")
    if has_reported(actor, item):
        return _("You reported this. A colleague decides on it.")
    if is_line_manager(actor.id, item.author_id):
        return _("Its author works for you. A colleague decides on it.")
    return None


def has_reported(actor: Actor, item: ReviewItem) -> bool:
    """The actor reported this entry, now or before."""
    mine = exists().where(Report.entry_id == item.entry_id, Report.reporter_id == actor.id)
    return bool(db.session.scalar(select(mine)))


def has_decided(actor: Actor, item: ReviewItem) -> bool:
    """A decision of the actor's, alone or as the second, stands about this very text."""
    mine = exists().where(
        Decision.entry_id == item.entry_id,
        Decision.revision_id == item.revision_id,
        or_(Decision.decider_id == actor.id, Decision.second_id == actor.id),
        ~exists().where(Reversal.decision_id == Decision.id, Reversal.appeal_id.is_(None)),
    )
    answered = exists().where(
        Appeal.entry_id == item.entry_id,
        Appeal.decider_id == actor.id,
        Appeal.item_id == ReviewItem.id,
        ReviewItem.revision_id == item.revision_id,
    )
    return bool(db.session.scalar(select(or_(mine, answered))))


def can_undo(actor: Actor, decision: Decision) -> bool:
    """Who decided may take it back; of a decision by two, either."""
    return actor.id in {decision.decider_id, decision.second_id}


def appeals_as(actor: Actor, decision: Decision) -> str | None:
    """In which role a decision is the actor's to appeal: the author of what it restricted, or who reported
    what it let stand; None for everybody else.
    """
    author_id = db.session.scalar(select(ReviewItem.author_id).where(ReviewItem.id == decision.item_id))
    if author_id == actor.id:
        return AUTHOR if decision.outcome in RESTRICTING else None
    if decision.outcome not in LETTING_STAND:
        return None
    mine = exists().where(Report.item_id == decision.item_id, Report.reporter_id == actor.id)
    return REPORTER if db.session.scalar(select(mine)) else None


def can_second(actor: Actor, item: ReviewItem) -> bool:
    """Senior moderators give the second opinion; an admin, when it was given to them."""
    return actor.is_senior or (actor.is_admin and item.assignee_id == actor.id)


def can_keep_replies(actor: Actor) -> bool:
    """Senior moderators keep the words that all may use."""
    return actor.is_senior


def can_see_health(actor: Actor) -> bool:
    """Senior moderators answer for how the queue fares."""
    return actor.is_senior


def can_read_figures(actor: Actor) -> bool:
    """Everybody on the staff may know how moderation works for them; partners are no part of it."""
    return not actor.is_partner


def knows_of_own(actor: Actor, item: ReviewItem) -> bool:
    """Authors know that their own entry is held; that somebody reported it is not for them to learn here."""
    return item.author_id == actor.id and item.kind == HOLD


def own_holds_of(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `knows_of_own`, on ReviewItem."""
    return and_(ReviewItem.author_id == actor.id, ReviewItem.kind == HOLD)
