"""How Socket.IO reaches browsers: engine.io over WebSocket and nothing else, on the event loop of gevent.

The stock engine holds four greenlets for each socket, ignores a send that was only partly done (a slow
reader then gets a corrupted stream) and compresses for every browser that offers it. This one holds none
while nothing happens, encodes a broadcast once for all its readers, and never waits for any of them.
"""

import logging
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

import engineio
import gevent
from engineio import packet as engine_packet
from flask_socketio import SocketIO
from socketio import packet as socket_packet
from wsproto.frame_protocol import CloseReason

from app.kernel.websocket import (
    LONGEST_MESSAGE,
    BadHandshake,
    WebSocket,
    frame,
    switching_protocols,
    take_socket,
)

log = logging.getLogger("parvis.sockets")

PING_INTERVAL = 25
PING_TIMEOUT = 20
JOIN_WITHIN = 10.0
REFUSED_FOR = 2.0
WAITING_MESSAGES = 32
BETWEEN_MESSAGES = 0.005
TICK = 0.5
KEPT_FILES = 256  # for the database, the log and ordinary requests


def socketio_options(origins: Sequence[str], message_queue: str | None = None) -> dict[str, Any]:
    """Arguments for `SocketIO(...)` that leave one way in: WebSocket, from our own pages.

    `cors_allowed_origins` switches its own check off when it is empty or a star, and believes headers sent by
    the client when it is None, so only a list of real origins is taken.
    """
    if not origins or any("://" not in origin for origin in origins):
        raise ValueError("Sockets need the origins of our own pages, such as https://parvis.example.")
    return {
        "async_mode": "gevent",
        "transports": ["websocket"],
        "allow_upgrades": False,
        "http_compression": False,
        "cors_allowed_origins": list(origins),
        "ping_interval": PING_INTERVAL,
        "ping_timeout": PING_TIMEOUT,
        "max_http_buffer_size": LONGEST_MESSAGE,
        "monitor_clients": False,
        "async_handlers": False,  # one message of a client at a time, in order; the next waits in its socket
        "always_connect": False,
        "manage_session": False,
        "message_queue": message_queue,
    }


def install(socketio: SocketIO) -> "LiveServer":
    """Put this transport under a Flask-SocketIO that `init_app` has been called on."""
    server: Any = socketio.server  # type: ignore[attr-defined]
    stock = server.eio

    def has_joined(sid: str) -> bool:
        return server.manager.sid_from_eio_sid(sid, "/") is not None

    server.eio = LiveServer(stock.handlers, has_joined, cors_allowed_origins=stock.cors_allowed_origins)
    return server.eio  # type: ignore[no-any-return]


def hang_up(socketio: SocketIO, sid: str) -> None:
    """Cut one client off, from anywhere: it gets nothing more, and its connection is gone within seconds.

    Only this process is asked. The client's own library takes the goodbye as final and doesn't come back by
    itself; handlers of `disconnect` run soon after, in the client's own turn.
    """
    server: Any = socketio.server  # type: ignore[attr-defined]
    engine_sid = server.manager.eio_sid_from_sid(sid, "/")
    if engine_sid is not None:
        goodbye = socket_packet.Packet(socket_packet.DISCONNECT, namespace="/").encode()
        server.eio.send_packet(engine_sid, engine_packet.Packet(engine_packet.MESSAGE, goodbye))
        server.eio.disconnect(engine_sid)


