"""The wall: the outermost layer of the product. Nobody gets past it without an address that a rule allows."""

import errno
import logging
import math
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.gate.address import Address, Networks, Resolution, Resolver, canonical, speaks_for_others

log = logging.getLogger("parvis.gate")

MONITORING_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
REFUSAL = "Accès réservé au réseau interne. / Internal network only.\n".encode()
REFUSED = "403 Forbidden"
_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(REFUSAL))),
    ("Cache-Control", "no-store"),
]
ASIDE = "parvis.aside"
LONG, ASK_AGAIN_SECONDS = 128 * 1024, 2.0
REMEMBERED = 1024
_AT_ONCE = struct.pack("ii", 1, 0)  # closing throws away what wasn't sent yet
LINES_A_MINUTE = 240


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say about an address, and the name of the rule that said it."""

    allowed: bool
    rule: str


Decide = Callable[[Address, WSGIEnvironment], Decision]


class Wall:
    """WSGI middleware that hands on what the rules allow and answers everything else alike.

    It must wrap what `SocketIO.init_app` has put into `app.wsgi_app`, so that static files, sockets and
    malformed paths meet it first. Below it, `parvis.address` is the caller's address, `REMOTE_ADDR` the same
    as text, `parvis.peer` names whoever opened the connection, and no forwarding header is left.

    The monitoring paths have their own list: they answer to those networks and to nobody else. Only there, a
    trusted proxy that forwards nothing speaks for itself, so that a machine can check its own health.
    """

    def __init__(
        self,
        app: WSGIApplication,
        decide: Decide,
        resolver: Resolver,
        *,
        monitoring: Networks,
        monitoring_paths: Collection[str] = MONITORING_PATHS,
    ) -> None:
        self.app = app
        self.decide = decide
        self.resolver = resolver
        self.monitoring = monitoring
        self.monitoring_paths = frozenset(monitoring_paths)
        self.denials = Tally()
        self.ignored_forwarding = Tally()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._admits(environ):
            return _refuse(environ, start_response)
        aside = environ[ASIDE] = Aside()
        answer = _Answer(aside, start_response)
        body = self.app(environ, answer.start)
        if aside.denied:
            self._note_denied(_settled(environ), f"after sign-in: {aside.denied}", None)
            return _instead_of(body, environ)
        if not (answer.is_long and aside.may_go_on):
            return body
        return _Lasting(body, aside.may_go_on, environ.get("gunicorn.socket"))

    def _admits(self, environ: WSGIEnvironment) -> bool:
        """Whether this request may enter. Every doubt and every failure is a no."""
        caller, failure = Resolution(None, "no peer"), None
        try:
            caller = self.resolver.resolve(environ)
            decision = self._decide(caller, environ)
            allowed, rule = decision.allowed is True, decision.rule
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a rule, the wall stays shut
            allowed, rule, failure = False, "error", error
        if caller.ignored:
            self._note_ignored(caller)
        if allowed:
            _settle(environ, caller)
        else:
            self._note_denied(caller, rule, failure)
        return allowed

    def _decide(self, caller: Resolution, environ: WSGIEnvironment) -> Decision:
        if environ.get("PATH_INFO") in self.monitoring_paths:
            return self._decide_monitoring(caller, environ)
        if caller.address is None:
            return Decision(allowed=False, rule=f"unknown caller: {caller.reason}")
        environ["parvis.address"] = caller.address
        return self.decide(caller.address, environ)

    def _decide_monitoring(self, caller: Resolution, environ: WSGIEnvironment) -> Decision:
        alone = caller.reason == "unforwarded" and not any(map(speaks_for_others, environ))
        address = caller.peer if alone else caller.address
        environ["parvis.address"] = address
        return Decision(allowed=address in self.monitoring, rule="monitoring")

    def _note_denied(self, caller: Resolution, rule: str, failure: Exception | None) -> None:
        who = str(caller.address or caller.peer or "unknown")
        if count := self.denials.note(who, rule):
            line = "denied address=%s peer=%s rule=%s count=%d"
            log.warning(line, who, caller.peer, rule, count, exc_info=failure)

    def _note_ignored(self, caller: Resolution) -> None:
        who = str(caller.peer or "unknown")
        if count := self.ignored_forwarding.note(who, "forwarding headers"):
            log.warning("ignored forwarding headers: peer=%s is not a trusted proxy count=%d", who, count)


@dataclass(slots=True)
class Aside:
    """What the application tells the wall about a request: by which rule it refused somebody signed in, and
    how to ask whether whoever receives a long answer still may.
    """

    denied: str = ""
    may_go_on: Callable[[], bool] | None = None


class _Answer:
    """An answer on its way out: a refusal for the sake of the gate looks like one of the wall."""

    __slots__ = ("_aside", "_start", "is_long")

    def __init__(self, aside: Aside, start: StartResponse) -> None:
        self._aside, self._start = aside, start
        self.is_long = False

    def start(self, status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        if self._aside.denied:
            return self._start(REFUSED, list(_HEADERS), *error)
        self.is_long = _length(headers) > LONG
        return self._start(status, headers, *error)


class _Lasting:
    """A long answer that ends when the right to it does: asked again while it is sent.

    With the server's own line in hand it is asked beside the sending too, which stands still for as long as
    the reader does; the line is then cut with all that it still holds.
    """

    def __init__(
        self, body: Iterable[bytes], may_go_on: Callable[[], bool], line: socket.socket | None = None
    ) -> None:
        self._body, self._may_go_on, self._line = body, may_go_on, line
        self._is_over = Event()

    def __iter__(self) -> Iterator[bytes]:
        if self._line is not None:
            Thread(target=self._watch, args=(self._line,), daemon=True).start()
        asked = time.monotonic()
        for piece in self._body:
            if time.monotonic() - asked > ASK_AGAIN_SECONDS:
                if not self._may_go_on():
                    raise ConnectionResetError(errno.ECONNRESET, "the right to this answer ended")
                asked = time.monotonic()
            yield piece

    def _watch(self, line: socket.socket) -> None:
        while not self._is_over.wait(ASK_AGAIN_SECONDS):
            if not self._may_still():
                log.info("cut an answer in progress: the right to it ended")
                with suppress(OSError):
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    line.shutdown(socket.SHUT_RDWR)
                return

    def _may_still(self) -> bool:
        try:
            return self._may_go_on()
        except Exception:
            log.exception("whether an answer may go on can't be said: it may not")
            return False

    def close(self) -> None:
        self._is_over.set()
        if hasattr(self._body, "close"):
            self._body.close()


def _length(headers: list[tuple[str, str]]) -> float:
    said = next((value for name, value in headers if name.lower() == "content-length"), "")
    return int(said) if said.isdigit() else math.inf


def _settled(environ: WSGIEnvironment) -> Resolution:
    return Resolution(environ["parvis.address"], "direct", peer=canonical(environ["parvis.peer"]))


def _settle(environ: WSGIEnvironment, caller: Resolution) -> None:
    """Leave one address and one scheme for everything below, and nothing that could contradict them."""
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip(" \t").lower()
    if caller.proxied and scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    for key in [key for key in environ if speaks_for_others(key)]:
        del environ[key]
    environ["parvis.peer"] = environ.get("REMOTE_ADDR", "")
    environ["REMOTE_ADDR"] = str(environ["parvis.address"])


def _refuse(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response(REFUSED, list(_HEADERS))
    return _body(environ)


def _instead_of(body: Iterable[bytes], environ: WSGIEnvironment) -> Iterable[bytes]:
    if hasattr(body, "close"):
        body.close()
    return _body(environ)


def _body(environ: WSGIEnvironment) -> Iterable[bytes]:
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [REFUSAL]


class Tally:
    """Counts what happens per (who, what) and says when a line in the log is due: one a minute each.

    Memory and lines are bounded, so that a caller with many addresses can fill neither memory nor disk.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.total = 0
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._minute = 0
        self._lines = 0

    def note(self, who: str, what: str) -> int:
        """Count one more; how many this line of the log stands for, or 0 when no line is due."""
        self.total += 1
        count = self._recall((who, what))
        count.total += 1
        count.unsaid += 1
        return count.say(self._minute) if self._line_is_due(count) else 0

    def counts(self) -> dict[tuple[str, str], int]:
        """The most recent callers and how often each has been counted, latest first."""
        return {key: count.total for key, count in reversed(self._seen.items())}

    def _recall(self, key: tuple[str, str]) -> "_Count":
        count = self._seen.setdefault(key, _Count())
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return count

    def _line_is_due(self, count: "_Count") -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        if count.minute == minute or self._lines >= LINES_A_MINUTE:
            return False
        self._lines += 1
        return True


@dataclass(slots=True)
class _Count:
    total: int = 0
    unsaid: int = 0
    minute: int = -1

    def say(self, minute: int) -> int:
        said, self.unsaid, self.minute = self.unsaid, 0, minute
        return said
