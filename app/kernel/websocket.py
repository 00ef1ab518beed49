"""One WebSocket served by events: an idle connection costs a few kilobytes and no greenlet."""

import base64
import hashlib
import re
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

import gevent
from gevent import monkey
from wsproto.connection import Connection as Protocol
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import CloseReason

LONGEST_MESSAGE = 64 * 1024
LARGEST_BACKLOG = 512 * 1024
SEND_BUFFER = 128 * 1024  # what the kernel holds for one slow reader; it doubles the figure
READ_AT_ONCE = 4096  # so that a flood of tiny frames can't hold up everybody else
BEHIND_FOR = 15.0
LINGER = 2.0
READ, WRITE = 1, 2

Later = Callable[[float, Callable[[], None]], None]


class BadHandshake(Exception):
    """This request can't become a WebSocket. Carries the status line to answer with."""

    def __init__(self, status: str = "400 Bad Request") -> None:
        super().__init__(status)
        self.status = status


def switching_protocols(environ: WSGIEnvironment) -> bytes:
    """The answer that turns this request into a WebSocket, or BadHandshake.

    No extension is ever accepted: compression costs a quarter of a megabyte for each socket, and a broadcast
    would be compressed again for each reader.
    """
    upgrades = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
    connection = re.split(r"[ \t]*,[ \t]*", environ.get("HTTP_CONNECTION", "").lower())
    if environ["REQUEST_METHOD"] != "GET" or not upgrades or "upgrade" not in connection:
        raise BadHandshake
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise BadHandshake("426 Upgrade Required")
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    if not re.fullmatch(r"[A-Za-z0-9+/]{22}==", key):
        raise BadHandshake
    digest = hashlib.sha1(
        f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False
    ).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


def take_socket(environ: WSGIEnvironment) -> socket.socket:
    """The connection under this request, taken away from the web server, which then forgets about it."""
    held = environ.get("gunicorn.socket")
    if held is None or isinstance(held, ssl.SSLSocket):
        raise BadHandshake("501 Not Implemented")
    plain = monkey.get_original("socket", "socket")
    sock: socket.socket = plain(held.family, held.type, held.proto, fileno=held.detach())
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return sock


def frame(payload: str | bytes) -> bytes:
    """One message as one unmasked frame; the same bytes serve every reader of a broadcast."""
    first = b"\x81" if isinstance(payload, str) else b"\x82"
    data = payload.encode() if isinstance(payload, str) else payload
    if len(data) < 126:
        return first + bytes((len(data),)) + data
    if len(data) < 65536:
        return first + struct.pack("!BH", 126, len(data)) + data
    return first + struct.pack("!BQ", 127, len(data)) + data


