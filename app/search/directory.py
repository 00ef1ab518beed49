"""Who works here, as far as the actor may know: the list, a person's page, and completion as one writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, literal, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.page import Page, cut, place
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import Person, Team
from app.posts.models import POST, PUBLISHED, Entry
from app.posts.policy import visible_to
from app.search import index, words
from app.search.models import PERSON, SearchDocument
from app.search.words import Segments
from app.spaces.models import Space
from app.spaces.policy import findable_by, met_by

PAGE = 40
POSTS = 10
HIGHEST = 8
COMPLETIONS = 8


@dataclass(frozen=True)
class Colleague:
    """A person as a line of a list."""

    id: int
    name: str
    title: str
    team: str | None
    site: str
    photo_url: str | None
    organisation_name: str | None
    name_marks: Segments = field(default_factory=list)


@dataclass(frozen=True)
class Filters:
    """What somebody looks for in the directory."""

    q: str = ""
    team_id: int | None = None
    site: str = ""
    skill: str = ""


@dataclass(frozen=True)
class Profile:
    """A person's page, without what they wrote."""

    person: Person
    organisation_name: str | None
    above: Sequence[Colleague]
    reports: Sequence[Colleague]

    @property
    def has_left(self) -> bool:
        return self.person.deactivated_at is not None


def people(actor: Actor, filters: Filters, *, after: str | None = None) -> Page[Colleague]:
    """A page of the directory, by name; one query."""
    begin = place("people", after)
    rows = colleagues(Person.name_key).where(
        met_by(actor), Person.deactivated_at.is_(None), *_wanted(filters)
    )
    if begin:
        key, last = begin
        rows = rows.where(or_(Person.name_key > key, (Person.name_key == key) & (Person.id > last)))
    found = db.session.execute(rows.order_by(Person.name_key, Person.id).limit(PAGE + 1)).all()
    return cut(found, PAGE, "people", lambda row: [row.name_key, row.id]).map(colleague_of)


def teams(actor: Actor) -> Sequence[Row[tuple[int, str]]]:
    """The teams of those the actor may know, by name: rows (id, name)."""
    there = select(Person.team_id).where(met_by(actor), Person.deactivated_at.is_(None))
    return db.session.execute(select(Team.id, Team.name).where(Team.id.in_(there)).order_by(Team.name)).all()


def sites(actor: Actor) -> Sequence[str]:
    """The places of those the actor may know."""
    rows = select(Person.site).where(met_by(actor), Person.deactivated_at.is_(None), Person.site != "")
    return db.session.scalars(rows.distinct().order_by(Person.site)).all()


def profile(actor: Actor, person_id: int) -> Profile:
    """A person the actor may know of, or NotFound, with who stands above and below them."""
    rows = select(Person, Team, Organisation.name).outerjoin(Team, Team.id == Person.team_id)
    rows = rows.outerjoin(Organisation, Organisation.id == Person.organisation_id)
    found = db.session.execute(rows.where(Person.id == person_id, met_by(actor))).first()
    if found is None:
        raise NotFound
    person, team, organisation_name = found
    set_committed_value(person, "team", team)
    return Profile(person, organisation_name, _above(actor, person), _reports(actor, person))


def posts(actor: Actor, person_id: int, *, after: str | None = None) -> Page[Row[Any]]:
    """Published posts of a person that the actor may read, newest first: rows as `posts.queries.marks` wants them."""
    begin = place("posts of a person", after)
    rows: Select[Any] = select(
        Entry.id, Entry.version, Entry.kind, Entry.space_id, Entry.author_id, Entry.state, Entry.position
    )
    rows = rows.where(Entry.author_id == person_id, Entry.kind == POST, Entry.state == PUBLISHED)
    rows = rows.where(visible_to(actor))
    if begin:
        position, last = begin
        rows = rows.where(or_(Entry.position < position, (Entry.position == position) & (Entry.id < last)))
    found = db.session.execute(rows.order_by(Entry.position.desc(), Entry.id.desc()).limit(POSTS + 1)).all()
    return cut(found, POSTS, "posts of a person", lambda row: [row.position, row.id])


def complete_spaces(actor: Actor, typed: str) -> Sequence[Row[tuple[int, str]]]:
    """Spaces with words that begin with what was typed, among those the actor may know: rows (id, name)."""
    rows = select(Space.id, Space.name).where(findable_by(actor))
    terms = [(f"{words.SPACE}{words.fold(word)}*",) for word in words.asked(typed)]
    if terms:
        rows = rows.where(Space.id.in_(index.documents(terms, SearchDocument.subject_id)))
    return db.session.execute(rows.order_by(Space.name).limit(COMPLETIONS)).all()


def colleagues(*more: Any) -> Select[Any]:
    """Persons with the columns of `colleague_of`."""
    rows: Select[Any] = select(
        Person.id, Person.name, Person.title, Person.site, Person.photo_id, Team.name.label("team"),
        Organisation.name.label("organisation_name"), *more,
    )  # fmt: skip
    return rows.outerjoin(Team, Team.id == Person.team_id).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )


def colleague_of(row: Any, marks: Segments | None = None) -> Colleague:
    """The line of a row of `colleagues`."""
    photo = f"/files/{row.photo_id}/thumb" if row.photo_id else None
    return Colleague(
        row.id, row.name, row.title, row.team, row.site, photo, row.organisation_name, marks or []
    )


def _wanted(filters: Filters) -> list[Any]:
    chosen: list[Any] = []
    if filters.team_id is not None:
        chosen.append(Person.team_id == filters.team_id)
    if filters.site:
        chosen.append(Person.site == filters.site)
    terms = [(f"{words.PERSON}{words.fold(word)}*",) for word in words.asked(filters.q)]
    if words.fold(filters.skill):
        terms.append((f"{words.SKILL}{words.fold(filters.skill)}",))
    if terms:
        named = index.documents(terms, SearchDocument.subject_id).where(SearchDocument.kind == PERSON)
        chosen.append(Person.id.in_(named))
    return chosen


def _above(actor: Actor, person: Person) -> list[Colleague]:
    """The line of managers, the nearest first."""
    if person.manager_id is None:
        return []
    first = select(Person.id, Person.manager_id, literal(1).label("steps")).where(
        Person.id == person.manager_id
    )
    line = first.cte("line", recursive=True)
    higher = aliased(Person)
    further = select(higher.id, higher.manager_id, line.c.steps + 1)
    line = line.union_all(further.where(higher.id == line.c.manager_id, line.c.steps < HIGHEST))
    rows = colleagues(line.c.steps).join(line, line.c.id == Person.id)
    rows = rows.where(met_by(actor), Person.deactivated_at.is_(None), Person.id != person.id)
    nearest: dict[int, Colleague] = {}
    for row in db.session.execute(rows.order_by(line.c.steps)):
        nearest.setdefault(row.id, colleague_of(row))
    return list(nearest.values())


def _reports(actor: Actor, person: Person) -> list[Colleague]:
    rows = colleagues().where(Person.manager_id == person.id, met_by(actor), Person.deactivated_at.is_(None))
    return [colleague_of(row) for row in db.session.execute(rows.order_by(Person.name_key).limit(100))]
