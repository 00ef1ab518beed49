from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.charter.learning.models import Question, QuizPass
from app.charter.learning.policy import can_see_acceptances
from app.charter.models import Acceptance, CharterVersion
from app.kernel import settings
from app.kernel.db import db
from app.kernel.page import Page, cut, place
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person, Team

SMALLEST_GROUP = 5
PAGE = 50


@dataclass(frozen=True)
class Group:
    """How many of a team have accepted; the name is empty for all that are too small to be told apart."""

    name: str
    people: int
    accepted: int


@dataclass(frozen=True)
class Missing:
    """Somebody who has not accepted yet."""

    id: int
    name: str
    team: str
    photo_url: str | None
    before: bool


@dataclass(frozen=True)
class Record:
    """A line of the export."""

    login: str
    name: str
    team: str
    at: datetime | None
    locale: str
    text_hash: str


def questions(version: CharterVersion) -> Sequence[Question]:
    """The questions of a version, in order."""
    rows = select(Question).where(Question.version_id == version.id).order_by(Question.position)
    return db.session.scalars(rows).all()


def has_questions(version: CharterVersion) -> bool:
    """True when there is something to answer."""
    return (
        db.session.scalar(select(Question.id).where(Question.version_id == version.id).limit(1)) is not None
    )


def has_passed(actor: Actor, version: CharterVersion) -> bool:
    """True when the actor answered every question rightly once."""
    return db.session.get(QuizPass, (actor.id, version.id)) is not None


def must_pass(actor: Actor, version: CharterVersion) -> bool:
    """True while the questions of a version stand between the actor and the acceptance."""
    return version.quiz_required and has_questions(version) and not has_passed(actor, version)


def has_not_accepted(version_id: int) -> ColumnElement[bool]:
    """On Person: those who may act and have not accepted a version."""
    accepted = exists().where(Acceptance.person_id == Person.id, Acceptance.version_id == version_id)
    return and_(_may_act(), ~accepted)


def counts(actor: Actor, version: CharterVersion) -> tuple[int, int]:
    """How many have accepted, of how many."""
    require(can_see_acceptances(actor))
    people, accepted = db.session.execute(_counted(version)).one()
    return accepted or 0, people


def groups(actor: Actor, version: CharterVersion) -> list[Group]:
    """Acceptance by team. Teams under five people are told as one, if together they are no fewer."""
    require(can_see_acceptances(actor))
    by_team = _counted(version).add_columns(Team.name).outerjoin(Team, Team.id == Person.team_id)
    rows = db.session.execute(by_team.group_by(Team.name).order_by(Team.name)).all()
    shown = [Group(name, n, ok or 0) for n, ok, name in rows if name and n >= SMALLEST_GROUP]
    small = [(n, ok or 0) for n, ok, name in rows if not (name and n >= SMALLEST_GROUP)]
    rest = Group("", sum(n for n, _ok in small), sum(ok for _n, ok in small))
    return [*shown, rest] if rest.people >= SMALLEST_GROUP else shown


def missing(actor: Actor, version: CharterVersion, *, after: str | None = None) -> Page[Missing]:
    """Who has not accepted, by name."""
    require(can_see_acceptances(actor))
    begin = place("missing", after)
    earlier = exists().where(Acceptance.person_id == Person.id)
    rows: Select[*tuple[Any, ...]] = (
        select(Person.id, Person.name, Person.name_key, Person.photo_id, Team.name.label("team"), earlier)
        .outerjoin(Team, Team.id == Person.team_id)
        .where(has_not_accepted(version.id))
    )
    if begin:
        name, last = begin
        rows = rows.where(or_(Person.name_key > name, and_(Person.name_key == name, Person.id > last)))
    found = db.session.execute(rows.order_by(Person.name_key, Person.id).limit(PAGE + 1)).all()
    page = cut(found, PAGE, "missing", lambda row: [row.name_key, row.id])
    return page.map(
        lambda row: Missing(
            row.id, row.name, row.team or "", f"/files/{row.photo_id}/thumb" if row.photo_id else None, row[5]
        )
    )


def records(actor: Actor, version: CharterVersion) -> Iterator[Record]:
    """Everybody who may act, with when and how they accepted."""
    require(can_see_acceptances(actor))
    own = and_(Acceptance.person_id == Person.id, Acceptance.version_id == version.id)
    rows = (
        select(Person.login, Person.name, Team.name, Acceptance.at, Acceptance.locale, Acceptance.text_hash)
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(Acceptance, own)
        .where(_may_act())
        .order_by(Person.name_key, Person.id)
    )
    for login, name, team, at, locale, text_hash in db.session.execute(rows):
        yield Record(login, name, team or "", at, locale or "", text_hash or "")


def _counted(version: CharterVersion) -> Select[*tuple[Any, ...]]:
    own = and_(Acceptance.person_id == Person.id, Acceptance.version_id == version.id)
    counted = select(func.count(Person.id), func.count(Acceptance.person_id)).select_from(Person)
    return counted.outerjoin(Acceptance, own).where(_may_act())


def _may_act() -> ColumnElement[bool]:
    """On Person: not left, and no partner while partners are switched off."""
    there = Person.deactivated_at.is_(None)
    return there if settings.get("partners_enabled", False) else and_(there, Person.segment == EMPLOYEE)
