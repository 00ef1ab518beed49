"""People vouched for by the company's identity provider or directory: which account is theirs, and what they
may be.
"""

from __future__ import annotations

import logging
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.auth.actions import end_all_sessions
from app.auth.directory.trouble import Trouble
from app.auth.models import Identity, Session
from app.gate import queries as gate
from app.gate.address import canonical
from app.kernel import audit, clock, settings
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Unavailable
from app.people import actions as people
from app.people import groups
from app.people.actor import Actor, of_person
from app.people.models import EMPLOYEE, LOCALES, Person

if TYPE_CHECKING:
    from app.auth.directory.company import Company

LONGEST_LOGIN = 60


_log = logging.getLogger(__name__)


class Voucher(Protocol):
    """Who vouches for people: what is known of its settings."""

    @property
    def issuer(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def roles(self) -> Mapping[str, str]: ...
    @property
    def creates(self) -> bool: ...
    @property
    def links(self) -> frozenset[str]: ...


class Vouched(Protocol):
    """Whom it vouches for: its own unchanging name for them, and what else it says."""

    @property
    def subject(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def locale(self) -> str | None: ...
    @property
    def groups(self) -> frozenset[str]: ...
    @property
    def known_groups(self) -> frozenset[str]: ...


@action
def recognise(provider: Voucher, claims: Vouched, *, address: str) -> Actor:
    """The account of whom the provider vouches for; linked or made the first time, roles as groups say.

    Known by the provider's own name for them, else by a confirmed e-mail address (or a login, where the
    provider's logins are the company's) that one employee has. Partners are never found that way. Invalid,
    always in the same words and with nothing written, when there is no account and none may be made, it is
    closed, or the gate doesn't let in whose it is from here.
    """
    person = account_of(provider, claims)
    actor = of_person(person.id) if person else None
    if person is None or actor is None:
        raise Invalid(_("There is no account for you here yet. Ask an administrator."))
    take_over_groups(provider, claims, person)
    actor = of_person(person.id)
    if actor is None or gate.standing(actor, canonical(address)).is_outside:
        raise Invalid(_("There is no account for you here yet. Ask an administrator."))
    return actor


def by_directory(company: Company, login: str, password: str, *, address: str) -> Actor | None:
    """Whose login and password these are in the company's directory.

    None, after about the same time, for whoever can't come in with them. Unavailable when it can't say.
    """
    started = time.monotonic()
    try:
        who = company.sign_in(login, password)
        if who is not None:
            return recognise(company.directory, who, address=address)
    except Invalid:
        pass  # whether a password is right is told to those who may come in, and to nobody else
    except Trouble as problem:
        raise _unavailable(problem) from problem
    _even_out(company, started)
    return None


def is_directory_password(company: Company, actor: Actor, password: str) -> bool:
    """Whether it is this person's password in the company's directory. Unavailable when it can't say."""
    try:
        for login in _names(actor):
            who = company.find(login)
            if who is not None and _owner_of(company.directory, who) == actor.id:
                return company.sign_in(login, password) is not None
    except Trouble as problem:
        raise _unavailable(problem) from problem
    return False


def _names(actor: Actor) -> list[str]:
    email = db.session.scalar(select(Person.email).where(Person.id == actor.id))
    return [actor.login, *([email] if email else [])]


def _owner_of(provider: Voucher, claims: Vouched) -> int | None:
    known = db.session.get(Identity, (provider.issuer, claims.subject))
    return known.person_id if known else None


def _unavailable(problem: Trouble) -> Unavailable:
    """Why is for the log."""
    _log.warning("the directory couldn't say whose password this is: %s", problem)
    return Unavailable(
        _(
            "Your company’s directory doesn’t answer, so its passwords can’t be checked. "
            "Try again in a moment."
        )
    )


def _even_out(company: Company, started: float) -> None:
    """A refusal takes until the next whole step, whatever was looked up for it."""
    step = company.directory.least_seconds
    if step:
        time.sleep(step - (time.monotonic() - started) % step)


@action
def account_of(provider: Voucher, claims: Vouched) -> Person | None:
    """The account of whom the provider vouches for, linked or made the first time; closed ones too."""
    person = _known(provider, claims)
    if person is None:
        settings.hold("identity_linking")  # two sign-ins at once make one account
        person = _known(provider, claims) or _linked(provider, claims) or _made(provider, claims)
    return person


@action
def take_over_groups(provider: Voucher, claims: Vouched, person: Person) -> None:
    """Which groups somebody is in, and what these give; roles that the operator's groups stand for follow
    them, other roles stay. The last admin stays one.
    """
    groups.apply_groups(person.id, claims.known_groups, provider.source)
    wanted = roles_by_groups(provider, claims, person)
    if wanted == sorted(person.roles):
        return
    try:
        people.set_roles(None, person, wanted)
    except Conflict:
        audit.record("identity.role_kept", None, f"person:{person.id}")


def opened_at_provider(session_id: int) -> bool:
    """True when the provider vouched for who opened this session."""
    return db.session.scalar(select(Session.provider_sid).where(Session.id == session_id)) is not None


def roles_by_groups(provider: Voucher, claims: Vouched, person: Person) -> list[str]:
    """The roles that a person is to have by these groups; partners have none."""
    given = {role for group, role in provider.roles.items() if group in claims.groups}
    ruled = set(provider.roles.values()) - groups.roles_held(person.id)
    wanted = (set(person.roles) - ruled) | given
    return sorted(wanted if person.segment == EMPLOYEE else person.roles)


@action
def end_by_provider(provider: Voucher, subject: str, sid: str) -> None:
    """Somebody signed out at the provider: that session ends, or all of theirs; for nobody known, none."""
    if sid:
        owner = select(Session.person_id).where(Session.provider_sid == sid, Session.revoked_at.is_(None))
        people_out = set(db.session.scalars(owner))
    else:
        known = db.session.get(Identity, (provider.issuer, subject))
        people_out = {known.person_id} if known else set()
    for person_id in people_out:
        end_all_sessions(None, person_id, why="signed_out_at_provider")


def _known(provider: Voucher, claims: Vouched) -> Person | None:
    identity = db.session.get(Identity, (provider.issuer, claims.subject))
    if identity is None:
        return None
    identity.seen_at = clock.now()
    return db.session.get(Person, identity.person_id)


def _linked(provider: Voucher, claims: Vouched) -> Person | None:
    """The one employee without a link who answers to it; when address and login name two, neither."""
    found = candidates(provider, claims)
    if len(found) != 1:
        return None
    _link(provider, claims, found[0])
    return found[0]


def candidates(provider: Voucher, claims: Vouched) -> Sequence[Person]:
    """Employees that this provider doesn't know yet and who have the address or login that it names."""
    ways = []
    if "email" in provider.links and claims.email is not None:
        ways.append(func.lower(Person.email) == claims.email)
    if "login" in provider.links and claims.login:
        ways.append(Person.login == claims.login.lower())
    taken = select(Identity.person_id).where(Identity.issuer == provider.issuer)
    rows = select(Person).where(or_(*ways), Person.segment == EMPLOYEE, Person.id.not_in(taken))
    return db.session.scalars(rows).all() if ways else []


def _made(provider: Voucher, claims: Vouched) -> Person | None:
    if not provider.creates or len(candidates(provider, claims)) > 1:
        return None
    chosen: dict[str, Any] = {"locale": claims.locale} if claims.locale in LOCALES else {}
    person = people.add_person(
        None, login=free_login(claims.login), name=claims.name, email=_free_email(claims), **chosen
    )
    _link(provider, claims, person)
    return person


def _link(provider: Voucher, claims: Vouched, person: Person) -> None:
    identity = Identity(
        issuer=provider.issuer, subject=claims.subject, person_id=person.id, seen_at=clock.now()
    )
    db.session.add(identity)
    db.session.flush()
    audit.record("identity.linked", None, f"person:{person.id}")


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


def _free_email(claims: Vouched) -> str | None:
    if claims.email is None:
        return None
    taken = db.session.scalar(select(Person.id).where(func.lower(Person.email) == claims.email))
    return None if taken is not None else claims.email
