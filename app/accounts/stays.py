"""How long partners stay, and who answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import policy
from app.accounts.events import SponsorLeft, StayEnding
from app.accounts.queries import LONGEST_STAY, end_of, last_day, today
from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.policy import require
from app.people import actions as people
from app.people.actor import Actor
from app.people.events import AccessChanged
from app.people.models import EMPLOYEE, Person

TOLD_BEFORE = timedelta(days=7)
_AT_ONCE = 200


def guests_of(actor: Actor) -> Sequence[Person]:
    """Partners whom the actor answers for, those who leave first before the others."""
    mine = select(Person).where(Person.sponsor_id == actor.id, Person.deactivated_at.is_(None))
    return db.session.scalars(mine.order_by(Person.ends_at, Person.id)).all()


def get_guest(actor: Actor, person_id: int) -> Person:
    """A partner whose stay the actor may change, or NotFound."""
    person = db.session.get(Person, person_id)
    if person is None or not policy.can_extend(actor, person):
        raise NotFound
    return person


@action
def extend(actor: Actor, person: Person, last: date) -> None:
    """Say until when a partner stays, that day included. Invalid for a day gone by or further than a year."""
    require(policy.can_extend(actor, person))
    if not today() <= last <= today() + LONGEST_STAY:
        raise Invalid(fields={"ends_on": _("Give the last day of their stay, within a year.")})
    person.ends_at = end_of(last)
    audit.record("person.extended", actor.id, f"person:{person.id}", last_day=last.isoformat())
    announce(AccessChanged(person_id=person.id))


@action
def end_due() -> None:
    """Close the accounts of partners whose time is over; they were refused already since that instant."""
    over = select(Person).where(Person.ends_at <= clock.now(), Person.deactivated_at.is_(None))
    for person in db.session.scalars(over.order_by(Person.ends_at).limit(_AT_ONCE)).all():
        people.deactivate(None, person)
        audit.record("person.ended", None, f"person:{person.id}")


@action
def tell_of_ends() -> None:
    """Sponsors hear of the partners who leave within a week; saying it again tells nobody twice."""
    now = clock.now()
    soon = select(Person.id, Person.sponsor_id, Person.ends_at).where(
        Person.ends_at > now,
        Person.ends_at <= now + TOLD_BEFORE,
        Person.deactivated_at.is_(None),
        Person.sponsor_id.is_not(None),
    )
    for person_id, sponsor_id, ends_at in db.session.execute(soon).all():
        if sponsor_id is None or ends_at is None:
            continue
        day = last_day(ends_at).isoformat()
        announce(StayEnding(person_id=person_id, sponsor_id=sponsor_id, last_day=day))


@action
def end_guests_of(sponsor_id: int) -> None:
    """Partners go when the employee who answered for them has gone."""
    theirs = select(Person).where(
        Person.sponsor_id == sponsor_id, Person.deactivated_at.is_(None), Person.segment != EMPLOYEE
    )
    guests = db.session.scalars(theirs).all()
    for guest in guests:
        people.deactivate(None, guest)
        audit.record("person.ended", None, f"person:{guest.id}", why="sponsor_left")
    if guests:
        announce(SponsorLeft(sponsor_id=sponsor_id, guests=len(guests)))
