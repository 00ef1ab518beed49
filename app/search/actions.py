"""What can be found follows what can be read: each of these writes a document as it should be now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.kernel.action import action
from app.kernel.db import db
from app.kernel.ids import id_at
from app.kernel.reads import question
from app.kernel.text import LONGEST, excerpt
from app.organisations.models import Organisation
from app.people.models import Person, Team
from app.posts.models import POST, PUBLISHED, Entry, Revision
from app.posts.queries import attachments
from app.search import index, words
from app.search.models import ENTRY, PERSON, SPACE, SearchDocument
from app.spaces.models import Space

BATCH = 1_000


@action
def add_entry(entry_id: int, *, is_bare: bool = False) -> None:
    """Make found what is published just now; `is_bare` when it surely carries no file."""
    entry = db.session.get_one(Entry, entry_id)
    if entry.root_id is not None and _state().scalar(entry=entry.root_id) != PUBLISHED:
        return
    revision = db.session.get_one(Revision, entry.revision_id)
    files = () if is_bare else attachments([revision.id]).get(revision.id, ())
    if not index.add(_of_entry(entry, revision, files, id_at(entry.position, entry.id))):
        refresh_entry(entry_id)


@action
def refresh_entry(entry_id: int) -> None:
    """Make an entry found as it reads now, or not at all when it isn't published."""
    index.drop(and_(SearchDocument.kind == ENTRY, SearchDocument.subject_id == entry_id))
    index.put(_documents_of(_entries().where(Entry.id == entry_id)))


@action
def refresh_thread(post_id: int) -> None:
    """The same for a post and every comment below it."""
    index.drop(SearchDocument.thread_id == post_id)
    thread = _entries().where(or_(Entry.id == post_id, Entry.root_id == post_id))
    index.put(_documents_of(thread.order_by(Entry.position, Entry.id)))


@action
def refresh_person(person_id: int) -> None:
    """Make a person found by their present name, title, team, place and skills, until they leave."""
    index.drop(and_(SearchDocument.kind == PERSON, SearchDocument.subject_id == person_id))
    row = db.session.execute(_people().where(Person.id == person_id)).first()
    if row is not None:
        index.put([_of_person(row)])


@action
def refresh_people(person_ids: Sequence[int]) -> None:
    """The same for many."""
    for place in range(0, len(person_ids), BATCH):
        some = person_ids[place : place + BATCH]
        index.drop(and_(SearchDocument.kind == PERSON, SearchDocument.subject_id.in_(some)))
        rows = db.session.execute(_people().where(Person.id.in_(some)).order_by(Person.id)).all()
        numbers = _free([row.id for row in rows])
        index.put([_of_person(row, number) for row, number in zip(rows, numbers, strict=True)])


@action
def refresh_space(space_id: int) -> None:
    """Make a space found by its present name."""
    index.drop(and_(SearchDocument.kind == SPACE, SearchDocument.subject_id == space_id))
    row = db.session.execute(_spaces().where(Space.id == space_id)).first()
    if row is not None:
        index.put([_of_space(row)])


@action
def refresh_spaces_of(organisation_id: int) -> None:
    """The spaces of an organisation are found by its present name too."""
    for space_id in db.session.scalars(
        select(Space.id).where(Space.organisation_id == organisation_id)
    ).all():
        refresh_space(space_id)


def rebuild() -> int:
    """Write everything anew, batch by batch; how many documents there are. Search misses some meanwhile."""
    _begin_anew()
    written, last = 0, (0, 0)
    while True:
        count, last = _write_batch(last)
        if not count:
            return written + _count_names()
        written += count


@action
def _begin_anew() -> None:
    index.clear()
    for row in db.session.execute(_people()).all():
        index.put([_of_person(row)])
    for row in db.session.execute(_spaces()).all():
        index.put([_of_space(row)])


