"""Telling open browsers what was committed.

Each web process runs one relay: it reads the outbox behind its own cursor, in commit order, and emits to
its own
sockets. A bell (a local event, and Redis between processes) only makes it look sooner; without it, it looks
anyway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import redis
from flask import Flask
from flask_babel import force_locale
from flask_socketio import SocketIO

from app.kernel import changes, transport
from app.kernel.action import done_reading
from app.kernel.changes import EVERYONE, PERSON, Cursor
from app.kernel.transport import socketio_options

LOCALES = ("fr", "en")
LOOK_EVERY_SECONDS = 1.0
BELL = "parvis:bell"
AT_A_TIME = 200

Renderer = Callable[[dict[str, Any]], dict[str, Any] | None]
Control = Callable[[Any], None]
Rooms = Callable[[int], list[str]]

socketio: Any = SocketIO()  # the published types know neither its server nor lists of rooms
_log = logging.getLogger(__name__)
_renderers: Mapping[str, Renderer] = {}
_controls: Mapping[str, Control] = {}
_audiences: Mapping[str, Rooms] = {}


def configure(
    *, renderers: Mapping[str, Renderer], controls: Mapping[str, Control], audiences: Mapping[str, Rooms]
) -> None:
    """Install what each name carries to browsers, what some make the process do, and where an audience
    sits.
    """
    global _renderers, _controls, _audiences
    _renderers, _controls, _audiences = renderers, controls, audiences


def render(name: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """What a browser hears for a change, in the present locale; None when there is nothing (any more) to
    say.
    """
    renderer = _renderers.get(name)
    return renderer(payload) if renderer else None


def names() -> frozenset[str]:
    """Every name that browsers may hear from the outbox."""
    return frozenset(_renderers)


def rooms(audience: str, audience_id: int | None) -> list[str]:
    """The rooms, before their locale, in which an audience sits; nobody for an audience that isn't known."""
    if audience == PERSON:
        return [f"person:{audience_id}"]
    if audience == EVERYONE:
        return ["everyone"]
    seats = _audiences.get(audience)
    return seats(audience_id or 0) if seats else []


def typing(room: str, payload: dict[str, Any], *, but: str) -> None:
    """Pass on that somebody writes: not stored, lost without harm, and through the queue to other
    processes.
    """
    for locale in LOCALES:
        socketio.emit("typing", payload, to=f"{room}/{locale}", skip_sid=but)


class Relay:
    """Reads committed changes in order and tells this process's sockets."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wake = threading.Event()
        self.cursor: Cursor | None = None

    def start(self) -> None:
        """Look for changes from now on, in the background."""
        socketio.start_background_task(self._run)

    def ring(self) -> None:
        """Look now."""
        self._wake.set()

    def drain(self) -> None:
        """Tell everything committed since the last look."""
        if self.cursor is None:
            self.cursor = changes.head()
            return
        rows = None
        while rows is None or len(rows) == AT_A_TIME:
            rows = changes.since(self.cursor, limit=AT_A_TIME)
            for row in rows:
                self._tell(row)
                self.cursor = Cursor(row.xid, row.id)
        done_reading()

    def _run(self) -> None:
        while True:
            try:
                with self._app.app_context():
                    self.drain()
            except Exception:  # the database may be away: look again, lose nothing
                _log.exception("the relay will look again")
            self._wake.wait(LOOK_EVERY_SECONDS)
            self._wake.clear()

    def _tell(self, row: Any) -> None:
        try:
            if row.name in _controls:
                _controls[row.name](row)
            if row.name in _renderers:
                self._emit(row)
        except Exception:
            _log.exception("a change couldn't be told: %s", row.name)

    def _emit(self, row: Any) -> None:
        cursor = str(Cursor(row.xid, row.id))
        targets = rooms(row.audience, row.audience_id)
        for locale in LOCALES:
            listening = [f"{room}/{locale}" for room in targets if is_listening(f"{room}/{locale}")]
            if not listening:
                continue
            with force_locale(locale):
                message = render(row.name, row.payload)
            if message is not None:
                socketio.emit(row.name, {"cursor": cursor, **message}, to=listening, ignore_queue=True)


def is_listening(room: str) -> bool:
    """True when some socket of this process sits in the room."""
    return bool(socketio.server.manager.rooms.get("/", {}).get(room))


def install(app: Flask, *, redis_url: str, admits: Callable[..., bool]) -> Relay:
    """Attach sockets and the relay to an application."""
    options = socketio_options([app.config["SETTINGS"].origin], redis_url or None)
    socketio.init_app(app, **{**options, "cors_allowed_origins": admits})
    transport.install(socketio)
    relay = Relay(app)
    changes.on_ring(_bells(relay, redis_url))
    return relay


def listen_to_other_processes(relay: Relay, redis_url: str) -> None:
    """Ring here when another process commits; when Redis is away the relay still looks every second."""
    socketio.start_background_task(_hear, relay, redis_url)


def _bells(relay: Relay, redis_url: str) -> Callable[[], None]:
    if not redis_url:
        return relay.ring
    client = redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)

    def ring() -> None:
        relay.ring()
        try:
            client.publish(BELL, b"1")
        except redis.RedisError:
            _log.warning("Redis is away: other processes will look within a second")

    return ring


def _hear(relay: Relay, redis_url: str) -> None:
    while True:
        try:
            client: Any = redis.Redis.from_url(redis_url)
            bell = client.pubsub(ignore_subscribe_messages=True)
            bell.subscribe(BELL)
            for _message in bell.listen():
                relay.ring()
        except redis.RedisError:
            socketio.sleep(LOOK_EVERY_SECONDS)
