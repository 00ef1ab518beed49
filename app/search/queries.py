from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.db import BigInt
from app.kernel.ids import id_at
from app.kernel.page import Page, cut, place
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import Person
from app.people.prepared import numbers, prepared
from app.posts.models import COMMENT, PUBLISHED, Entry
from app.posts.policy import visible_to
from app.search import index, words
from app.search.directory import Colleague, colleague_of, colleagues
from app.search.models import ENTRY, PERSON, SPACE, SearchDocument
from app.search.words import Segments
from app.spaces.models import Space
from app.spaces.policy import findable_by, met_by, readable_by
from app.spaces.queries import readable_ids

PEOPLE, SPACES, ENTRIES = "people", "spaces", "entries"
KINDS = (PEOPLE, SPACES, ENTRIES)
SPANS = {"week": timedelta(days=7), "month": timedelta(days=30), "year": timedelta(days=365)}
FEW, MANY = 5, 50
LONGEST_QUERY = 200


@dataclass(frozen=True)
class FoundSpace:
    id: int
    name: str
    kind: str
    organisation_name: str | None
    about: str
    name_marks: Segments


@dataclass(frozen=True)
class Author:
    id: int
    name: str
    photo_url: str | None


@dataclass(frozen=True)
class Place:
    name: str
    kind: str


@dataclass(frozen=True)
class FoundEntry:
    """A post or a comment with the words that were found marked."""

    id: int
    kind: str
    author: Author
    space: Place
    at: datetime
    url: str
    title_marks: Segments | None
    text_marks: Segments


@dataclass(frozen=True)
class Results:
    """What the actor may see of what was asked; `next` brings the following entries."""

    people: Sequence[Colleague]
    spaces: Sequence[FoundSpace]
    entries: Sequence[FoundEntry]
    next: str | None = None


def search(
    actor: Actor,
    q: str,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 20,
    *,
    space_id: int | None = None,
    since: timedelta | None = None,
) -> Results:
    """People, spaces and entries that hold every word asked; entries newest first. Five queries at most.

    People and spaces are found by the beginnings of words, and shown on the first page only.
    """
    q = q[:LONGEST_QUERY]
    narrowed = bool(after or space_id or since)
    most = MANY if kind else FEW
    people = _people(actor, q, most) if kind == PEOPLE or (not kind and not narrowed) else []
    spaces = _spaces(actor, q, most) if kind == SPACES or (not kind and not narrowed) else []
    if kind in {PEOPLE, SPACES}:
        return Results(people, spaces, [])
    page = _entries(actor, q, after=after, limit=limit, space_id=space_id, since=since)
    return Results(people, spaces, page.items, page.next)


def _people(actor: Actor, q: str, most: int) -> list[Colleague]:
    terms = [(f"{words.PERSON}{words.fold(word)}*",) for word in words.asked(q)]
    if not terms:
        return []
    found = _people_found(actor).all(numbers(actor, wanted=index.wanted(terms), most=most))
    return [colleague_of(row, words.marked_name(row.name, q)) for row in found]


@prepared
def _people_found(actor: Actor) -> Any:
    ids = index.documents_asked(SearchDocument.subject_id).where(SearchDocument.kind == PERSON)
    rows = colleagues().where(Person.id.in_(ids), met_by(actor), Person.deactivated_at.is_(None))
    return rows.order_by(Person.name_key, Person.id).limit(bindparam("most", type_=Integer))


def _spaces(actor: Actor, q: str, most: int) -> list[FoundSpace]:
    terms = [(f"{words.SPACE}{words.fold(word)}*",) for word in words.asked(q)]
    if not terms:
        return []
    found = _spaces_found(actor).all(numbers(actor, wanted=index.wanted(terms), most=most))
    return [_found_space(row, q) for row in found]


@prepared
def _spaces_found(actor: Actor) -> Any:
    ids = index.documents_asked(SearchDocument.subject_id).where(SearchDocument.kind == SPACE)
    rows = select(Space.id, Space.name, Space.kind, Space.about, Organisation.name.label("organisation_name"))
    rows = rows.outerjoin(Organisation, Organisation.id == Space.organisation_id)
    rows = rows.where(Space.id.in_(ids), findable_by(actor))
    return rows.order_by(Space.name).limit(bindparam("most", type_=Integer))


