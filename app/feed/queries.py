"""Home and space feeds: newest first, merged from the spaces one may read, by keyset; the same work at
any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    bindparam,
    desc,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.kernel.db import is_sqlite
from app.kernel.page import Page, cut, place
from app.kernel.reads import question
from app.people.actor import Actor
from app.people.prepared import numbers, prepared
from app.posts.models import Entry, Follow
from app.spaces.models import Membership, Space
from app.spaces.policy import readable_by, readable_spaces

PAGE = 20
SCOPES = ("all", "mine", "following")
FEW = (1, 4, 11, PAGE + 1, 32)


def home(
    actor: Actor, *, scope: str = "all", after: str | None = None, limit: int = PAGE
) -> Page[Row[*tuple[Any, ...]]]:
    """Posts of every space the actor reads ("all"), belongs to ("mine"), or of threads followed
    ("following").

    Rows (id, version, kind, space_id, author_id, state, position, type).
    """
    begin = place(f"home:{scope}", after)
    if scope == "following":
        rows: Sequence[Any] = _followed(actor, begin is None).all(
            numbers(actor, most=limit + 1, **_from(begin))
        )
    else:
        rows = _merged(_spaces(actor, scope, begin, limit + 1), begin, limit + 1)
    return cut(rows, limit, f"home:{scope}", lambda row: [row.position, row.id])


def of_space(
    actor: Actor, space: Space, *, after: str | None = None, limit: int = PAGE
) -> Page[Row[*tuple[Any, ...]]]:
    """Posts of one space that the caller loaded for this actor; rows as for `home`."""
    begin = place("space", after)
    rows = _merged([space.id], begin, limit + 1)
    return cut(rows, limit, "space", lambda row: [row.position, row.id])


def of_author(
    actor: Actor, author_id: int, *, after: str | None = None, limit: int = PAGE
) -> Page[Row[*tuple[Any, ...]]]:
    """A person's published posts among those the actor may read; rows as for `home`."""
    begin = place("author", after)
    given = numbers(actor, author=author_id, most=limit + 1, **_from(begin))
    rows = _of_author(actor, begin is None).all(given)
    return cut(rows, limit, "author", lambda row: [row.position, row.id])


@prepared
def _of_author(actor: Actor, is_first: bool) -> Any:
    visible = Entry.space_id.in_(readable_spaces(actor))
    return _newest(select(*_columns(Entry)).where(Entry.author_id == bindparam("author"), visible), is_first)


def _spaces(actor: Actor, scope: str, begin: Sequence[int] | None, limit: int) -> list[int]:
    """The spaces that can hold the page: on the first one, as many as posts, those with the newest last
    post.
    """
    return _newest_spaces(actor, scope, begin is None).scalars(numbers(actor, most=limit))


@prepared
def _newest_spaces(actor: Actor, scope: str, is_first: bool) -> Select[Any]:
    rows = select(Space.id).where(readable_by(actor), Space.last_position > 0)
    if scope == "mine":
        mine = select(Membership.space_id).where(Membership.person_id == actor.id)
        rows = rows.where(Space.id.in_(mine))
    return rows.order_by(Space.last_position.desc()).limit(bindparam("most")) if is_first else rows


def _merged(space_ids: Sequence[int], begin: Sequence[int] | None, limit: int) -> Sequence[Any]:
    """The newest of these spaces, each read from its newest on, whatever it holds.

    PostgreSQL is told so space by space; SQLite merges a few at a time, in the order of the index.
    """
    if not space_ids:
        return []
    given = {"most": limit, **_from(begin)}
    if not is_sqlite():
        return _of_spaces(begin is None).all(given, spaces=list(space_ids))
    found = [
        row
        for few in _batched(space_ids)
        for row in _of_few(len(few), begin is None).all(given, **_named(few))
    ]
    return (
        found
        if len(space_ids) <= FEW[-1]
        else sorted(found, key=lambda row: (-row.position, -row.id))[:limit]
    )


def _batched(space_ids: Sequence[int]) -> Iterator[list[int]]:
    """A few at a time, filled up with no space at all to one of few lengths."""
    for begin in range(0, len(space_ids), FEW[-1]):
        few = list(space_ids[begin : begin + FEW[-1]])
        yield few + [0] * (next(length for length in FEW if length >= len(few)) - len(few))


def _named(few: Sequence[int]) -> dict[str, int]:
    return {f"space_{number}": space_id for number, space_id in enumerate(few)}


@question
def _of_few(number: int, is_first: bool) -> Any:
    places = [_newest_of(Entry.space_id == bindparam(f"space_{n}"), is_first) for n in range(number)]
    merged = union_all(*places).order_by(desc("position"), desc("id")).limit(bindparam("most")).subquery()
    rows = select(*_columns(Entry)).join(merged, merged.c.id == Entry.id)
    return rows.order_by(Entry.position.desc(), Entry.id.desc())


@question
def _of_spaces(is_first: bool) -> Any:
    spaces: Any = bindparam("spaces", expanding=True)
    entry = aliased(Entry)
    of_one = select(*_columns(entry)).where(entry.space_id == Space.id)
    newest = _newest(of_one, is_first, entry).lateral("newest")
    rows = (
        select(newest).select_from(Space).join(newest, newest.c.id.is_not(None)).where(Space.id.in_(spaces))
    )
    return rows.order_by(newest.c.position.desc(), newest.c.id.desc()).limit(bindparam("most"))


def _from(begin: Sequence[int] | None) -> dict[str, int]:
    return {"position": begin[0], "last": begin[1]} if begin else {}


def _newest(rows: Select[*tuple[Any, ...]], is_first: bool, entry: Any = Entry) -> Any:
    rows = rows.where(*_published(is_first, entry))
    return rows.order_by(entry.position.desc(), entry.id.desc()).limit(bindparam("most"))


def _newest_of(where: ColumnElement[bool], is_first: bool) -> Any:
    return select(Entry.position, Entry.id).where(where, *_published(is_first, Entry))


def _published(is_first: bool, entry: Any) -> Iterator[ColumnElement[bool]]:
    """Posts that readers see, from a place on; said as the index says it."""
    yield entry.kind == literal_column("'post'")
    yield entry.state == literal_column("'published'")
    if not is_first:
        before = (bindparam("position", type_=BigInteger), bindparam("last", type_=BigInteger))
        yield tuple_(entry.position, entry.id) < tuple_(*before)


@prepared
def _followed(actor: Actor, is_first: bool) -> Any:
    visible = Entry.space_id.in_(readable_spaces(actor))
    rows = select(*_columns(Entry)).join(Follow, Follow.entry_id == Entry.id)
    rows = rows.where(Follow.person_id == actor.id, Follow.mutes.is_(False), visible)
    return _newest(rows, is_first)


def _columns(entry: Any) -> tuple[Any, ...]:
    names = ("id", "version", "kind", "space_id", "author_id", "state", "position", "type")
    return tuple(getattr(entry, name) for name in names)
