"""One connected client, as engine.io sees it, and the clock that all of them share."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import gevent
from engineio import packet as engine_packet
from wsproto.frame_protocol import CloseReason

from app.kernel.websocket import LONGEST_MESSAGE, WebSocket, frame

log = logging.getLogger("parvis.sockets")

PING_INTERVAL = 25
PING_TIMEOUT = 20
JOIN_WITHIN = 10.0
WAITING_MESSAGES = 32
BETWEEN_MESSAGES = 0.005
TICK = 0.5
PING = frame("2")


class Engine(Protocol):
    """What a client needs of the server that it is connected to."""

    sockets: dict[str, "Client"]

    def later(self, delay: float, call: Callable[[], None]) -> None: ...
    def run_handler(self, event: str, *args: object) -> bool: ...
    def has_joined(self, sid: str) -> bool: ...
    def forget(self, sid: str) -> None: ...


class Client:
    """A client on the line. Its messages are handled one after the other, its end always last."""

    __slots__ = ("_busy", "_inbox", "_pinged", "_server", "closed", "session", "sid", "socket")

    connected = upgraded = True
    closing = False

    def __init__(self, server: Engine, sid: str, sock: Any) -> None:
        self.sid = sid
        self.closed = False
        self.session: dict[str, object] = {}
        self.socket = WebSocket(sock, hear=self._hear, gone=self._gone, later=server.later)
        self._server = server
        self._inbox: deque[str | None] = deque()
        self._busy = False
        self._pinged = False

    def open(self, head: bytes) -> None:
        """Answer the handshake, introduce ourselves, and listen."""
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
        """Hang up; nothing is delivered or handled any more."""
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
                self._server.forget(self.sid)
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
                _safely(call)
                if number % 100 == 99:
                    gevent.sleep(0)


def _safely(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        log.exception("a timed call failed")
