"""Who may be told, and who may still read what they were told: asked each time it is shown or counted."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, or_, select, true

from app.charter.document.policy import drafts_read_by
from app.charter.rulebook.policy import can_read_rules
from app.kernel.db import db
from app.notifications.models import Notification
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person
from app.posts.models import HELD, PUBLISHED, Entry, Reaction
from app.posts.policy import reviewable_by, visible_to
from app.spaces.models import MODERATOR, OPEN, OWNER, JoinRequest, Membership, Space
from app.spaces.policy import readable_by

COMMENT, REPLY, MENTION, REACTION, ANNOUNCEMENT = "comment", "reply", "mention", "reaction", "announcement"
HELD_BACK, DECIDED, REPORT_DECIDED = "held", "decided", "report_decided"
TRANSFERRED, ESCALATED, SECOND_WANTED, SECOND_REFUSED, APPEAL_ASSIGNED = (
    "transferred",
    "escalated",
    "second_wanted",
    "second_refused",
    "appeal_assigned",
)
UNDONE, APPEAL_DECIDED, APPEAL_MESSAGE, MEASURE, MEASURE_LIFTED = (
    "undone",
    "appeal_decided",
    "appeal_message",
    "measure",
    "measure_lifted",
)
GUEST, DEVICE = "guest", "device"
OF_ONESELF = (
    REPORT_DECIDED,
    UNDONE,
    APPEAL_DECIDED,
    APPEAL_MESSAGE,
    MEASURE,
    MEASURE_LIFTED,
    GUEST,
    DEVICE,
)
JOIN_REQUEST, JOINED = "join_request", "joined"
RULE = "rule"
WATCHED, SPREADING = "watched", "spreading"
PLAYBOOK = "playbook"
OF_CASES = (SPREADING, TRANSFERRED, ESCALATED, SECOND_WANTED, SECOND_REFUSED, APPEAL_ASSIGNED)
CHARTER, CHARTER_DRAFT = "charter", "charter_draft"
OF_ENTRIES = (COMMENT, REPLY, MENTION, REACTION, ANNOUNCEMENT, DECIDED)


def reads(space_id: int) -> ColumnElement[bool]:
    """On Person: those who may read a space, as `spaces.policy.can_read` says it of one of them."""
    space = exists().where(Space.id == space_id, Space.visibility == OPEN)
    outside = select(Space.organisation_id).where(Space.id == space_id).scalar_subquery()
    belongs = exists().where(Membership.space_id == space_id, Membership.person_id == Person.id)
    employee = and_(Person.segment == EMPLOYEE, or_(space, belongs))
    partner = and_(Person.segment != EMPLOYEE, Person.organisation_id == outside, belongs)
    return and_(Person.deactivated_at.is_(None), or_(employee, partner))


def keeps_the_charter() -> ColumnElement[bool]:
    """On Person: charter owners."""
    roles = cast(Person.roles, String)
    return and_(
        Person.segment == EMPLOYEE,
        Person.deactivated_at.is_(None),
        roles.contains('"charter_owner"', autoescape=True),
    )


def administers() -> ColumnElement[bool]:
    """On Person: admins."""
    is_admin = cast(Person.roles, String).contains('"admin"', autoescape=True)
    return and_(Person.segment == EMPLOYEE, Person.deactivated_at.is_(None), is_admin)


def can_hear(actor: Actor, notification: Notification) -> bool:
    """May still read what they were told."""
    rows = select(Notification.id).where(Notification.id == notification.id, heard_by(actor))
    return db.session.scalar(rows) is not None


def heard_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_hear`: own notifications whose subject the actor may see now."""
    return and_(
        Notification.person_id == actor.id,
        or_(
            and_(Notification.kind.in_(OF_ENTRIES), _entry_stands(actor), _is_still_signed()),
            and_(Notification.kind == HELD_BACK, _still_waits(actor)),
            and_(Notification.kind == JOIN_REQUEST, _is_still_asked(actor)),
            and_(
                Notification.kind == JOINED,
                Notification.space_id.in_(select(Space.id).where(readable_by(actor))),
            ),
            Notification.kind.in_((*OF_ONESELF, CHARTER, PLAYBOOK)),
            and_(Notification.kind.in_(OF_CASES), _still_reviews(actor)),
            and_(Notification.kind == CHARTER_DRAFT, drafts_read_by(actor)),
            and_(Notification.kind == WATCHED, _may_still_look(actor)),
            and_(Notification.kind == RULE, true() if can_read_rules(actor) else false()),
        ),
    )


def _entry_stands(actor: Actor) -> ColumnElement[bool]:
    public_or_own = or_(Entry.state == PUBLISHED, Entry.author_id == actor.id)
    return exists().where(Entry.id == Notification.entry_id, public_or_own, visible_to(actor))


def _is_still_signed() -> ColumnElement[bool]:
    signed = exists().where(
        Reaction.entry_id == Notification.entry_id, Reaction.person_id == Notification.actor_id
    )
    return or_(Notification.kind != REACTION, signed)


def _still_waits(actor: Actor) -> ColumnElement[bool]:
    waits = or_(Entry.state == HELD, Entry.pending_id.is_not(None))
    return exists().where(
        Entry.id == Notification.entry_id, Entry.author_id == actor.id, waits, visible_to(actor)
    )


def _may_still_look(actor: Actor) -> ColumnElement[bool]:
    """The entry can be read, or waits in a space that the actor reviews; one's own is never told."""
    reviewed = Entry.space_id.in_(select(Space.id).where(reviewable_by(actor)))
    stands = and_(Entry.state == PUBLISHED, visible_to(actor))
    return exists().where(
        Entry.id == Notification.entry_id, Entry.author_id != actor.id, or_(stands, reviewed)
    )


def _still_reviews(actor: Actor) -> ColumnElement[bool]:
    """Cases are for those who decide; an admin who answers one appeal is among them."""
    if actor.is_partner:
        return false()
    if actor.is_moderator or actor.is_admin:
        return true()
    return exists().where(
        Membership.person_id == actor.id,
        Membership.role == MODERATOR,
        Membership.space_id == Notification.space_id,
    )


def _is_still_asked(actor: Actor) -> ColumnElement[bool]:
    asked = exists().where(
        JoinRequest.space_id == Notification.space_id, JoinRequest.person_id == Notification.actor_id
    )
    owned = select(Membership.space_id).where(Membership.person_id == actor.id, Membership.role == OWNER)
    return and_(asked, Notification.space_id.in_(owned))
