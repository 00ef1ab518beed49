"""The conversation with one directory server (LDAP version 3, RFC 4511): bind, search in pages, StartTLS.

Every step has an end in time, every message a largest size; certificates are checked by Python's own TLS.
Referrals are never followed: they would take a password to a server that nobody named.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from app.auth.directory import ber
from app.auth.directory.trouble import Malformed, Trouble, Unreachable

LARGEST_MESSAGE = 32 << 20
PAGE, MOST_PAGES = 500, 2_000
_STARTTLS, _PAGED = "1.3.6.1.4.1.1466.20037", "1.2.840.113556.1.4.319"
_SUCCESS, _TOO_MANY = 0, 4
_WRONG = frozenset(
    {19, 32, 34, 48, 49, 50, 53}
)  # what servers answer to a password that isn't right, or no more
_BIND, _SEARCH, _EXTENDED, _UNBIND = 0x60, 0x63, 0x77, 0x42
_BOUND, _ENTRY, _DONE, _REFERENCE, _EXTENDED_ANSWER = 0x61, 0x64, 0x65, 0x73, 0x78


@dataclass(frozen=True)
class Found:
    """An entry: its name, and its attributes by lower-case name."""

    dn: str
    attributes: dict[str, list[bytes]]


@dataclass(frozen=True, kw_only=True)
class Server:
    """One address of the directory, and how far it is trusted."""

    url: str
    ca_file: str = ""
    verifies: bool = True
    starts_tls: bool = True
    patience: float = 5.0

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (636 if self.is_ldaps else 389)

    @property
    def is_ldaps(self) -> bool:
        return urlsplit(self.url).scheme == "ldaps"


class Connection:
    """An open conversation; use it in a `with` block."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._number, self._unread = 0, b""
        self._ends = time.monotonic() + server.patience
        try:
            self._socket: socket.socket = socket.create_connection(
                (server.host, server.port), timeout=server.patience
            )
        except OSError as problem:
            raise Unreachable(f"{server.url}: {problem}") from problem
        try:
            if server.is_ldaps:
                self._secure()
            elif server.starts_tls:
                self._start_tls()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say good-bye, whether it is heard or not."""
        with suppress(Trouble):
            self._send(ber.tlv(_UNBIND))
        with suppress(OSError):
            self._socket.close()

    def bind(self, dn: str, password: str) -> bool:
        """Whether this name and password are right; both empty is nobody in particular."""
        if bool(dn) != bool(password):
            return False  # a name without a password would be let in as nobody, and look like a success
        asked = ber.tlv(_BIND, ber.whole(3), ber.octets(dn), ber.octets(password, 0x80))
        code, said, _controls = self._result(self._ask(asked), _BOUND)
        if code == _SUCCESS:
            return True
        if code in _WRONG:
            return False
        raise _trouble(self.server, "bind", code, said)

    def search(
        self, base: str, asked: bytes, attributes: Sequence[str], *, most: int = 0, alone: bool = False
    ) -> list[Found]:
        """What is found under `base`, or `alone` at it; at most so many."""
        request = _search(base, asked, attributes, most=most, scope=0 if alone else 2)
        found, code, said, _cookie = self._gather(request)
        if code != _SUCCESS and not (code == _TOO_MANY and most):
            raise _trouble(self.server, "search", code, said)
        return found

    def all_of(self, base: str, asked: bytes, attributes: Sequence[str]) -> Iterator[Found]:
        """Everything under `base`, page by page (RFC 2696); Trouble rather than a part of it."""
        request, cookie = _search(base, asked, attributes), b""
        for _page in range(MOST_PAGES):
            found, code, said, cookie = self._gather(request, _page_control(cookie))
            if code != _SUCCESS:
                raise _trouble(self.server, "search", code, said)
            yield from found
            if not cookie:
                return
        raise Trouble(f"{self.server.url}: the list doesn't end")

    def _gather(self, request: bytes, controls: bytes = b"") -> tuple[list[Found], int, str, bytes]:
        number, found = self._ask(request, controls), []
        while True:
            tag, content, said = self._answer(number)
            if tag == _ENTRY:
                found.append(_entry(content))
            elif tag == _DONE:
                code, text = _outcome(content)
                return found, code, text, _cookie(said)
            elif tag != _REFERENCE:
                raise Trouble(f"{self.server.url}: an answer that nobody asked for")

    def _start_tls(self) -> None:
        asked = ber.tlv(_EXTENDED, ber.octets(_STARTTLS, 0x80))
        code, said, _controls = self._result(self._ask(asked), _EXTENDED_ANSWER)
        if code != _SUCCESS:
            raise _trouble(self.server, "StartTLS", code, said)
        if self._unread:
            raise Unreachable(f"{self.server.url}: something came before the connection was secured")
        self._secure()

    def _secure(self) -> None:
        """Python's own rules for certificates and names."""
        try:
            context = ssl.create_default_context(cafile=self.server.ca_file or None)
            if not self.server.verifies:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._socket.settimeout(self._left())
            self._socket = context.wrap_socket(self._socket, server_hostname=self.server.host)
        except (OSError, ValueError) as problem:  # ssl.SSLError is an OSError
            raise Unreachable(f"{self.server.url}: {problem}") from problem

    def _result(self, number: int, expected: int) -> tuple[int, str, bytes]:
        tag, content, controls = self._answer(number)
        if tag != expected:
            raise Trouble(f"{self.server.url}: an answer that nobody asked for")
        return (*_outcome(content), controls)

    def _ask(self, request: bytes, controls: bytes = b"") -> int:
        self._ends = time.monotonic() + self.server.patience
        self._number += 1
        self._send(request, controls)
        return self._number

    def _send(self, request: bytes, controls: bytes = b"") -> None:
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(ber.tlv(ber.SEQUENCE, ber.whole(self._number), request, controls))
        except OSError as problem:
            raise Unreachable(f"{self.server.url}: {problem}") from problem

    def _answer(self, number: int) -> tuple[int, bytes, bytes]:
        """The next message: its tag, its content, and the controls that came with it."""
        parts = list(ber.elements(self._message()))
        if len(parts) < 2 or parts[0][0] != ber.INTEGER:
            raise Malformed(f"{self.server.url}: no message")
        if ber.number_in(parts[0][1]) != number:
            raise Unreachable(f"{self.server.url}: the server ended the conversation")
        return (*parts[1], next((inner for kind, inner in parts[2:] if kind == 0xA0), b""))

    def _message(self) -> bytes:
        while (found := ber.header(self._unread)) is None:
            self._receive()
        if self._unread[0] != ber.SEQUENCE or found[1] > LARGEST_MESSAGE:
            raise Malformed("no message, or too large a one")
        end = sum(found)
        parts, size = [self._unread], len(self._unread)
        while size < end:
            self._unread = b""
            self._receive()
            parts.append(self._unread)
            size += len(self._unread)
        whole = b"".join(parts)
        self._unread = whole[end:]
        return whole[found[0] : end]

    def _receive(self) -> None:
        try:
            self._socket.settimeout(self._left())
            came = self._socket.recv(1 << 16)
        except OSError as problem:
            raise Unreachable(f"{self.server.url}: {problem}") from problem
        if not came:
            raise Unreachable(f"{self.server.url}: the server hung up")
        self._unread += came

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Unreachable(f"{self.server.url}: no answer within {self.server.patience:g} seconds")
        return left


