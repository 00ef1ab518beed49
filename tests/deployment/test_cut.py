"""A right that ends, ends what is under way: downloads are cut within five seconds."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.deployment.door import Door
from tests.deployment.site import ANNEX, OFFICE, Caller, console, eventually
from tests.deployment.wire import exchange, open_line, request, statuses

CUT_WITHIN = 5.0
SIZE = 20_000_000


def _narrower(door: Door) -> None:
    rules = {"rules": [{"network": f"{OFFICE}/32", "name": "office"}]}
    answer = door.caller("root")("PUT", "/api/v1/gate/rules", rules)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def file(door: Door) -> Iterator[str]:
    """The address of a large file in a post; afterwards everybody may enter again."""
    caller = door.caller("ana")
    content = b"".join(b"%019d\n" % number for number in range(SIZE // 20))
    sent = caller.http.post(f"{door.url}/api/v1/files", files={"file": ("long.txt", content)}, timeout=60)
    assert sent.status_code == 201, sent.text
    where = f"/api/v1/spaces/{door.told['spaces']['open']}/posts"
    post = caller("POST", where, {"body": "Un long fichier", "attachments": [sent.json()["id"]]})
    assert post.status_code == 201, post.text
    yield sent.json()["url"]
    console(door.node.environment, "gate", "reset")
    there = Caller(door.url, door.token("bo"), source=ANNEX)
    eventually(lambda: there("GET", "/api/v1/me").status_code == 200)


def _asked(door: Door, path: str) -> bytes:
    return request(path, f"Cookie: parvis={door.told['sessions']['bo']}", host=door.front)


def _begin(door: Door, bind: str, path: str, source: str) -> tuple[socket.socket, int]:
    """A download that has begun, and how much of it is there."""
    line = open_line(bind, source=source)
    line.sendall(_asked(door, path))
    first = line.recv(8_192)
    assert statuses(first) == [200]
    return line, len(first)


def _rest(line: socket.socket) -> int:
    """How much more came until the line was closed."""
    got = 0
    line.settimeout(20)
    with suppress(ConnectionError):
        while piece := line.recv(1 << 20):
            got += len(piece)
    return got


def test_downloads_in_progress_end_with_the_right_to_them(door: Door, file: str) -> None:
    """Even for who stops reading meanwhile, on the server's own line or through nginx: it is closed, with
    what it still held. Whoever may go on gets the whole.
    """
    leaving = [_begin(door, bind, file, ANNEX) for bind in (door.node.bind, door.front)]
    staying, first = _begin(door, door.front, file, OFFICE)
    _narrower(door)
    time.sleep(CUT_WITHIN)
    for line, begun in leaving:
        with line:
            assert begun + _rest(line) < SIZE
    with staying:
        staying.settimeout(20)
        while first < SIZE and (piece := staying.recv(1 << 20)):
            first += len(piece)
    assert first >= SIZE
    assert statuses(exchange(door.front, _asked(door, file), source=ANNEX, patience=5)) == [403]
    assert door.is_well()
