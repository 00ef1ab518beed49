"""Every test runs inside one outer transaction that never commits, on the database named by
PARVIS_TEST_DATABASE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event

from app import create_app
from app.auth import actions as auth
from app.charter import queries as charter
from app.charter.rulebook import tally
from app.gate import queries as gate
from app.kernel import changes, keys, live, settings, sockets
from app.kernel.db import db
from app.people.actor import Actor
from app.posts import cards
from app.relevance import queries as relevance
from config import Settings
from tools.setup import compile_translations

SECRET = "a-secret-that-only-tests-use-0123456789"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What isn't about a database is proved once."""
    if os.environ.get("PARVIS_TEST_DATABASE") == "postgresql":
        left_out = [item for item in items if item.get_closest_marker("one_database")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A fresh database: SQLite, or PostgreSQL when PARVIS_TEST_DATABASE says so."""
    if os.environ.get("PARVIS_TEST_DATABASE") == "postgresql":
        from tests import services

        return services.fresh_database(services.postgres())
    return f"sqlite:///{tmp_path_factory.mktemp('db')}/test.sqlite3"


@pytest.fixture(scope="session")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application on a migrated database, in all its languages."""
    compile_translations()
    folder = tmp_path_factory.mktemp("data")
    application = create_app(
        Settings(
            secret_key=SECRET,
            database_url=database_url,
            data_dir=str(folder),
            bind="127.0.0.1:8000",
            testing=True,
        )
    )
    application.test_client_class = FreshContextClient
    with application.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return application


@pytest.fixture(autouse=True)
def rolled_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that a test does stays; caches forget."""
    if request.node.get_closest_marker("outside"):
        yield
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        db.engines[None] = connection
        session_options = db.session.session_factory.kw
        before = session_options.get("join_transaction_mode")
        session_options["join_transaction_mode"] = "create_savepoint"
        forget(app)
        yield
        db.session.remove()
        outer.rollback()
        connection.close()
        db.engines[None] = engine
        session_options["join_transaction_mode"] = before or "conditional_savepoint"
        forget(app)


def forget(app: Any) -> None:
    settings.forget()
    charter.forget()
    tally.take()
    gate.forget()
    relevance.forget()
    cards.forget()
    sockets.seats.clear()
    relay = app.extensions["relay"]
    relay.cursor = None
    changes.on_ring(lambda: None)


class FreshContextClient(FlaskClient):
    """One app context per request, as in production: nothing of one person leaks to the next."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        headers = kwargs.setdefault("headers", {})
        if isinstance(headers, dict):
            headers.setdefault("Sec-Fetch-Site", "same-origin")
        kwargs.setdefault("environ_overrides", {}).setdefault("REMOTE_ADDR", "127.0.0.1")
        kwargs.setdefault("base_url", "http://127.0.0.1:8000")
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def anonymous(app: Any) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Any) -> Callable[[Actor], FlaskClient]:
    """A browser in which this person is signed in, through a real session."""

    def browser(who: Actor) -> FlaskClient:
        secret = auth.open_session(who, login=who.login, address="127.0.0.1", device="test")
        client = app.test_client()
        client.set_cookie("parvis", f"{secret}.{keys.mac('session', secret)}", domain="127.0.0.1")
        return client

    return browser


@pytest.fixture
def api(app: Any) -> Callable[[Actor], ApiClient]:
    """A program that acts for this person with a token."""

    def client(who: Actor) -> ApiClient:
        return ApiClient(app.test_client(), auth.make_token(None, who.id, name="test"))

    return client


class ApiClient:
    """JSON in, (status, JSON) out."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._token = client, token

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        response = self.raw(method, path, json, **headers)
        return response.status_code, response.get_json(silent=True)

    def upload(self, path: str, data: dict[str, Any], **headers: str) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._client.post(
            f"/api/v1{path}", data=data, content_type="multipart/form-data",
            headers={"Authorization": f"Bearer {self._token}", **named},
        )  # fmt: skip
        return response.status_code, response.get_json(silent=True)

    def raw(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.open(
            f"/api/v1{path}",
            method=method,
            json=json,
            headers={"Authorization": f"Bearer {self._token}", **named},
        )


@pytest.fixture
def listen(app: Any, sign_in: Any) -> Iterator[Callable[[Actor], Listener]]:
    """A connected socket of this person, in the language given; what it heard is asked after a drain of
    the relay.
    """
    opened: list[Listener] = []
    relay = app.extensions["relay"]

    def connect(who: Actor) -> Listener:
        relay.drain()
        listener = Listener(app, sign_in(who))
        opened.append(listener)
        return listener

    yield connect
    for listener in opened:
        listener.close()


@contextmanager
def _from_this_machine(server: Any) -> Iterator[None]:
    """The library's client doesn't come through the wall, which says where a handshake comes from."""
    take = server._handle_eio_connect
    where = {"parvis.address": ip_address("127.0.0.1")}
    server._handle_eio_connect = lambda sid, environ: take(sid, {**environ, **where})
    yield
    server._handle_eio_connect = take


class Listener:
    """Hears what a browser would hear."""

    def __init__(self, app: Any, client: FlaskClient) -> None:
        self._app = app
        with app.app_context(), _from_this_machine(live.socketio.server):
            self.socket = live.socketio.test_client(
                app,
                flask_test_client=client,
                headers={"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"},
            )
        _, seat = [*sockets.seats.items()][-1]
        seat.environ["parvis.address"] = ip_address("127.0.0.1")  # as the wall says in front of a server

    def ask(self, name: str, *args: Any) -> Any:
        with self._app.app_context():
            return self.socket.emit(name, *args, callback=True)

    def heard(self) -> list[tuple[str, Any]]:
        with self._app.app_context():
            self._app.extensions["relay"].drain()
        return [(m["name"], m["args"][0]) for m in self.socket.get_received()]

    def names(self) -> list[str]:
        return [name for name, _payload in self.heard()]

    def close(self) -> None:
        if self.socket.is_connected():
            with self._app.app_context():
                self.socket.disconnect()


@pytest.fixture
def count_queries() -> Callable[[], Any]:
    """How many statements a block sends: `with count_queries() as seen: …; len(seen)`; not what caches
    read by the clock.
    """

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []
        by_the_clock = re.compile("FROM (settings|gate_books)")

        def note(_c: Any, _cur: Any, sql: str, *_rest: Any) -> None:
            if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)", sql) and not by_the_clock.search(sql):
                seen.append(sql)

        connection = db.engines[None]
        event.listen(connection, "before_cursor_execute", note)
        yield seen
        event.remove(connection, "before_cursor_execute", note)

    return counting
