"""The outbox: what changed, for whom, in the order in which it became true.

A row is written in the transaction of the fact it tells. Readers move a cursor over committed rows only: on
SQLite
writers are one at a time, so the id is the order; on PostgreSQL a late commit may carry a small id, so the
order is (transaction, id) below the oldest transaction still running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Index,
    Select,
    String,
    bindparam,
    delete,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, keys, store
from app.kernel.db import Instant, Model, SerialId, db, is_sqlite
from app.kernel.reads import question

# Below the oldest transaction still running, or one's own.
_SETTLED = (
    "(changes.xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint "
    "OR changes.xid = (pg_current_xact_id_if_assigned()::text)::bigint)"
)
_NO_TRANSACTION: Any = literal(0, BigInteger)  # where writers are one at a time
_THIS_TRANSACTION: Any = text("(pg_current_xact_id()::text)::bigint")
_BEYOND = 1 << 56
SPACE, PERSON, MODERATORS, EVERYONE = "space", "person", "moderators", "everyone"


class Change(Model):
    """Something that somebody may want to hear about: a name, an audience and ids."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_order", "xid", "id"),
        Index("ix_changes_audience", "audience", "audience_id", "xid", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[SerialId]
    xid: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    audience: Mapped[str] = mapped_column(String(12))
    audience_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Cursor(NamedTuple):
    """A place in the order of changes."""

    xid: int
    id: int

    def __str__(self) -> str:
        return keys.hide("cursor", self.xid, self.id)

    @classmethod
    def parse(cls, token: str) -> Cursor:
        """ValueError when it isn't a cursor; a forged one is at most some other place."""
        cursor = cls(*keys.reveal("cursor", token))
        if max(cursor) >= _BEYOND:
            raise ValueError("no change is there")
        return cursor


_collected: ContextVar[list[dict[str, Any]] | None] = ContextVar("collected_changes", default=None)
_bell: Callable[[], None] = lambda: None  # noqa: E731 - replaced by the relay


def record(name: str, audience: str, audience_id: int | None = None, **payload: Any) -> None:
    """Tell an audience of a change, once the present action is committed."""
    rows = _collected.get()
    if rows is None:
        raise RuntimeError(f"{name} recorded outside an action")
    rows.append(
        {
            "name": name,
            "audience": audience,
            "audience_id": audience_id,
            "payload": payload,
            "at": clock.now(),
        }
    )


def record_each(name: str, told: Select[*tuple[Any, ...]]) -> None:
    """Tell each person of a query (person, payload) of a change: one statement whatever their number."""
    people, payload = told.subquery().c
    xid = _NO_TRANSACTION if is_sqlite() else _THIS_TRANSACTION
    rows = select(
        xid, literal(name, String), literal(PERSON, String), people, payload, literal(clock.now(), Instant)
    )
    columns = ["xid", "name", "audience", "audience_id", "payload", "at"]
    db.session.execute(insert(Change).from_select(columns, rows))


@contextmanager
def collecting() -> Iterator[None]:
    """Gather changes until they are `collected`."""
    token = _collected.set([])
    try:
        yield
    finally:
        _collected.reset(token)


def collected() -> list[tuple[store.Order, store.Given]]:
    """What stores the gathered, to be done last of all writes, so that its order is the order of commits."""
    rows = _collected.get()
    number = _NO_TRANSACTION if is_sqlite() else _THIS_TRANSACTION
    return [store.adding_each(Change, rows, ["id"], xid=number)] if rows else []


def ring() -> None:
    """Wake whoever relays changes."""
    _bell()


def on_ring(bell: Callable[[], None]) -> None:
    """Install what `ring` does; called once a process."""
    global _bell
    _bell = bell


def head(*audience: ColumnElement[bool]) -> Cursor:
    """Where a reader who has seen everything (told to an audience) stands."""
    last = db.session.execute(newest().where(*audience).limit(1)).first()
    return Cursor(last.xid, last.id) if last else Cursor(0, 0)


def since(cursor: Cursor, *audience: ColumnElement[bool], limit: int = 200) -> Sequence[Any]:
    """Committed changes after the cursor, oldest first: rows (xid, id, name, audience, audience_id,
    payload, at).
    """
    if not audience:
        return _next(is_sqlite()).all(xid=cursor.xid, last=cursor.id, most=limit)
    rows = _ordered().where(tuple_(Change.xid, Change.id) > tuple_(cursor.xid, cursor.id), *audience)
    return db.session.execute(rows.order_by(Change.xid, Change.id).limit(limit)).all()


@question
def _next(_is_sqlite: bool) -> Any:
    return after().limit(bindparam("most"))


def after() -> Any:
    """Committed changes after the place (:xid, :last), oldest first, for a question."""
    place = tuple_(bindparam("xid", type_=BigInteger), bindparam("last", type_=BigInteger))
    return _ordered().where(tuple_(Change.xid, Change.id) > place).order_by(Change.xid, Change.id)


def newest(*columns: Any) -> Any:
    """Committed changes, newest first, for a question; all of each, or these columns."""
    rows = _settled(select(*columns)) if columns else _ordered()
    return rows.order_by(Change.xid.desc(), Change.id.desc())


def oldest() -> Cursor | None:
    """The first change still kept: a reader behind it must reload."""
    first = _first(is_sqlite()).first()
    return Cursor(first.xid, first.id) if first else None


def ends() -> tuple[Cursor, Cursor] | None:
    """The first and the last change that are kept; None when there is none. One query."""
    found = [Cursor(row.xid, row.id) for row in _ends(is_sqlite()).all()]
    return (min(found), max(found)) if found else None


@question
def _ends(_is_sqlite: bool) -> Any:
    first = _settled(select(Change.xid, Change.id)).order_by(Change.xid, Change.id).limit(1)
    return select(first.subquery()).union_all(select(newest(Change.xid, Change.id).limit(1).subquery()))


@question
def _first(_is_sqlite: bool) -> Any:
    return _ordered().order_by(Change.xid, Change.id).limit(1)


def prune(before: datetime) -> int:
    """Forget changes older than `before`; how many. Called within an action."""
    return store.changed(delete(Change).where(Change.at < before))


def _ordered() -> Any:
    return _settled(
        select(
            Change.xid, Change.id, Change.name, Change.audience, Change.audience_id, Change.payload, Change.at
        )
    )


def _settled(rows: Any) -> Any:
    return rows if is_sqlite() else rows.where(text(_SETTLED))
