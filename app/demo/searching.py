"""What was made in volume can be found: its documents, as the search would write them one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from sqlalchemy import select

from app.demo.crowd import Crowd
from app.demo.flow import Piece
from app.demo.rows import Row, put
from app.kernel.db import db, is_sqlite
from app.people.models import Person, Team
from app.search import words
from app.search.models import ENTRY, PERSON, SPACE
from app.spaces.models import Space

DOCUMENT = ("id", "kind", "subject_id", "space_id", "thread_id", "title", "text", "search_text")


def put_names(crowd: Crowd) -> None:
    """People by name, title and team; spaces by name and purpose. Within an action."""
    _put([*_people(crowd), *_spaces(crowd)])


def put_entries(piece: Piece) -> None:
    """Posts and comments of a piece. Their numbers follow the time, and so do those of their documents."""
    _put([_of_entry(entry, said) for entry, said in zip(piece.entries, piece.revisions, strict=True)])


def _put(documents: Sequence[Row]) -> None:
    put("search_documents", DOCUMENT, documents)
    if is_sqlite():
        put("search_index", ("rowid", "search_text"), ((row[0], row[-1]) for row in documents))


def _of_entry(entry: Row, said: Row) -> Row:
    id_, _kind, _type, space, root, *_rest = entry
    title, body = said[4], said[5]
    plain = " ".join(body.replace("**", "").replace("\n- ", "\n").split())
    found = {words.space_token(space), *_said(title)}.union(*(_said(piece) for piece in plain.split(". ")))
    return id_, ENTRY, id_, space, root or id_, title, plain, " ".join(sorted(found))


@lru_cache(maxsize=20_000)
def _said(piece: str) -> frozenset[str]:
    """The words of a sentence, of which there are a few hundred."""
    return frozenset(words.of_entry(0, piece).split()) - {words.space_token(0)}


def _people(crowd: Crowd) -> Iterator[Row]:
    made = {crowd.person_id(number) for number in range(crowd.size.people)}
    rows = select(Person.id, Person.name, Person.login, Person.title, Team.name.label("team"))
    within = rows.join(Team, Team.id == Person.team_id).where(Person.id.between(min(made), max(made)))
    for row in db.session.execute(within).all():
        if row.id in made:
            search = words.of_name(words.PERSON, row.name, row.login, row.title, row.team)
            yield row.id, PERSON, row.id, None, None, row.name, "", search


def _spaces(crowd: Crowd) -> Iterator[Row]:
    made = {crowd.space_id(number) for number in range(crowd.size.spaces)}
    within = select(Space.id, Space.name, Space.about).where(Space.id.between(min(made), max(made)))
    for row in db.session.execute(within).all():
        if row.id in made:
            search = words.of_name(words.SPACE, row.name, row.about)
            yield row.id, SPACE, row.id, row.id, None, row.name, row.about, search
