from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.reads import question
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person
from app.people.prepared import numbers, prepared
from app.people.queries import folded
from app.spaces.models import OPEN, OWNER, JoinRequest, Membership, Space
from app.spaces.policy import findable_by, met_by, readable_by

COMPLETIONS = 8
MOST_OFFERED = 60


@dataclass(frozen=True)
class Audience:
    """Who sees what is written in a space: how many, and how many of them from the outside organisation."""

    people: int
    everyone: bool
    outside: int
    organisation: str | None


def get_space(actor: Actor, space_id: int) -> Space:
    """A space whose content the actor may read, or NotFound: missing and hidden are the same."""
    return _found(db.session.scalar(_readable_space(actor).statement, numbers(actor, space=space_id)))


def find_space(actor: Actor, space_id: int) -> Space:
    """A space that the actor may know of (perhaps only to ask to join), or NotFound."""
    return _one(findable_by(actor), space_id)


def spaces(actor: Actor) -> Sequence[tuple[Space, str | None]]:
    """Every space the actor may know of, by name, with their own role there."""
    mine = select(Membership.space_id, Membership.role).where(Membership.person_id == actor.id).subquery()
    rows = (
        select(Space, mine.c.role)
        .outerjoin(mine, mine.c.space_id == Space.id)
        .where(findable_by(actor))
        .options(joinedload(Space.organisation))
        .order_by(Space.name)
    )
    return [(space, role) for space, role in db.session.execute(rows)]


def my_spaces(actor: Actor) -> Sequence[Any]:
    """The spaces to which the actor belongs, by name: rows (id, name, kind, visibility)."""
    return _my_spaces(actor).all(numbers(actor))


@prepared
def _my_spaces(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Space.id, Space.name, Space.kind, Space.visibility)
        .join(Membership, Membership.space_id == Space.id)
        .where(Membership.person_id == actor.id, readable_by(actor))
        .order_by(Space.name)
    )


def writable_spaces(actor: Actor, *, only: int | None = None) -> Sequence[Any]:
    """Where the actor may post, own spaces first, as many as a list to choose from bears; or that one, if
    they may.

    Rows (id, name, kind, visibility, organisation_id).
    """
    return _writable_spaces(actor, only is not None).all(numbers(actor, only=only, most=MOST_OFFERED))


@prepared
def _writable_spaces(actor: Actor, is_one: bool) -> Select[*tuple[Any, ...]]:
    mine = select(Membership.space_id).where(Membership.person_id == actor.id)
    rows = select(Space.id, Space.name, Space.kind, Space.visibility, Space.organisation_id)
    rows = rows.where(readable_by(actor))
    if is_one:
        rows = rows.where(Space.id == bindparam("only"))
    rows = rows.order_by(Space.id.in_(mine).desc(), Space.name)
    return rows.limit(bindparam("most", type_=Integer))


def readable_ids(actor: Actor) -> list[int]:
    """Numbers of every space whose content the actor may read."""
    return list(db.session.scalars(select(Space.id).where(readable_by(actor))))


def closed_spaces_of(actor: Actor) -> list[int]:
    """Spaces whose events reach the actor by membership rather than because they are open to employees."""
    rows = (
        select(Space.id)
        .join(Membership, Membership.space_id == Space.id)
        .where(Membership.person_id == actor.id)
    )
    rows = rows.where(readable_by(actor))
    return list(db.session.scalars(rows if actor.is_partner else rows.where(Space.visibility != "open")))


def members(actor: Actor, space: Space, limit: int = 500) -> Sequence[tuple[Person, str]]:
    """Those who belong, owners first."""
    rows = (
        select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.space_id == space.id, met_by(actor), Person.deactivated_at.is_(None))
        .options(joinedload(Person.team))
        .order_by(Membership.role.desc(), Person.name_key)
        .limit(limit)
    )
    return [(person, role) for person, role in db.session.execute(rows)]


def requests(space: Space) -> Sequence[Person]:
    """Those who would like to belong, longest waiting first."""
    rows = (
        select(Person)
        .join(JoinRequest, JoinRequest.person_id == Person.id)
        .where(JoinRequest.space_id == space.id)
    )
    return db.session.scalars(rows.options(joinedload(Person.team)).order_by(JoinRequest.created_at)).all()


