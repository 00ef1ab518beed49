"""Who may see a space and the people in it. Each rule of visibility has two forms that a test keeps equal.

Reading is: open spaces for employees, one's own spaces for everyone. Finding (name and description, to ask
to join) adds closed spaces for employees. A partner only ever sees spaces of their own organisation that they
belong to.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true

from app.kernel.db import db
from app.people.actor import Actor
from app.people.models import Person
from app.spaces.models import MODERATOR, OPEN, OWNER, SECRET, Membership, Space


def role_in(actor: Actor, space_id: int) -> str | None:
    """The actor's role in a space, None for somebody who doesn't belong."""
    return db.session.scalar(
        select(Membership.role).where(Membership.space_id == space_id, Membership.person_id == actor.id)
    )


def can_read(actor: Actor, space: Space) -> bool:
    """May see what is written there."""
    if actor.is_partner:
        return space.organisation_id == actor.organisation_id and role_in(actor, space.id) is not None
    return space.visibility == OPEN or role_in(actor, space.id) is not None


def readable_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_read`."""
    if actor.is_partner:
        return and_(Space.organisation_id == actor.organisation_id, Space.id.in_(spaces_of(actor)))
    return or_(Space.visibility == OPEN, Space.id.in_(spaces_of(actor)))


def can_find(actor: Actor, space: Space) -> bool:
    """May know that it exists."""
    return can_read(actor, space) or (not actor.is_partner and space.visibility != SECRET)


def findable_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_find`."""
    if actor.is_partner:
        return readable_by(actor)
    return or_(Space.visibility != SECRET, Space.id.in_(spaces_of(actor)))


def can_write(actor: Actor, space: Space) -> bool:
    """May post and comment: members, and in open spaces every employee."""
    return can_read(actor, space)


def can_manage(actor: Actor, space: Space) -> bool:
    """May change the space and its members: its owners, and admins where they may see it."""
    return role_in(actor, space.id) == OWNER or (actor.is_admin and can_find(actor, space))


def can_moderate(actor: Actor, space: Space) -> bool:
    """May pin, answer requests and decide on what is held here."""
    return role_in(actor, space.id) in {OWNER, MODERATOR} and not actor.is_partner


def can_answer_requests(actor: Actor, space: Space) -> bool:
    """May let in who asked to belong."""
    return can_manage(actor, space) or can_moderate(actor, space)


def can_join(actor: Actor, space: Space) -> bool:
    """May belong at once, without asking."""
    return not actor.is_partner and space.visibility == OPEN and space.joins_freely


def can_ask_to_join(actor: Actor, space: Space) -> bool:
    """May ask its owners."""
    return not actor.is_partner and space.visibility != SECRET and not can_join(actor, space)


def can_create(actor: Actor) -> bool:
    """Employees open spaces; partners are guests."""
    return not actor.is_partner


def fits(person: Person, space: Space) -> bool:
    """May this person belong at all? Partners only where their own organisation is the outside one."""
    return not person.is_partner or (
        person.organisation_id is not None and person.organisation_id == space.organisation_id
    )


def can_meet(actor: Actor, person: Person) -> bool:
    """May know of a person: employees know everyone; partners those who belong to their spaces, and
    themselves.
    """
    if not actor.is_partner or actor.id == person.id:
        return True
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Membership.person_id == person.id, Membership.space_id.in_(_shared_spaces(actor))
                )
            )
        )
    )


def met_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_meet`."""
    if not actor.is_partner:
        return true()
    return or_(
        Person.id == actor.id,
        Person.id.in_(
            select(Membership.person_id).where(Membership.space_id.in_(_shared_spaces(actor))).correlate(None)
        ),
    )


def readable_spaces(actor: Actor) -> Select[int]:
    """Numbers of the spaces whose content the actor may read, for use inside any statement."""
    return select(Space.id).where(readable_by(actor)).correlate(None)


def spaces_of(actor: Actor) -> Select[int]:
    """Numbers of the spaces to which the actor belongs."""
    return select(Membership.space_id).where(Membership.person_id == actor.id).correlate(None)


def _shared_spaces(actor: Actor) -> Select[int]:
    if actor.organisation_id is None:
        return select(Space.id).where(false()).correlate(None)
    return select(Space.id).where(readable_by(actor)).correlate(None)
