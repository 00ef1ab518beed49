"""Requests in a closed loop: by `wrk` where it is installed, else by threads of our own."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

_DONE = """
done = function(s, l)
  local e = s.errors
  local bad = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('\\nRESULT {"requests": %d, "bad": %d, "seconds": %f, "p50": %f, "p95": %f, "p99": %f}\\n',
    s.requests, bad, s.duration / 1e6, l:percentile(50) / 1e3, l:percentile(95) / 1e3, l:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Ask:
    """One request, as it is repeated."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class Load(NamedTuple):
    """What came of a loop: requests, those refused or lost, wall seconds, milliseconds by percentile."""

    requests: int
    bad: int
    seconds: float
    p50: float
    p95: float
    p99: float


def once(port: int, ask: Ask) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(ask.method, ask.path, ask.body.encode() or None, dict(ask.headers))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read().decode(errors="replace")
    finally:
        connection.close()


def run(port: int, ask: Ask, *, seconds: int, clients: int) -> Load:
    """Ask again and again for so long."""
    program = shutil.which("wrk")
    return _wrk(program, port, ask, seconds, clients) if program else _threads(port, ask, seconds, clients)


def _wrk(program: str, port: int, ask: Ask, seconds: int, clients: int) -> Load:
    with TemporaryDirectory() as folder:
        script = Path(folder) / "ask.lua"
        headers = "".join(f"wrk.headers[{_lua(n)}] = {_lua(v)}\n" for n, v in ask.headers.items())
        script.write_text(
            f"wrk.method = {_lua(ask.method)}\nwrk.body = {_lua(ask.body) if ask.body else 'nil'}\n{headers}{_DONE}"
        )
        command = [program, "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{ask.path}"], capture_output=True, text=True, check=True,
            timeout=seconds + 90,
        ).stdout  # fmt: skip
    return Load(**json.loads(said.rpartition("RESULT ")[2]))


def _lua(text: str) -> str:
    """A Lua string: printable ASCII as it is, any other byte by its number."""
    plain = (chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\{b:03d}" for b in text.encode())
    return f'"{"".join(plain)}"'


def _threads(port: int, ask: Ask, seconds: int, clients: int) -> Load:
    took: list[float] = []
    bad: list[int] = []
    begun = time.monotonic()
    crowd = [
        threading.Thread(target=_loop, args=(port, ask, begun + seconds, took, bad)) for _ in range(clients)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    took.sort()
    at = [
        took[min(len(took) - 1, int(len(took) * share))] * 1e3 if took else 0.0 for share in (0.5, 0.95, 0.99)
    ]
    return Load(len(took), len(bad), time.monotonic() - begun, *at)


def _loop(port: int, ask: Ask, end: float, took: list[float], bad: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (begun := time.monotonic()) < end:
        try:
            connection.request(ask.method, ask.path, ask.body.encode() or None, dict(ask.headers))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            bad.append(0)
            continue
        took.append(time.monotonic() - begun)
        if answer.status >= 400:
            bad.append(answer.status)
    connection.close()
