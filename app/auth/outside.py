"""People vouched for by the company's identity provider: which account is theirs, and what they may be."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.auth.actions import end_all_sessions
from app.auth.models import Identity, Session
from app.auth.oidc import Claims, Provider
from app.gate import queries as gate
from app.gate.address import canonical
from app.kernel import audit, clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.people import actions as people
from app.people import groups
from app.people.actor import Actor, of_person
from app.people.models import EMPLOYEE, Person

LONGEST_LOGIN = 60


@action
def recognise(provider: Provider, claims: Claims, *, address: str) -> Actor:
    """The account of whom the provider vouches for; linked or made the first time, roles as groups say.

    Known by the provider's own name for them, else by a confirmed e-mail address that one employee has.
    Partners are never found by address. Invalid, always in the same words and with nothing written, when
    there is no account and none may be made, it is closed, or the gate doesn't let in whose it is from here.
    """
    person = _known(provider, claims) or _linked(provider, claims) or _made(provider, claims)
    if person is None:
        raise Invalid(_("There is no account for you here yet. Ask an administrator."))
    groups.apply_groups(person.id, claims.groups, "oidc")
    _take_over_roles(provider, claims, person)
    actor = of_person(person.id)
    if actor is None or gate.standing(actor, canonical(address)).is_outside:
        raise Invalid(_("There is no account for you here yet. Ask an administrator."))
    return actor


def opened_at_provider(session_id: int) -> bool:
    """True when the provider vouched for who opened this session."""
    return db.session.scalar(select(Session.provider_sid).where(Session.id == session_id)) is not None


@action
def end_by_provider(provider: Provider, subject: str, sid: str) -> None:
    """Somebody signed out at the provider: that session ends, or all of theirs; for nobody known, none."""
    if sid:
        owner = select(Session.person_id).where(Session.provider_sid == sid, Session.revoked_at.is_(None))
        people_out = set(db.session.scalars(owner))
    else:
        known = db.session.get(Identity, (provider.issuer, subject))
        people_out = {known.person_id} if known else set()
    for person_id in people_out:
        end_all_sessions(None, person_id, why="signed_out_at_provider")


def _known(provider: Provider, claims: Claims) -> Person | None:
    identity = db.session.get(Identity, (provider.issuer, claims.subject))
    if identity is None:
        return None
    identity.seen_at = clock.now()
    return db.session.get(Person, identity.person_id)


def _linked(provider: Provider, claims: Claims) -> Person | None:
    if claims.email is None:
        return None
    taken = select(Identity.person_id).where(Identity.issuer == provider.issuer)
    person = db.session.scalar(
        select(Person).where(
            func.lower(Person.email) == claims.email, Person.segment == EMPLOYEE, Person.id.not_in(taken)
        )
    )
    if person is not None:
        _link(provider, claims, person)
    return person


def _made(provider: Provider, claims: Claims) -> Person | None:
    if not provider.creates:
        return None
    person = people.add_person(
        None, login=free_login(claims.login), name=claims.name, email=_free_email(claims)
    )
    _link(provider, claims, person)
    return person


def _link(provider: Provider, claims: Claims, person: Person) -> None:
    identity = Identity(
        issuer=provider.issuer, subject=claims.subject, person_id=person.id, seen_at=clock.now()
    )
    db.session.add(identity)
    db.session.flush()
    audit.record("identity.linked", None, f"person:{person.id}")


def _take_over_roles(provider: Provider, claims: Claims, person: Person) -> None:
    """Roles that the operator's groups stand for follow the groups; other roles stay. The last admin stays
    one.
    """
    given = {role for group, role in provider.roles.items() if group in claims.groups}
    ruled = set(provider.roles.values()) - groups.roles_held(person.id)
    wanted = sorted((set(person.roles) - ruled) | given)
    if person.segment != EMPLOYEE or wanted == sorted(person.roles):
        return
    try:
        people.set_roles(None, person, wanted)
    except Conflict:
        audit.record("identity.role_kept", None, f"person:{person.id}")


def free_login(wanted: str) -> str:
    """A login in our spelling that nobody has: anne.martin, else anne.martin2 …"""
    plain = unicodedata.normalize("NFKD", wanted.partition("@")[0].lower()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9._-]+", ".", plain).strip("._-")[:LONGEST_LOGIN] or "person"
    taken = set(
        db.session.scalars(select(Person.login).where(Person.login.startswith(stem, autoescape=True)))
    )
    return next(
        name for name in (stem, *(f"{stem}{n}" for n in range(2, len(taken) + 3))) if name not in taken
    )


def _free_email(claims: Claims) -> str | None:
    if claims.email is None:
        return None
    taken = db.session.scalar(select(Person.id).where(func.lower(Person.email) == claims.email))
    return None if taken is not None else claims.email
