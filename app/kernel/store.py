"""Rows written as they stand: put together once, then sent as they are.

A unit of work compares, orders and reads back, and SQLAlchemy takes longer to hand a small statement to the
driver than the database takes to carry it out. Where a row is complete when it is made, an order is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Executable, Table, bindparam
from sqlalchemy import inspect as describe
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient_to_detached

from app.kernel.db import Model, db, is_sqlite
from app.kernel.reads import Form

Given = Mapping[str, Any]


class Order:
    """An INSERT, UPDATE or DELETE whose values are all named parameters."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._forms: dict[str, Form] = {}

    def run(self, given: Given) -> int:
        """Carry it out in the session's transaction; how many rows it wrote."""
        connection = _connection()
        form = self.form(connection, given)
        return _send(connection, form.text, form.sent(given))

    def form(self, connection: Connection, given: Given) -> Form:
        """As the driver of this connection takes it."""
        name = connection.dialect.name
        if name not in self._forms:
            self._forms[name] = Form(self.statement, connection.dialect, given)
        return self._forms[name]


def order(build: Callable[..., Executable]) -> Callable[..., Order]:
    """Put together what `build(*shape)` gives, once for each shape and database."""
    made = cache(lambda _on_sqlite, *shape: Order(build(*shape)))
    return lambda *shape: made(is_sqlite(), *shape)


def together(*orders: tuple[Order, Given]) -> None:
    """Carry out orders that see each other's rows by foreign keys only; PostgreSQL does them at one go."""
    if is_sqlite() or len(orders) < 2:
        for one, given in orders:
            one.run(given)
        return
    connection = _connection()
    forms = tuple(one.form(connection, given) for one, given in orders)
    sent = {
        f"{name}_{place}": value
        for place, (form, (_order, given)) in enumerate(zip(forms, orders, strict=True))
        for name, value in form.sent(given).items()
    }
    _send(connection, _at_one_go(forms), sent)


def add(*rows: Model) -> None:
    """Insert complete rows, in an order that their foreign keys allow."""
    together(*(adding(row) for row in rows))
    known(*rows)


def known(*rows: Model) -> None:
    """The session takes rows that were inserted as if it had loaded them."""
    for row in rows:
        make_transient_to_detached(row)
        db.session.add(row)


def adding_each(
    model: type[Model], rows: Sequence[Given], left_out: Sequence[str] = (), **drawn: Any
) -> tuple[Order, Given]:
    """The order that inserts several rows, numbered in their order; the database draws some values itself."""
    given = {f"{name}_{at}": value for at, row in enumerate(rows) for name, value in row.items()}
    return _insert_each(model, len(rows), tuple(left_out), tuple(drawn.items())), given


def adding(row: Model) -> tuple[Order, Given]:
    """The order that inserts a row; what it doesn't say gets its default."""
    columns = _columns(type(row))
    for column in columns:
        if column.attribute not in row.__dict__:
            setattr(row, column.attribute, column.default())
    return _insert(type(row)), {column.name: row.__dict__[column.attribute] for column in columns}


def add_missing(model: type[Model], values: Sequence[Given]) -> None:
    """Insert rows, given by their columns, except those that are there already."""
    if values:
        db.session.execute(insert_into(model).on_conflict_do_nothing(), values)


def changed(statement: Any, given: Given | None = None) -> int:
    """Run a statement that writes; how many rows it wrote. (Of an INSERT, PostgreSQL's driver says -1 unless
    it is told to keep count.)
    """
    kept = {"preserve_rowcount": True}
    return int(db.session.execute(statement, given, execution_options=kept).rowcount)  # type: ignore[attr-defined]


def insert_into(model: type[Model]) -> Any:
    """The INSERT of the present database, which can say what happens on conflict."""
    return (sqlite.insert if is_sqlite() else postgresql.insert)(table(model))


def insert_named(model: type[Model], *left_out: str) -> Any:
    """The same with a parameter for each column, named like it."""
    named = {c.name: bindparam(c.name, type_=c.type) for c in table(model).columns if c.name not in left_out}
    return insert_into(model).values(named)


def table(model: type[Model]) -> Table:
    """Where objects of a class are kept; its columns cost a statement less than the class's attributes."""
    return cast("Table", model.__table__)


class _Column(NamedTuple):
    """A column, the attribute that holds it, and what it holds when nothing was said."""

    attribute: str
    name: str
    default: Callable[[], Any]


def _connection() -> Connection:
    session: Any = db.session()
    if session.new or session.dirty or session.deleted:
        session.flush()
    return cast("Connection", session.connection())


def _send(connection: Connection, text: str, sent: Any) -> int:
    cursor = (connection.connection.dbapi_connection or connection.connection).cursor()
    for note in connection.dispatch.before_cursor_execute:
        note(connection, cursor, text, sent, None, False)
    dialect = connection.dialect
    try:
        cursor.execute(text, sent)
        return int(cursor.rowcount)
    except dialect.loaded_dbapi.Error as problem:
        error = dialect.loaded_dbapi.Error
        raise DBAPIError.instance(text, sent, problem, error, dialect=dialect) from problem
    finally:
        cursor.close()


@cache
def _at_one_go(forms: tuple[Form, ...]) -> str:
    """One statement that does all; each one's parameters carry its place."""
    texts = [re.sub(r"%\((\w+)\)", rf"%(\1_{place})", form.text) for place, form in enumerate(forms)]
    others = ", ".join(f"step_{place} AS ({text})" for place, text in enumerate(texts[:-1]))
    return f"WITH {others} {texts[-1]}"


@order
def _insert_each(
    model: type[Model], count: int, left_out: tuple[str, ...], drawn: tuple[tuple[str, Any], ...]
) -> Any:
    columns = [c for c in table(model).columns if c.name not in left_out and c.name not in dict(drawn)]
    rows = [{c.name: bindparam(f"{c.name}_{at}", type_=c.type) for c in columns} for at in range(count)]
    return insert_into(model).values([{**row, **dict(drawn)} for row in rows])


@order
def _insert(model: type[Model]) -> Any:
    return insert_named(model)


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
