from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.events import AccessChanged, PersonChanged
from app.people.models import (
    EMPLOYEE,
    LOCALES,
    ROLES,
    SEGMENTS,
    THEMES,
    GrantedRole,
    Person,
    Restriction,
    Team,
)
from app.people.policy import can_manage_people
from app.people.queries import active_admins, folded

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@action
def add_person(
    actor: Actor | None,
    *,
    login: str,
    name: str,
    email: str | None = None,
    segment: str = EMPLOYEE,
    organisation_id: int | None = None,
    roles: list[str] | None = None,
    **more: Any,
) -> Person:
    """Make an account, without a password yet. `actor` None is the console.

    Invalid for a login that is taken or oddly written, for a partner without organisation or with a role.
    """
    require(actor is None or can_manage_people(actor))
    login, email = login.strip().lower(), (email or "").strip().lower() or None
    check_new(login, email, segment, organisation_id, roles or [])
    person = Person(
        login=login,
        name=name.strip(),
        name_key=folded(f"{name} {login}")[:160],
        email=email,
        segment=segment,
        organisation_id=organisation_id,
        roles=sorted(set(roles or [])),
        **more,
    )
    db.session.add(person)
    db.session.flush()
    audit.record(
        "person.added",
        actor.id if actor else None,
        f"person:{person.id}",
        segment=segment,
        roles=person.roles,
    )
    announce(PersonChanged(person_id=person.id))
    return person


def check_new(
    login: str, email: str | None, segment: str, organisation_id: int | None, roles: list[str]
) -> None:
    """Invalid when nobody can get such an account."""
    problems = {}
    if not is_login(login):
        problems["login"] = _("Use letters without accents, digits, dots and hyphens, such as anne.martin.")
    elif db.session.scalar(select(Person.id).where(Person.login == login)) is not None:
        problems["login"] = _("This login is taken. Choose another one.")
    if email and db.session.scalar(select(Person.id).where(Person.email == email)) is not None:
        problems["email"] = _("Somebody already has this e-mail address.")
    if segment not in SEGMENTS:
        problems["segment"] = _("Choose one of the values offered.")
    if (segment == EMPLOYEE) == (organisation_id is not None):
        problems["organisation_id"] = _("A partner belongs to one organisation; an employee to none.")
    if problems:
        raise Invalid(fields=problems)
    _check_roles(segment, roles)


@action
def change_profile(actor: Actor | None, person: Person, **fields: Any) -> Person:
    """Change what others see of oneself, or one's own settings (title, about, skills, photo, locale,
    theme…). `actor` None is the company's directory.
    """
    require(actor is None or actor.id == person.id or can_manage_people(actor))
    if fields.get("locale", "fr") not in LOCALES or fields.get("theme", "auto") not in THEMES:
        raise Invalid
    for field, value in fields.items():
        setattr(person, field, value)
    person.name_key = folded(f"{person.name} {person.login}")[:160]
    person.version += 1
    announce(PersonChanged(person_id=person.id))
    return person


@action
def set_roles(actor: Actor | None, person: Person, roles: list[str]) -> Person:
    """Give a person exactly these roles. Conflict when nobody would be left to run the place."""
    require(actor is None or can_manage_people(actor))
    _check_roles(person.segment, roles)
    before = list(person.roles)
    if "admin" not in roles:
        _keep_an_admin_but(person)
    person.roles = sorted(set(roles))
    given = delete(GrantedRole).where(GrantedRole.person_id == person.id)
    db.session.execute(given.where(GrantedRole.role.in_(set(roles) - set(before))))
    subject = f"person:{person.id}"
    audit.record("person.roles", actor.id if actor else None, subject, before=before, after=person.roles)
    announce(AccessChanged(person_id=person.id))
    return person


@action
def deactivate(actor: Actor | None, person: Person) -> Person:
    """Nobody signs in as this person any more, and whoever is signed in is cut."""
    require(actor is None or can_manage_people(actor))
    _keep_an_admin_but(person)
    person.deactivated_at = clock.now()
    audit.record("person.deactivated", actor.id if actor else None, f"person:{person.id}")
    announce(AccessChanged(person_id=person.id, ends_sessions=True))
    return person


@action
def reactivate(actor: Actor | None, person: Person) -> Person:
    """The person may sign in again."""
    require(actor is None or can_manage_people(actor))
    person.deactivated_at = None
    audit.record("person.reactivated", actor.id if actor else None, f"person:{person.id}")
    announce(AccessChanged(person_id=person.id))
    return person


@action
def restrict(
    person_id: int, until: Mapping[tuple[str, int], datetime], *, suspended_until: datetime | None
) -> None:
    """Write down what a person may not do for a while, by (kind, space); what was written before is gone."""
    db.session.execute(delete(Restriction).where(Restriction.person_id == person_id))
    for (kind, space_id), end in until.items():
        db.session.add(Restriction(person_id=person_id, kind=kind, space_id=space_id, until=end))
    person = db.session.get_one(Person, person_id)
    changed, person.suspended_until = person.suspended_until != suspended_until, suspended_until
    db.session.flush()
    if changed:
        announce(AccessChanged(person_id=person_id))


@action
def lock_person(person_id: int) -> None:
    """Keep others from writing about this person until the end."""
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


@action
def add_team(actor: Actor | None, *, name: str, parent_id: int | None = None) -> Team:
    """A new group in the tree."""
    require(actor is None or can_manage_people(actor))
    team = Team(name=name, parent_id=parent_id)
    db.session.add(team)
    db.session.flush()
    return team


def is_login(login: str) -> bool:
    """Written as logins are: letters without accents, digits, dots, hyphens."""
    return _LOGIN.fullmatch(login) is not None


def _check_roles(segment: str, roles: list[str]) -> None:
    if not set(roles) <= set(ROLES) or (roles and segment != EMPLOYEE):
        raise Invalid(fields={"roles": _("Choose among the roles offered; partners have none.")})


def _keep_an_admin_but(person: Person) -> None:
    """Refuse when this person is the last one; two admins who dismiss each other go one after the other."""
    counts = "admin" in person.roles and person.deactivated_at is None
    if counts and active_admins() < 2:
        raise Conflict(_("Nobody could administer Parvis any more. Make somebody else an admin first."))