class Timeline:
    """Calls back after one of a few fixed delays, right to half a second, at next to no cost."""

    def __init__(self) -> None:
        self._waiting: dict[float, deque[tuple[float, Callable[[], None]]]] = {}

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call back once this delay is over."""
        self._waiting.setdefault(delay, deque()).append((time.monotonic() + delay, call))

    def due(self) -> Iterable[Callable[[], None]]:
        """The calls whose time has come."""
        now = time.monotonic()
        for waiting in list(self._waiting.values()):
            while waiting and waiting[0][0] <= now:
                yield waiting.popleft()[1]

    def run(self) -> None:
        """Make the calls, for ever, and let others work in between."""
        while True:
            gevent.sleep(TICK)
            for number, call in enumerate(self.due()):
                call()
                if number % 100 == 99:
                    gevent.sleep(0)


class LiveServer(engineio.Server):  # type: ignore[misc]
    """An engine.io server that speaks WebSocket only and keeps no greenlet for a silent client."""

    def __init__(
        self, handlers: dict[str, Callable[..., object]], has_joined: Callable[[str], bool], **options: Any
    ) -> None:
        super().__init__(
            async_mode="gevent", transports=["websocket"], allow_upgrades=False, monitor_clients=False,
            ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT, max_http_buffer_size=LONGEST_MESSAGE,
            **options,
        )  # fmt: skip
        self.handlers = handlers
        self.has_joined = has_joined
        self.most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - KEPT_FILES
        self._timeline = Timeline()
        self._clock: gevent.Greenlet | None = None
        self._encoded: tuple[object, bytes] = (None, b"")

    def handle_request(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Turn the request into a live connection, or answer why not. Nothing else is served here."""
        try:
            self._check(environ)
            head = switching_protocols(environ)
            sock = take_socket(environ)
        except BadHandshake as refusal:
            return _answer(start_response, refusal.status)
        self._start_clock()
        connection = Connection(self, self.generate_id(), sock)
        self.sockets[connection.sid] = connection
        self._trigger_event("connect", connection.sid, _lasting(environ), run_async=False)
        connection.open(head)
        # The connection is ours now. This is how gunicorn is told to leave it alone and log nothing.
        raise StopIteration

    def send_packet(self, sid: str, pkt: Any) -> None:
        """Send a packet to one client. The same packet for many clients is encoded once."""
        connection = self.sockets.get(sid)
        if connection is not None:
            connection.socket.send(self._encode(connection, pkt))

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call back from the event loop's own greenlet after one of a few fixed delays."""
        self._timeline.later(delay, call)

    def run_handler(self, event: str, *args: object) -> bool:
        """Whether the handlers took it. A malformed packet ends here, with its connection, no further up."""
        try:
            self.handlers[event](*args)
        except Exception:
            log.warning("socket %s failed", event, exc_info=True)
            return False
        return True

    def shutdown(self) -> None:
        """Hang up on everybody; their browsers come back to another process."""
        for connection in list(self.sockets.values()):
            connection.socket.close(CloseReason.GOING_AWAY)

    def _check(self, environ: WSGIEnvironment) -> None:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if query.get("transport") != ["websocket"] or query.get("EIO") != ["4"] or "sid" in query:
            raise BadHandshake
        self._check_origin(environ.get("HTTP_ORIGIN"), environ)
        if len(self.sockets) >= self.most:
            raise BadHandshake("503 Service Unavailable")

    def _check_origin(self, origin: str | None, environ: WSGIEnvironment) -> None:
        """Browsers name their origin. Who doesn't is a program, and must not come with a person's cookie."""
        if origin not in self.cors_allowed_origins and (origin is not None or "HTTP_COOKIE" in environ):
            raise BadHandshake("403 Forbidden")

    def _encode(self, connection: "Connection", pkt: Any) -> bytes:
        known, encoded = self._encoded
        if known is not pkt:
            encoded = frame(pkt.encode())
            self._encoded = (pkt, encoded)
            if isinstance(pkt.data, str) and pkt.data[:1] in ("1", "4"):
                # The server has just put this client out of the only namespace, or refused to let it in.
                self.later(REFUSED_FOR, connection.check_joined)
        return encoded

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = gevent.spawn(self._timeline.run)


