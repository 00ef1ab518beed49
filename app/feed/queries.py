"""Home and space feeds: newest first, merged from the spaces one may read, by keyset; the same work at
any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, literal_column, select, tuple_
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


def home(
    actor: Actor, *, scope: str = "all", after: str | None = None, limit: int = PAGE
) -> Page[Row[*tuple[Any, ...]]]:
    """Posts of every space the actor reads ("all"), belongs to ("mine"), or of threads followed
    ("following").

    Rows (id, version, kind, space_id, author_id, state, position, type).
    """
    begin = place(f"home:{scope}", after)
    if scope == "following":
        rows = _followed(actor, begin is None).all(numbers(actor, most=limit + 1, **_from(begin)))
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


def _merged(space_ids: list[int], begin: Sequence[int] | None, limit: int) -> Sequence[Any]:
    """The newest of these spaces. SQLite merges an IN by itself; PostgreSQL is told to, space by space."""
    if not space_ids:
        return []
    of_spaces = _of_spaces(is_sqlite(), begin is None)
    return of_spaces.all(spaces=list(space_ids), most=limit, **_from(begin))


@question
def _of_spaces(merges_by_itself: bool, is_first: bool) -> Any:
    spaces: Any = bindparam("spaces", expanding=True)
    if merges_by_itself:
        return _newest(select(*_columns(Entry)).where(Entry.space_id.in_(spaces)), is_first)
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
    # Said as the index says it: with parameters SQLite plans anew each time.
    rows = rows.where(entry.kind == literal_column("'post'"), entry.state == literal_column("'published'"))
    if not is_first:
        before = (bindparam("position", type_=BigInteger), bindparam("last", type_=BigInteger))
        rows = rows.where(tuple_(entry.position, entry.id) < tuple_(*before))
    return rows.order_by(entry.position.desc(), entry.id.desc()).limit(bindparam("most"))


@prepared
def _followed(actor: Actor, is_first: bool) -> Any:
    visible = Entry.space_id.in_(readable_spaces(actor))
    rows = select(*_columns(Entry)).join(Follow, Follow.entry_id == Entry.id)
    rows = rows.where(Follow.person_id == actor.id, Follow.mutes.is_(False), visible)
    return _newest(rows, is_first)


def _columns(entry: Any) -> tuple[Any, ...]:
    names = ("id", "version", "kind", "space_id", "author_id", "state", "position", "type")
    return tuple(getattr(entry, name) for name in names)
