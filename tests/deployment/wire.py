"""Bytes as they are, sent from wherever we like; what came back."""

from __future__ import annotations

import re
import socket
from contextlib import suppress

WITHIN = 20.0


def open_line(bind: str, *, source: str = "127.0.0.1") -> socket.socket:
    """A connection to `host:port` or `[host]:port` from this address."""
    host, port = bind.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), WITHIN, (source, 0))


def said(line: socket.socket) -> bytes:
    """All that is answered until the other side closes, or has been silent for a while."""
    heard = b""
    with suppress(OSError):
        while piece := line.recv(65536):
            heard += piece
    return heard


def exchange(bind: str, sent: bytes, *, source: str = "127.0.0.1", patience: float = WITHIN) -> bytes:
    """What is answered to these bytes, until the other side closes or has been silent for so long."""
    with open_line(bind, source=source) as line:
        with suppress(OSError):  # refused while we were still speaking
            line.sendall(sent)
        line.settimeout(patience)
        return said(line)


def statuses(answer: bytes) -> list[int]:
    """The status of each answer in it."""
    return [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def request(
    path: str = "/api/v1/me", *lines: str, method: str = "GET", body: bytes = b"", host: str = "x"
) -> bytes:
    """A request with these header lines, as a program would write it."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + body
