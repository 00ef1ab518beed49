from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import Text, cast, func, select

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.models import EMPLOYEE, Person, Team


def folded(name: str) -> str:
    """A name as people search it: no accents, no capitals."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def get_person(person_id: int) -> Person:
    """Any person by number, for admins, jobs and the console; NotFound when there is none."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def by_login(login: str) -> Person | None:
    """The person who signs in with this login or e-mail address."""
    name = login.strip().lower()
    column = Person.email if "@" in name else Person.login
    return db.session.scalar(select(Person).where(column == name))


def by_logins(logins: Sequence[str]) -> Sequence[Person]:
    """Active persons with these logins."""
    if not logins:
        return []
    return db.session.scalars(
        select(Person).where(Person.login.in_(logins), Person.deactivated_at.is_(None))
    ).all()


def teams() -> Sequence[Team]:
    """Every team by name."""
    return db.session.scalars(select(Team).order_by(Team.name)).all()


def active_admins() -> int:
    """How many people can still run the place; they stay as they are until the transaction ends."""
    named = cast(Person.roles, Text).contains('"admin"')
    rows = select(Person.id).where(named, Person.deactivated_at.is_(None), Person.segment == EMPLOYEE)
    return len(db.session.scalars(rows.order_by(Person.id).with_for_update()).all())


def is_line_manager(manager_id: int, person_id: int) -> bool:
    """True when the person reports to the manager, directly or through others."""
    above, seen = db.session.scalar(select(Person.manager_id).where(Person.id == person_id)), {person_id}
    while above is not None and above not in seen:
        if above == manager_id:
            return True
        seen.add(above)
        above = db.session.scalar(select(Person.manager_id).where(Person.id == above))
    return False


def count_active() -> int:
    """People who may sign in."""
    return (
        db.session.scalar(select(func.count()).select_from(Person).where(Person.deactivated_at.is_(None)))
        or 0
    )
