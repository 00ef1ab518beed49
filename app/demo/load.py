"""The demo company, entered: everything through the actions of the product, each at the moment it happened.

One transaction, so that an interrupted load leaves nothing behind. Loading again over a loaded company only
gives those who sign in new passwords.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.auth import actions as auth
from app.auth import passwords
from app.charter import queries as charter
from app.charter.rulebook.actions import note_counts
from app.demo.company import Company, company
from app.demo.company import Person as Character
from app.demo.houses import enter_house
from app.demo.lives import live
from app.demo.quiet import quietly
from app.demo.rulemaking import make_rules
from app.demo.told import NotEmpty, SignIn
from app.kernel import audit, clock, settings
from app.kernel.action import action
from app.kernel.db import db
from app.people.models import Person
from app.people.queries import by_logins

LOADED = "demo_seed"
PLAIN = {"sylvie.caron": "employee (français)", "james.whitfield": "employee (English)"}
ORDER = ("admin", "senior_moderator", "moderator", "charter_owner", "auditor", "staff_representative")


@dataclass(frozen=True)
class Loaded:
    """Who can sign in, and what came out otherwise than its author meant."""

    sign_ins: Sequence[SignIn]
    surprises: Sequence[str] = ()


def load_company(seed: int = 1, *, all_passwords: bool = False) -> Loaded:
    """Load the demo company into an installation without content, or only hand out new passwords.

    NotEmpty where there is a charter or a company other than the demo's.
    """
    firm = company(seed, clock.now())
    settings.forget()
    if settings.get(LOADED) is None:
        _require_empty(firm)
        surprises = _enter(firm)
    else:
        surprises = []
    return Loaded(_hand_out(firm, all_passwords), surprises)


def _require_empty(firm: Company) -> None:
    if charter.version_in_force(firm.now) is not None:
        raise NotEmpty("There is a charter already: load the demo company into an empty installation.")
    if by_logins([person.login for person in firm.people]):
        raise NotEmpty("Some of the demo company’s logins are taken: load it into an empty installation.")


@action
def _enter(firm: Company) -> list[str]:
    with quietly():
        house = enter_house(firm)
    surprises = live(firm, house)
    note_counts()
    make_rules(firm.now, house.actors)
    settings.put(LOADED, firm.seed)
    audit.record("demo.loaded", None, "demo", seed=firm.seed)
    return surprises


@action
def _hand_out(firm: Company, everyone: bool) -> list[SignIn]:
    """A new password for each of those who show what one can do, or for everybody."""
    people = {person.login: person for person in db.session.scalars(select(Person))}
    chosen = [(who, role) for who, role in _roles(firm) if everyone or role]
    return [
        _with_password(people[who.login], role or who.title) for who, role in chosen if who.login in people
    ]


def _with_password(person: Person, role: str) -> SignIn:
    password = passwords.generated()
    auth.set_password(None, person, password)
    return SignIn(person.login, password, role)


def _roles(firm: Company) -> Iterator[tuple[Character, str]]:
    """Everybody with what they show: roles, then two employees and the partners; the others show nothing."""
    names = {organisation.key: organisation.name for organisation in firm.organisations}
    held = sorted((p for p in firm.people if p.roles), key=lambda p: ORDER.index(p.roles[0]))
    others = sorted((p for p in firm.people if not p.roles), key=lambda p: (p.login not in PLAIN, p.login))
    for person in held:
        yield person, ", ".join(role.replace("_", " ") for role in person.roles)
    for person in others:
        partner = f"{person.segment}, {names[person.organisation]}" if person.organisation else ""
        yield person, PLAIN.get(person.login, partner)