def _found_space(row: Any, q: str) -> FoundSpace:
    marks, about = words.marked_name(row.name, q), words.around(row.about, "", 160)
    return FoundSpace(row.id, row.name, row.kind, row.organisation_name, about, marks)


def _entries(
    actor: Actor, q: str, *, after: str | None, limit: int, space_id: int | None, since: timedelta | None
) -> Page[FoundEntry]:
    begin, terms = place("search", after), words.entry_terms(q)
    chosen = [one for one in readable_ids(actor) if space_id is None or one == space_id]
    if not terms or not chosen:
        return Page([])
    by_rows = len(chosen) > words.MOST_SPACE_TOKENS
    here = [] if by_rows else [tuple(words.space_token(one) for one in chosen)]
    given = numbers(actor, wanted=index.wanted([*terms, *here]), most=limit + 1)
    if begin:
        given["before"] = begin[0]
    if since:
        given["first"] = id_at(clock.micros(clock.now() - since))
    found = _documents(actor, bool(begin), bool(since), by_rows).all(given)
    page = cut(found, limit, "search", lambda row: [row.id])
    seen = _seen(actor, [row.subject_id for row in page.items])
    entries = [_found_entry(row, seen[row.subject_id], q) for row in page.items if row.subject_id in seen]
    return Page(entries, page.next)


@prepared
def _documents(actor: Actor, goes_on: bool, is_recent: bool, by_rows: bool) -> Any:
    """Documents of the spaces that the actor reads: by tokens in the index, by rows when there are many."""
    number = index.number()
    rows = index.documents_asked(
        SearchDocument.id, SearchDocument.subject_id, SearchDocument.title, SearchDocument.text
    )
    if by_rows:
        readable = select(Space.id).where(readable_by(actor))
        rows = rows.where(SearchDocument.kind == ENTRY, SearchDocument.space_id.in_(readable))
    if goes_on:
        rows = rows.where(number < bindparam("before", type_=BigInt))
    if is_recent:
        rows = rows.where(number >= bindparam("first", type_=BigInt))
    return rows.order_by(number.desc()).limit(bindparam("most", type_=Integer))


def _seen(actor: Actor, ids: Sequence[int]) -> dict[int, Any]:
    """Those of these entries that the actor may see now, asked of the rows themselves."""
    if not ids:
        return {}
    rows = _entries_seen(actor).all(numbers(actor, ids=list(ids)))
    return {row.id: row for row in rows}


@prepared
def _entries_seen(actor: Actor) -> Any:
    space = aliased(Space)
    rows: Select[*tuple[Any, ...]] = select(
        Entry.id, Entry.kind, Entry.root_id, Entry.published_at, Entry.created_at,
        Person.id.label("author_id"), Person.name.label("author_name"), Person.photo_id,
        space.name.label("space_name"), space.kind.label("space_kind"),
    )  # fmt: skip
    rows = rows.join(Person, Person.id == Entry.author_id).join(space, space.id == Entry.space_id)
    there = Entry.id.in_(bindparam("ids", expanding=True, type_=BigInt))
    return rows.where(there, Entry.state == PUBLISHED, visible_to(actor))


def _found_entry(document: Any, row: Any, q: str) -> FoundEntry:
    photo = f"/files/{row.photo_id}/thumb" if row.photo_id else None
    is_comment = row.kind == COMMENT
    return FoundEntry(
        id=row.id,
        kind=row.kind,
        author=Author(row.author_id, row.author_name, photo),
        space=Place(row.space_name, row.space_kind),
        at=row.published_at or row.created_at,
        url=f"/posts/{row.root_id}#comment-{row.id}" if is_comment else f"/posts/{row.id}",
        title_marks=words.marked(document.title, q) if document.title else None,
        text_marks=words.marked(words.around(document.text, q), q),
    )