class Connection:
    """One engine.io session. Its messages are handled one after the other, its end always last."""

    __slots__ = ("_busy", "_inbox", "_pinged", "_server", "closed", "session", "sid", "socket")

    connected = upgraded = True
    closing = False

    def __init__(self, server: LiveServer, sid: str, sock: Any) -> None:
        self.sid = sid
        self.closed = False
        self.session: dict[str, object] = {}
        self.socket = WebSocket(sock, hear=self._hear, gone=self._gone, later=server.later)
        self._server = server
        self._inbox: deque[str | None] = deque()
        self._busy = False
        self._pinged = False

    def open(self, head: bytes) -> None:
        """Answer the handshake, introduce the session, and listen."""
        hello = {
            "sid": self.sid, "upgrades": [], "pingTimeout": PING_TIMEOUT * 1000,
            "pingInterval": PING_INTERVAL * 1000, "maxPayload": LONGEST_MESSAGE,
        }  # fmt: skip
        self.socket.send(head + frame(engine_packet.Packet(engine_packet.OPEN, hello).encode()))
        self.socket.listen()
        self._server.later(JOIN_WITHIN, self.check_joined)
        self._server.later(PING_INTERVAL, self._ping)

    def send(self, pkt: Any) -> None:
        """Send a packet."""
        self.socket.send(frame(pkt.encode()))

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the session; nothing is delivered or handled any more."""
        self.socket.close()

    def check_joined(self) -> None:
        """Hang up on a client that was not let in, or has left, but stays on the line."""
        if not self.closed and not self._server.has_joined(self.sid):
            self.socket.close(CloseReason.POLICY_VIOLATION)

    def _hear(self, text: str) -> None:
        match text[:1], text[1:2]:
            case ("3", _):
                self._answered()
            case ("4", "0" | "1" | "2" | "3"):
                self._put(text[1:])
            case ("1", _):
                self.socket.close()
            case _:
                self.socket.fail(CloseReason.PROTOCOL_ERROR)

    def _put(self, message: str | None) -> None:
        self._inbox.append(message)
        if len(self._inbox) >= WAITING_MESSAGES:
            self.socket.pause()
        if not self._busy:
            self._busy = True
            gevent.spawn(self._work)

    def _work(self) -> None:
        while self._inbox:
            message = self._inbox.popleft()
            if message is None:
                self._server.run_handler("disconnect", self.sid, self._server.reason.TRANSPORT_CLOSE)
                break
            if not self._server.run_handler("message", self.sid, message):
                self.socket.fail(CloseReason.POLICY_VIOLATION)
            elif self._inbox:
                gevent.sleep(BETWEEN_MESSAGES)
            self.socket.listen()
        self._busy = False

    def _gone(self) -> None:
        self.closed = True
        self._server.sockets.pop(self.sid, None)
        self._inbox.clear()
        self._put(None)

    def _ping(self) -> None:
        self.check_joined()
        if not self.closed:
            self._pinged = True
            self.socket.send(PING)
            self._server.later(PING_TIMEOUT, self._check_answered)

    def _answered(self) -> None:
        if self._pinged:
            self._pinged = False
            self._server.later(PING_INTERVAL, self._ping)

    def _check_answered(self) -> None:
        if self._pinged and not self.closed:
            self.socket.close(CloseReason.GOING_AWAY)


PING = frame("2")


def _lasting(environ: WSGIEnvironment) -> WSGIEnvironment:
    """What handlers need of a request as long as its connection lives: facts, and nothing that is open."""
    kept = {
        sys.intern(key): value
        for key, value in environ.items()
        if isinstance(value, str | bool | int | tuple)
    }
    kept |= {key: value for key, value in environ.items() if key.startswith(("flask.", "parvis."))}
    return kept | {"wsgi.input": BytesIO(), "wsgi.errors": sys.stderr}


def _answer(start_response: StartResponse, status: str) -> Iterable[bytes]:
    body = f"{status}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"), ("Sec-WebSocket-Version", "13"),
    ]  # fmt: skip
    if status.startswith("503"):
        headers.append(("Retry-After", "10"))
    start_response(status, headers)
    return [body]
