from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, text

from app.auth import actions as auth
from app.kernel import keys
from app.kernel.db import db
from app.people.actor import Actor
from tests.conftest import forget
from tests.edges import world

WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")


@pytest.fixture
def company(app: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Nobody here is asked to slow down."""
    for limiter in app.extensions["limiter"]:
        monkeypatch.setattr(limiter, "enabled", False)
    return world.make_company()


@pytest.fixture
def browsers(app: Any, company: SimpleNamespace) -> Callable[[Actor], Any]:
    """A browser of this person, as it is right after signing in."""
    people = [who for who in vars(company).values() if isinstance(who, Actor)]
    secrets = {w.id: auth.open_session(w, login=w.login, address="127.0.0.1", device="test") for w in people}

    def of(who: Actor) -> Any:
        secret, client = secrets[who.id], app.test_client()
        client.set_cookie("parvis", f"{secret}.{keys.mac('session', secret)}", domain="127.0.0.1")
        return client

    return of


@pytest.fixture
def undone(app: Any) -> Callable[[], Any]:
    """A block after which everything is as it was before."""

    @contextmanager
    def block() -> Iterator[None]:
        db.session.remove()
        nested = db.engines[None].begin_nested()
        try:
            yield
        finally:
            db.session.remove()
            nested.rollback()
            forget(app)

    return block


@pytest.fixture
def written() -> Callable[[], Any]:
    """The tables a block writes to; what it took back counts too."""

    @contextmanager
    def block() -> Iterator[set[str]]:
        tables: set[str] = set()

        def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            if found := WRITES.match(sql):
                tables.add(found.group(2))

        connection = db.engines[None]
        event.listen(connection, "before_cursor_execute", note)
        yield tables
        event.remove(connection, "before_cursor_execute", note)

    return block


def contents() -> dict[str, Any]:
    """Every row of every table, as text."""
    db.session.remove()
    tables = db.metadatas[None].sorted_tables
    return {
        table.name: sorted(map(str, db.session.execute(text(f"SELECT * FROM {table.name}")).all()))
        for table in tables
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The tables that hold something else."""
    return {name for name in after if after[name] != before[name]}


def send(browser: Any, method: str, path: str, request: Any, **more: Any) -> Any:
    """What this request is answered; headers and fields in `more` come on top."""
    fields = more.pop("fields", {})
    if request.json is not None and not fields:
        more["json"] = request.json
    elif request.form is not None:
        more["data"] = {name: _field(value) for name, value in {**request.form, **fields}.items()}
    answer = browser.open(path, method=method, **more)
    assert answer.data is not None
    answer.close()
    return answer


def _field(value: Any) -> Any:
    if isinstance(value, tuple):
        name, content = value
        return (io.BytesIO(content), name)
    return value