def _search(base: str, asked: bytes, attributes: Sequence[str], *, most: int = 0, scope: int = 2) -> bytes:
    wanted = ber.tlv(ber.SEQUENCE, *(ber.octets(name) for name in attributes))
    where, never = ber.whole(scope, ber.ENUMERATED), ber.whole(0, ber.ENUMERATED)
    limits = ber.whole(most) + ber.whole(0) + ber.truth(False)
    return ber.tlv(_SEARCH, ber.octets(base), where, never, limits, asked, wanted)


def _page_control(cookie: bytes) -> bytes:
    size = ber.tlv(ber.SEQUENCE, ber.whole(PAGE), ber.octets(cookie))
    return ber.tlv(0xA0, ber.tlv(ber.SEQUENCE, ber.octets(_PAGED), ber.octets(size)))


def _cookie(controls: bytes) -> bytes:
    for _tag, control in ber.elements(controls):
        parts = list(ber.elements(control))
        if parts and parts[0][1] == _PAGED.encode():
            (inner,) = ber.children(parts[-1][1], ber.SEQUENCE)
            return ber.children(inner, ber.INTEGER, ber.OCTETS)[1]
    return b""


def _outcome(content: bytes) -> tuple[int, str]:
    code, _dn, said = ber.children(content, ber.ENUMERATED, ber.OCTETS, ber.OCTETS)
    return ber.number_in(code), said.decode("utf-8", "replace")[:200]


def _entry(content: bytes) -> Found:
    dn, listed = ber.children(content, ber.OCTETS, ber.SEQUENCE)
    attributes: dict[str, list[bytes]] = {}
    for _tag, one in ber.elements(listed):
        name, values = ber.children(one, ber.OCTETS, ber.SET)
        plain = name.decode("ascii", "replace").partition(";")[0].lower()
        attributes.setdefault(plain, []).extend(value for _is, value in ber.elements(values))
    return Found(dn.decode("utf-8", "replace"), attributes)


def _trouble(server: Server, what: str, code: int, said: str) -> Trouble:
    kind = Unreachable if code in {51, 52} else Trouble  # busy, unavailable
    return kind(f"{server.url}: {what} answered {code} {said}".rstrip())
