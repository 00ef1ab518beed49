from __future__ import annotations

from app.accounts.models import Invitation
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person
from app.people.policy import can_manage_people


def can_invite(actor: Actor) -> bool:
    """Admins ask people to join, and take lists of people over."""
    return can_manage_people(actor) and not actor.is_partner


def can_answer(actor: Actor, invitation: Invitation) -> bool:
    """Who decides whether somebody who accepted an invitation comes in: admins, and the sponsor."""
    return can_invite(actor) or (not actor.is_partner and invitation.sponsor_id == actor.id)


def can_sponsor(person: Person) -> bool:
    """Employees who are there answer for partners."""
    return person.segment == EMPLOYEE and person.deactivated_at is None


def can_extend(actor: Actor, person: Person) -> bool:
    """Who says until when a partner stays: admins, and the sponsor."""
    return person.segment != EMPLOYEE and (
        can_invite(actor) or (not actor.is_partner and person.sponsor_id == actor.id)
    )
