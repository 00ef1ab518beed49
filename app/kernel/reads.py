"""Questions that many requests ask: put together once, then sent as they are.

SQLAlchemy takes twenty times as long to hand a small statement to the driver as the database takes to answer
it. A question is compiled once for each database (and each length of the lists it is given); after that the
driver gets the text and the values. It runs in the session's own transaction and sees what was flushed there.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Connection, Dialect

from app.kernel.db import db

# Lists are filled up to one of these lengths with their last value, so that few texts are enough.
_LENGTHS = (1, 2, 4, 8, 16, 21, *(2**power for power in range(5, 17)))
Row = Any


class Question:
    """A SELECT of columns, never of entities; lists are `bindparam(…, expanding=True)` and never empty."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._forms: dict[Any, Form] = {}

    def all(self, given: Mapping[str, Any] | None = None, /, **more: Any) -> list[Row]:
        """Every row, as a named tuple."""
        values = {**given, **more} if given else more
        session: Any = db.session()
        if session.autoflush:
            session.flush()
        connection: Connection = session.connection()
        lists = {name: _filled(value) for name, value in values.items() if type(value) is list}
        if lists:
            values = {**values, **lists}
        key = (connection.dialect.name, *((name, len(value)) for name, value in lists.items()))
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = Form(self.statement, connection.dialect, values)
        return form.ask(connection, values)

    def first(self, given: Mapping[str, Any] | None = None, /, **more: Any) -> Row | None:
        """The first row, if any."""
        return next(iter(self.all(given, **more)), None)

    def scalars(self, given: Mapping[str, Any] | None = None, /, **more: Any) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.all(given, **more)]

    def scalar(self, given: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """The first column of the first row; None when there is none."""
        return next(iter(self.scalars(given, **more)), None)


def question(build: Callable[..., Executable]) -> Callable[..., Question]:
    """Put together what `build(*shape)` gives, once for each shape."""
    return cache(lambda *shape: Question(build(*shape)))


class Form:
    """A question as the driver takes it."""

    def __init__(self, statement: Executable, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every one can
        state = compiled.construct_expanded_state(compiled.construct_params(values))
        self.text: str = state.statement
        self._is_positional = bool(compiled.positional)
        self._places = _places(compiled, state, values)
        row: Any = namedtuple("Row", [c.keyname for c in compiled._result_columns], rename=True)  # type: ignore[misc]
        self._row: Callable[[Iterable[Any]], Row] = row._make
        self._readers = _readers(compiled, dialect)

    def ask(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Send it; a connection that fails is left to SQLAlchemy, which knows what to do with it."""
        sent = self.sent(values)
        cursor = (connection.connection.dbapi_connection or connection.connection).cursor()
        for note in connection.dispatch.before_cursor_execute:
            note(connection, cursor, self.text, sent, None, False)
        try:
            cursor.execute(self.text, sent)
            rows = cursor.fetchall()
        except Exception:  # noqa: BLE001 - whatever it is, the second attempt names it as all others do
            rows = connection.exec_driver_sql(self.text, sent).fetchall()
        finally:
            cursor.close()
        if self._readers:
            return [self._row(self._read(row)) for row in rows]
        return list(map(self._row, rows))

    def sent(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        found = []
        for _name, key, at, fixed, write in self._places:
            value = fixed if key is None else values[key] if at is None else values[key][at]
            found.append(value if write is None else write(value))
        if self._is_positional:
            return tuple(found)
        return {place[0]: value for place, value in zip(self._places, found, strict=True)}

    def _read(self, row: Sequence[Any]) -> list[Any]:
        cells = list(row)
        for at, read in self._readers:
            cells[at] = read(cells[at])
        return cells


def _filled(values: list[Any]) -> list[Any]:
    length = next((length for length in _LENGTHS if length >= len(values)), len(values))
    return values + values[-1:] * (length - len(values))


def _places(compiled: Any, state: Any, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """(name, key in what is given or None, index in a list or None, fixed value, converter)."""
    fixed, writers = compiled.construct_params(values), compiled._bind_processors
    lists = {
        name: (key, at) for key, names in state.parameter_expansion.items() for at, name in enumerate(names)
    }
    names = (
        state.positiontup
        if compiled.positional
        else [n for n in (*fixed, *lists) if f"%({n})" in state.statement]
    )
    found: list[tuple[Any, ...]] = []
    for name in names:
        key, at = lists.get(name, (name, None))
        write = writers.get(name) or writers.get(key)
        if isinstance(write, tuple):  # a list's, one for each of its values
            write = write[0]
        known = fixed.get(key) if at is None else fixed[key][at]
        found.append((name, key if key in values else None, at, known, write))
    return found


def _readers(compiled: Any, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    found = [
        (at, column.type._cached_result_processor(dialect, None))
        for at, column in enumerate(compiled._result_columns)
    ]
    return [(at, read) for at, read in found if read is not None]
