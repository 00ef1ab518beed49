"""So many connected people, and how long a post takes to reach each of them; raw frames, one process.

python -m tools.bench_sockets < {port, sockets, rounds, tokens, ask, roots}     prints JSON
"""

from __future__ import annotations

import json
import select
import socket
import statistics
import sys
import time
from typing import Any

from tools.bench_load import Ask
from tools.bench_machine import cpu_seconds

EVENT = b'"post.created"'
PATIENCE = 30
AT_ONCE = 50


class Listener:
    """One Socket.IO connection."""

    def __init__(self, port: int, token: str) -> None:
        self.token, self.stage, self.kept, self.heard_at, self.size = token, "greeting", b"", 0.0, 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            + f"Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n".encode()
            + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )

    def read(self) -> None:
        """Take what arrived; answer the protocol; note when the post was heard."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError(f"closed while {self.stage}: {self.kept[:80]!r}")
        self.kept += piece
        if self.stage == "greeting" and b"\r\n\r\n" in self.kept:
            head, _, self.kept = self.kept.partition(b"\r\n\r\n")
            if b" 101 " not in head[:16]:
                raise ConnectionError(head[:80].decode())
            self.stage = "opening"
        if self.stage != "greeting":
            self._frames()

    def _frames(self) -> None:
        while (frame := self._next()) is not None:
            if EVENT in frame[:40]:
                self.heard_at, self.size = self.heard_at or time.perf_counter(), len(frame)
            elif frame[:1] == b"0":
                self._say("40" + (json.dumps({"token": self.token}) if self.token else ""))
            elif frame[:2] == b"40":
                self.stage = "joined"
            elif frame == b"2":
                self._say("3")
            elif frame[:2] == b"44":
                raise ConnectionError(frame[:80].decode())

    def _next(self) -> bytes | None:
        """The next whole frame."""
        if len(self.kept) < 2:
            return None
        length, begin = self.kept[1] & 127, 2
        if length == 126:
            length, begin = int.from_bytes(self.kept[2:4], "big"), 4
        elif length == 127:
            length, begin = int.from_bytes(self.kept[2:10], "big"), 10
        if len(self.kept) < begin + length:
            return None
        frame, self.kept = self.kept[begin : begin + length], self.kept[begin + length :]
        return frame

    def _say(self, text: str) -> None:
        data = text.encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        self.socket.sendall(b"\x81" + size + b"\0\0\0\0" + data)


class Crowd:
    """All of them, on one selector."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self.poll, self.all = select.epoll(), dict[int, Listener]()
        begun = time.perf_counter()
        for start in range(0, len(tokens), AT_ONCE):
            for token in tokens[start : start + AT_ONCE]:
                one = Listener(port, token)
                self.all[one.socket.fileno()] = one
                self.poll.register(one.socket.fileno(), select.EPOLLIN)
            self.wait(lambda one: one.stage == "joined")
        self.connects_per_second = len(tokens) / (time.perf_counter() - begun)

    def wait(self, is_done: Any) -> int:
        """Read until all are done or patience ends; how many aren't."""
        end = time.perf_counter() + PATIENCE
        waiting = {number for number, one in self.all.items() if not is_done(one)}
        while waiting and time.perf_counter() < end:
            for number, _what in self.poll.poll(0.2):
                self.all[number].read()
                if number in waiting and is_done(self.all[number]):
                    waiting.discard(number)
        return len(waiting)

    def calm(self, seconds: float) -> None:
        """Read what else arrives for a while, then forget what was heard."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for number, _what in self.poll.poll(0.1):
                self.all[number].read()
        for one in self.all.values():
            one.heard_at = 0.0


def measure(given: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds from the POST sent to the frame read, over several posts."""
    crowd = Crowd(given["port"], (given["tokens"] or [""] * given["sockets"])[: given["sockets"]])
    ask, rounds, lost, cpu = Ask(**given["ask"]), [], 0, 0.0
    for _round in range(given["rounds"]):
        crowd.calm(1.0)
        spent = cpu_seconds(given["roots"])
        rounds.append(_one_post(crowd, given["port"], ask))
        lost += len(crowd.all) - len(rounds[-1])
        cpu += cpu_seconds(given["roots"]) - spent
    return {
        "p50": statistics.median(heard[len(heard) // 2] for heard in rounds),
        "p99": statistics.median(heard[int(len(heard) * 0.99)] for heard in rounds),
        "lost": lost,
        "cpu_per_1000": cpu / sum(map(len, rounds)) * 1000,
        "size": max(one.size for one in crowd.all.values()),
        "connects_per_second": crowd.connects_per_second,
    }


def _one_post(crowd: Crowd, port: int, ask: Ask) -> list[float]:
    """The post is sent without waiting for its answer, which comes after the frames or before."""
    with socket.create_connection(("127.0.0.1", port)) as sender:
        body = ask.body.encode()
        lines = [f"{ask.method} {ask.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}",
                 "Connection: close", *(f"{name}: {value}" for name, value in ask.headers.items())]  # fmt: skip
        begun = time.perf_counter()
        sender.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        crowd.wait(lambda one: one.heard_at)
        if b" 20" not in sender.recv(20):
            raise ConnectionError("the post was refused")
    return sorted((one.heard_at - begun) * 1000 for one in crowd.all.values() if one.heard_at) or [0.0]


if __name__ == "__main__":
    print(json.dumps(measure(json.load(sys.stdin))))