def has_asked(actor: Actor, space: Space) -> bool:
    """True while the actor's request to join waits."""
    return db.session.get(JoinRequest, (space.id, actor.id)) is not None


def owners(space_id: int) -> list[int]:
    """Numbers of the persons who own a space."""
    rows = select(Membership.person_id).where(Membership.space_id == space_id, Membership.role == OWNER)
    return list(db.session.scalars(rows))


def complete_people(actor: Actor, typed: str, space: Space | None = None) -> Sequence[Person]:
    """People whose name or login begins with what was typed, among those the actor may mention there."""
    key = folded(typed).strip().replace("%", "").replace("_", r"\_")
    rows = select(Person).where(met_by(actor), Person.deactivated_at.is_(None))
    if key:
        rows = rows.where(_begins(key))
    if space is not None and not space.is_open:
        rows = rows.where(Person.id.in_(select(Membership.person_id).where(Membership.space_id == space.id)))
    elif space is not None:
        inside = select(Membership.person_id).where(Membership.space_id == space.id)
        rows = rows.where((Person.segment == "employee") | Person.id.in_(inside))
    return db.session.scalars(rows.order_by(Person.name_key).limit(COMPLETIONS)).all()


def who_reads(space: Space, person_ids: Sequence[int]) -> set[int]:
    """Those of these persons who may read the space."""
    if not person_ids:
        return set()
    inside = select(Membership.person_id).where(Membership.space_id == space.id)
    may: ColumnElement[bool] = Person.id.in_(inside)
    if space.is_open:
        may = may | (Person.segment == "employee")
    rows = select(Person.id).where(Person.id.in_(person_ids), Person.deactivated_at.is_(None), may)
    return set(db.session.scalars(rows))


def _begins(key: str) -> Any:
    upper = key[:-1] + chr(ord(key[-1]) + 1)
    first = (Person.name_key >= key) & (Person.name_key < upper)
    return first | Person.name_key.like(f"% {key}%", escape="\\")


def _one(visible: Any, space_id: int) -> Space:
    rows: Select[Space] = select(Space).where(visible, Space.id == space_id)
    return _found(db.session.scalar(rows.options(joinedload(Space.organisation))))


@prepared
def _readable_space(actor: Actor) -> Select[Space]:
    rows: Select[Space] = select(Space).where(readable_by(actor), Space.id == bindparam("space"))
    return rows.options(joinedload(Space.organisation))


def _found(space: Space | None) -> Space:
    if space is None:
        raise NotFound
    return space


def audiences(space_ids: Sequence[int]) -> dict[int, Audience]:
    """Who would see a new post, by space; two queries whatever the number."""
    if not space_ids:
        return {}
    spaces = list(space_ids)
    inside: dict[int, int] = defaultdict(int)
    outside: dict[int, int] = defaultdict(int)
    for space_id, segment, count in _members_counted().all(spaces=spaces):
        (inside if segment == EMPLOYEE else outside)[space_id] += count
    return {
        space_id: Audience(inside[space_id] + outside[space_id], visibility == OPEN, outside[space_id], name)
        for space_id, visibility, name in _openness().all(spaces=spaces)
    }


@question
def _members_counted() -> Any:
    return (
        select(Membership.space_id, Person.segment, func.count())
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.space_id.in_(bindparam("spaces", expanding=True)), Person.deactivated_at.is_(None))
        .group_by(Membership.space_id, Person.segment)
    )


@question
def _openness() -> Any:
    rows = select(Space.id, Space.visibility, Organisation.name)
    rows = rows.outerjoin(Organisation, Organisation.id == Space.organisation_id)
    return rows.where(Space.id.in_(bindparam("spaces", expanding=True)))


def audiences_of(spaces: Sequence[Any]) -> dict[int, Audience]:
    """The same for rows of `writable_spaces`; who all employees are needs no counting."""
    company = {row.id for row in spaces if row.visibility == OPEN and row.organisation_id is None}
    counted = audiences([row.id for row in spaces if row.id not in company])
    return counted | dict.fromkeys(company, Audience(0, True, 0, None))


def asked(actor: Actor) -> set[int]:
    """Spaces the actor asked to join and hasn't been answered about."""
    return set(db.session.scalars(select(JoinRequest.space_id).where(JoinRequest.person_id == actor.id)))
