"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite. Within an action.

Values are given as they are stored. Rows are made while they are written: what makes them may not ask the
database anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import text

from app.kernel.db import db, is_sqlite

Row = Sequence[Any]
_AT_ONCE = 20_000


def put(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows, in order, without holding more than a few thousand of them."""
    if is_sqlite():
        for some in _pieces(rows):
            _many(f"INSERT INTO {table} ({_named(columns)}) VALUES ({', '.join('?' * len(columns))})", some)  # noqa: S608
        return
    connection: Any = db.session.connection().connection
    with connection.cursor().copy(f"COPY {table} ({_named(columns)}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def change(table: str, assignment: str, rows: Sequence[Row]) -> None:
    """Update by a statement's end with one mark for each value, once a row."""
    statement = f"UPDATE {table} SET {assignment}"  # noqa: S608
    if rows:
        _many(statement if is_sqlite() else statement.replace("?", "%s"), rows)


def trust_references() -> None:
    """Let PostgreSQL take what we made without looking each number up again, where we may ask that of it."""
    if not is_sqlite() and db.session.scalar(
        text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    ):
        db.session.execute(text("SET LOCAL session_replication_role = replica"))


def _many(statement: str, rows: Sequence[Row]) -> None:
    db.session.connection().exec_driver_sql(statement, [tuple(row) for row in rows])


def _pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while piece := list(islice(source, _AT_ONCE)):
        yield piece


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