class WebSocket:
    """Sends without ever waiting, reads when something is there, and ends for certain.

    `hear` gets each text message and `gone` is called once at the end; both are called by the event loop,
    so neither may wait for anything. A reader that falls behind gets what is missing in order, as soon as it
    reads again; one that stays behind, or for whom too much has piled up, is dropped. Nobody else notices.
    """

    __slots__ = (
        "_backlog", "_backlog_size", "_behind", "_finished", "_gone", "_hear", "_heard", "_heard_size",
        "_later", "_leaving", "_protocol", "_reading", "_sock", "_writing",
    )  # fmt: skip

    def __init__(
        self, sock: socket.socket, *, hear: Callable[[str], None], gone: Callable[[], None], later: Later
    ) -> None:
        self._sock: socket.socket | None = sock
        self._hear, self._gone, self._later = hear, gone, later
        self._protocol = Protocol(ConnectionType.SERVER)
        self._backlog: deque[bytes | memoryview] | None = None
        self._backlog_size = 0
        self._behind = 0
        self._heard: list[str] = []
        self._heard_size = 0
        self._leaving = False
        self._finished = False
        self._reading: Any = gevent.get_hub().loop.io(sock.fileno(), READ)
        self._writing: Any = None

    def listen(self) -> None:
        """Read from now on."""
        if self._sock is not None and not self._reading.active:
            self._reading.start(self._on_readable)

    def pause(self) -> None:
        """Read nothing for now: whoever sends too fast has to wait."""
        if self._sock is not None:
            self._reading.stop()

    def send(self, data: bytes) -> None:
        """Send whole frames, now or as soon as the reader keeps up."""
        if not self._leaving:
            self._write(data)

    def close(self, code: int = CloseReason.NORMAL_CLOSURE) -> None:
        """Say goodbye and hang up within seconds, answered or not. What still waits is never delivered."""
        if self._leave():
            if self._backlog:
                return self._drop(at_once=True)
            self._write(bytes(self._protocol.send(CloseConnection(code))))
            self._later(LINGER, self._give_up)
        return None

    def fail(self, code: int) -> None:
        """End a connection whose other side broke the rules."""
        if self._leave():
            self._finish(bytes(self._protocol.send(CloseConnection(code))))

    def _on_readable(self) -> None:
        try:
            data = self._sock.recv(READ_AT_ONCE) if self._sock else b""
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop()
        elif not self._finished:
            self._protocol.receive_data(data)
            self._take_in()

    def _take_in(self) -> None:
        for event in self._protocol.events():
            if self._leaving:
                self._wait_for_goodbye(event)
            elif isinstance(event, TextMessage):
                self._collect(event)
            elif isinstance(event, Ping):
                self._write(bytes(self._protocol.send(event.response())))
            elif isinstance(event, CloseConnection):
                self._leave()
                self._finish(bytes(self._protocol.send(event.response())))
            elif isinstance(event, BytesMessage):
                self.fail(CloseReason.UNSUPPORTED_DATA)
            if self._finished or self._sock is None:
                return

    def _wait_for_goodbye(self, event: Event) -> None:
        if isinstance(event, CloseConnection):
            self._drop()

    def _collect(self, event: TextMessage) -> None:
        self._heard_size += len(event.data) if event.data.isascii() else len(event.data.encode())
        if self._heard_size > LONGEST_MESSAGE:
            return self.fail(CloseReason.MESSAGE_TOO_BIG)
        if event.data:
            self._heard.append(event.data)
        if event.message_finished:
            message = "".join(self._heard)
            self._heard, self._heard_size = [], 0
            self._hear(message)
        return None

    def _write(self, data: bytes) -> None:
        if self._backlog:
            self._pile_up(data)
        elif self._sock is not None:
            self._write_now(self._sock, data)

    def _write_now(self, sock: socket.socket, data: bytes) -> None:
        try:
            sent = sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return self._drop()
        if sent < len(data):
            self._fall_behind(sock, memoryview(data)[sent:])
        return None

    def _fall_behind(self, sock: socket.socket, rest: memoryview) -> None:
        if self._writing is None:
            self._writing = gevent.get_hub().loop.io(sock.fileno(), WRITE)
        self._pile_up(rest)
        self._writing.start(self._on_writable)
        self._behind += 1
        spell = self._behind
        self._later(BEHIND_FOR, lambda: self._still_behind(spell))

    def _pile_up(self, data: bytes | memoryview) -> None:
        if self._backlog is None:
            self._backlog = deque()
        self._backlog.append(data)
        self._backlog_size += len(data)
        if self._backlog_size > LARGEST_BACKLOG:
            self._drop(at_once=True)

    def _on_writable(self) -> None:
        try:
            while self._backlog and self._sock is not None:
                self._catch_up(self._backlog, self._sock.send(self._backlog[0]))
        except BlockingIOError:
            pass
        except OSError:
            self._drop()
        else:
            self._caught_up()

    def _catch_up(self, backlog: deque[bytes | memoryview], sent: int) -> None:
        self._backlog_size -= sent
        rest = memoryview(backlog.popleft())[sent:]
        if rest:
            backlog.appendleft(rest)

    def _caught_up(self) -> None:
        self._behind += 1
        if self._writing is not None:
            self._writing.stop()
        if self._finished and self._sock is not None:
            self._shut()

    def _still_behind(self, spell: int) -> None:
        if spell == self._behind:
            self._drop(at_once=True)

    def _leave(self) -> bool:
        if self._leaving:
            return False
        self._leaving = True
        self._gone()
        return True

    def _finish(self, goodbye: bytes) -> None:
        self._finished = True
        self._write(goodbye)
        if not self._backlog:
            self._shut()
        self._later(LINGER, self._give_up)

    def _shut(self) -> None:
        try:
            if self._sock is not None:
                self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop()

    def _give_up(self) -> None:
        self._drop(at_once=True)

    def _drop(self, *, at_once: bool = False) -> None:
        """Let go of the connection; at once means that not even what the kernel holds is delivered."""
        if (sock := self._sock) is None:
            return
        self._sock = None
        for watcher in (self._reading, self._writing):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        if at_once:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        self._backlog, self._backlog_size, self._heard = None, 0, []
        self._leave()
