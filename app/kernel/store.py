"""Rows written as they stand, by statements put together once for each table.

A unit of work compares, orders and reads back; where a row is complete when it is made, an INSERT is enough
and costs a fifth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Insert, Table, insert
from sqlalchemy import inspect as describe
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached

from app.kernel.db import Model, db, is_sqlite


class _Column(NamedTuple):
    """A column, the attribute that holds it, and what it holds when nothing was said."""

    attribute: str
    name: str
    default: Callable[[], Any]


def table(model: type[Model]) -> Table:
    """Where objects of a class are kept; its columns cost a statement less than the class's attributes."""
    return cast("Table", model.__table__)


def add(*rows: Model) -> None:
    """Insert complete rows of one class now; the session then knows them as if it had loaded them."""
    if not rows:
        return
    columns = _columns(type(rows[0]))
    for row in rows:
        for column in columns:
            if column.attribute not in row.__dict__:
                setattr(row, column.attribute, column.default())
    values = [{column.name: row.__dict__[column.attribute] for column in columns} for row in rows]
    db.session.execute(_insert(type(rows[0])), values if len(values) > 1 else values[0])
    for row in rows:
        make_transient_to_detached(row)
        db.session.add(row)


def add_missing(model: type[Model], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, given by every column that has no default, except those that are there already."""
    if values:
        db.session.execute(_insert_missing(model, is_sqlite()), values)


def changed(statement: Any, given: Mapping[str, Any] | None = None) -> int:
    """Run a statement that writes; how many rows it wrote. (Of an INSERT, PostgreSQL's driver says -1 unless
    it is told to keep count.)
    """
    kept = {"preserve_rowcount": True}
    return int(db.session.execute(statement, given, execution_options=kept).rowcount)  # type: ignore[attr-defined]


def insert_into(model: type[Model]) -> Any:
    """The INSERT of the present database, which can say what happens on conflict."""
    return (sqlite.insert if is_sqlite() else postgresql.insert)(table(model))


@cache
def _insert(model: type[Model]) -> Insert:
    return insert(table(model))


@cache
def _insert_missing(model: type[Model], _of_sqlite: bool) -> Any:
    return insert_into(model).on_conflict_do_nothing()


@cache
def _columns(model: type[Model]) -> tuple[_Column, ...]:
    mapper = describe(model)
    return tuple(
        _Column(mapper.get_property_by_column(column).key, column.name, _default(column))
        for column in table(model).columns
    )


def _default(column: Any) -> Callable[[], Any]:
    given = column.default
    if given is None:
        return lambda: None
    return (lambda: given.arg(None)) if given.is_callable else lambda: given.arg
