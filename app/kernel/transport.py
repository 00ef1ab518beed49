"""How Socket.IO reaches browsers: engine.io over WebSocket and nothing else, on the event loop of gevent.

The stock engine holds four greenlets for each socket, ignores a send that was only partly done (a slow
reader then gets a corrupted stream) and compresses for every browser that offers it. This one holds none
while nothing happens, encodes a broadcast once for all its readers, and never waits for any of them.
"""

import logging
import resource
import sys
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

from app.kernel.client import PING_INTERVAL, PING_TIMEOUT, Client, Timeline
from app.kernel.rooms import room_manager
from app.kernel.websocket import LONGEST_MESSAGE, BadHandshake, frame, switching_protocols, take_socket

log = logging.getLogger("parvis.sockets")

REFUSED_FOR = 1.0
PLAIN = frozenset({str, bool, int, tuple})
NOTHING = BytesIO()
MANY_FILES = 65_536
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
        "client_manager": room_manager(message_queue),
    }


def install(socketio: SocketIO) -> "LiveServer":
    """Put this transport under a Flask-SocketIO that `init_app` has been called on."""
    server: Any = socketio.server  # type: ignore[attr-defined]
    stock = server.eio
    server.eio = LiveServer(stock.handlers, server.manager, cors_allowed_origins=stock.cors_allowed_origins)
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


class LiveServer(engineio.Server):  # type: ignore[misc]
    """An engine.io server that speaks WebSocket only and keeps no greenlet for a silent client."""

    def __init__(self, handlers: dict[str, Callable[..., object]], rooms: Any, **options: Any) -> None:
        super().__init__(
            async_mode="gevent", transports=["websocket"], allow_upgrades=False, monitor_clients=False,
            ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT, max_http_buffer_size=LONGEST_MESSAGE,
            **options,
        )  # fmt: skip
        self.handlers = handlers
        self.rooms = rooms
        self.most = allow_many_files() - KEPT_FILES
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
        client = Client(self, self.generate_id(), sock)
        self.sockets[client.sid] = client
        self._trigger_event("connect", client.sid, _lasting(environ), run_async=False)
        client.open(head)
        # The connection is ours now. This is how gunicorn is told to leave it alone and log nothing.
        raise StopIteration

    def send_packet(self, sid: str, pkt: Any) -> None:
        """Send a packet to one client. The same packet for many clients is encoded once."""
        client = self.sockets.get(sid)
        if client is not None:
            client.socket.send(self._encode(client, pkt))

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

    def has_joined(self, sid: str) -> bool:
        """Whether somebody has been let in over this connection."""
        return self.rooms.sid_from_eio_sid(sid, "/") is not None

    def forget(self, sid: str) -> None:
        """Tell the handlers that a client is gone; whatever they do, it is in no room any more."""
        self.run_handler("disconnect", sid, self.reason.TRANSPORT_CLOSE)
        if member := self.rooms.sid_from_eio_sid(sid, "/"):
            self.rooms.disconnect(member, "/", ignore_queue=True)

    def shutdown(self) -> None:
        """Hang up on everybody; their browsers come back to another process."""
        for client in list(self.sockets.values()):
            client.socket.close(CloseReason.GOING_AWAY)

    def _check(self, environ: WSGIEnvironment) -> None:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if query.get("transport") != ["websocket"] or query.get("EIO") != ["4"] or "sid" in query:
            raise BadHandshake
        self._check_origin(environ.get("HTTP_ORIGIN"), environ)
        if len(self.sockets) >= self.most:
            raise BadHandshake("503 Service Unavailable")

    def _check_origin(self, origin: str | None, environ: WSGIEnvironment) -> None:
        """Browsers name their origin. Who doesn't is a program, and must not come with a person's cookie."""
        if origin is None:
            is_own = "HTTP_COOKIE" not in environ
        elif callable(self.cors_allowed_origins):
            is_own = self.cors_allowed_origins(origin, environ)
        else:
            is_own = origin in self.cors_allowed_origins
        if not is_own:
            raise BadHandshake("403 Forbidden")

    def _encode(self, client: Client, pkt: Any) -> bytes:
        known, encoded = self._encoded
        if known is not pkt:
            encoded = frame(pkt.encode())
            self._encoded = (pkt, encoded)
            if isinstance(pkt.data, str) and pkt.data[:1] in ("1", "4"):
                # The server has just put this client out of the only namespace, or refused to let it in.
                self.later(REFUSED_FOR, client.check_joined)
        return encoded

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = gevent.spawn(self._timeline.run)


def allow_many_files() -> int:
    """How many files may be open: a mere thousand usually, so the limit is raised as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reachable = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft == resource.RLIM_INFINITY or soft >= reachable:
        return MANY_FILES if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
    return reachable


def _lasting(environ: WSGIEnvironment) -> WSGIEnvironment:
    """What handlers need of a request as long as its connection lives: facts, and nothing that is open."""
    kept = {
        sys.intern(key): value
        for key, value in environ.items()
        if type(value) in PLAIN or key.startswith(("flask.", "parvis."))
    }
    kept["wsgi.input"], kept["wsgi.errors"] = NOTHING, sys.stderr
    return kept


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