@action
def _write_batch(after: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """The next entries in the order of their publication; how many, and where to go on."""
    rows = _entries().where(tuple_(Entry.position, Entry.id) > tuple_(*after))
    documents = _documents_of(rows.order_by(Entry.position, Entry.id).limit(BATCH))
    if not documents:
        return 0, after
    subjects = [document["subject_id"] for document in documents]
    index.drop(and_(SearchDocument.kind == ENTRY, SearchDocument.subject_id.in_(subjects)))
    index.put(documents)
    last = db.session.execute(select(Entry.position, Entry.id).where(Entry.id == subjects[-1])).one()
    return len(documents), (last.position, last.id)


def _count_names() -> int:
    named = select(SearchDocument.id).where(SearchDocument.kind != ENTRY)
    return len(db.session.scalars(named).all())


def _entries() -> Select[*tuple[Any, ...]]:
    root = aliased(Entry)
    rows: Select[*tuple[Any, ...]] = select(
        Entry.id, Entry.kind, Entry.space_id, Entry.root_id, Entry.position, Entry.revision_id,
        Revision.title, Revision.body_html,
    )  # fmt: skip
    return (
        rows.join(Revision, Revision.id == Entry.revision_id)
        .outerjoin(root, root.id == Entry.root_id)
        .where(Entry.state == PUBLISHED, or_(Entry.root_id.is_(None), root.state == PUBLISHED))
    )


@question
def _state() -> Any:
    return select(Entry.state).where(Entry.id == bindparam("entry"))


def _documents_of(rows: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    found = db.session.execute(rows).all()
    files = attachments([row.revision_id for row in found])
    numbers = _free([id_at(row.position, row.id) for row in found])
    return [
        _of_entry(row, row, files.get(row.revision_id, ()), number)
        for row, number in zip(found, numbers, strict=True)
    ]


def _of_entry(row: Any, said: Any, files: Sequence[Any], number: int) -> dict[str, Any]:
    plain = excerpt(said.body_html, LONGEST)
    carried = [part for file in files for part in (file.name, file.alt)]
    return _document(
        id=number,
        kind=ENTRY,
        subject_id=row.id,
        space_id=row.space_id,
        thread_id=row.id if row.kind == POST else row.root_id,
        title=said.title,
        text=plain,
        search_text=words.of_entry(row.space_id, said.title, plain, *carried),
    )


def _people() -> Select[*tuple[Any, ...]]:
    rows: Select[*tuple[Any, ...]] = select(
        Person.id, Person.name, Person.login, Person.title, Person.site, Person.skills, Person.about,
        Team.name.label("team"),
    )  # fmt: skip
    return rows.outerjoin(Team, Team.id == Person.team_id).where(Person.deactivated_at.is_(None))


def _of_person(row: Any, number: int | None = None) -> dict[str, Any]:
    said = (row.name, row.login, row.title, row.site, row.team or "", *row.skills)
    return _document(
        id=_free([row.id])[0] if number is None else number,
        kind=PERSON,
        subject_id=row.id,
        title=row.name,
        text="",
        search_text=words.of_name(words.PERSON, *said, skills=row.skills),
    )


def _spaces() -> Select[*tuple[Any, ...]]:
    rows: Select[*tuple[Any, ...]] = select(
        Space.id, Space.name, Space.about, Organisation.name.label("organisation")
    )
    return rows.outerjoin(Organisation, Organisation.id == Space.organisation_id)


def _of_space(row: Any) -> dict[str, Any]:
    return _document(
        id=_free([row.id])[0],
        kind=SPACE,
        subject_id=row.id,
        space_id=row.id,
        title=row.name,
        text=row.about,
        search_text=words.of_name(words.SPACE, row.name, row.about, row.organisation or ""),
    )


def _document(**fields: Any) -> dict[str, Any]:
    return {"space_id": None, "thread_id": None, **fields}


def _free(wanted: Sequence[int]) -> list[int]:
    """Numbers that no document has, rising: these, or ones shortly after them."""
    taken = set(db.session.scalars(select(SearchDocument.id).where(SearchDocument.id.in_(wanted))))
    asked, numbers, last = set(wanted), [], -1
    for number in wanted:
        last = max(number, last + 1)
        while last in taken or (last not in asked and _is_taken(last)):
            last += 1
        numbers.append(last)
    return numbers


def _is_taken(number: int) -> bool:
    return db.session.scalar(select(SearchDocument.id).where(SearchDocument.id == number)) is not None
