"""The embedded database after a power cut."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from uuid import uuid4

import requests

from tests import services
from tests.deployment.site import Caller, Node, console, environment, eventually, make_company

WRITERS, BEFORE_THE_CUT = 4, 40
HALF_DONE = {
    "an entry without its text": "SELECT count(*) FROM entries "
    "WHERE revision_id IS NULL OR revision_id NOT IN (SELECT id FROM revisions)",
    "a published post nobody was told of": "SELECT count(*) FROM entries "
    "WHERE state = 'published' AND kind = 'post' "
    "AND id NOT IN (SELECT json_extract(payload, '$.post_id') FROM changes WHERE name = 'post.created')",
    "a request without its answer": "SELECT count(*) FROM answers WHERE status IS NULL",
}  # fmt: skip


def test_killed_in_the_middle_of_writes_it_opens_and_holds_what_was_acknowledged() -> None:
    folder = services.new_folder("parvis-embedded-")
    told = make_company(environment(folder, networks="127.0.0.0/8"))
    node = Node(folder, networks="127.0.0.0/8")
    try:
        node.wait()
        acknowledged, keys = _write_until_cut(node, told)
        with closing(sqlite3.connect(folder / "parvis.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            assert {
                what: database.execute(asked).fetchone()[0] for what, asked in HALF_DONE.items()
            } == dict.fromkeys(HALF_DONE, 0)
        node.start_again()
        caller = Caller(f"http://{node.bind}", told["tokens"]["ana"], source="127.0.0.1")
        for post, body in acknowledged:
            answer = caller("GET", f"/api/v1/posts/{post}")
            assert (answer.status_code, answer.json()["body"]) == (200, body)
        again = [caller("POST", _path(told), {"body": body}, Idempotency_Key=key) for key, body in keys]
        assert {answer.status_code for answer in again} == {201}
        assert {(answer.json()["id"], answer.json()["body"]) for answer in again} >= set(acknowledged)
        bodies = [body for _key, body in keys]
        seen, after = [], ""
        while after is not None:
            page = caller("GET", f"{_path(told)}?limit=100{after}").json()
            seen += [post["body"] for post in page["items"]]
            after = f"&after={page['next']}" if page["next"] else None
        assert sorted(seen) == sorted(bodies)
        console(node.environment, "audit", "verify")
    finally:
        node.stop()


def _path(told: dict) -> str:
    return f"/api/v1/spaces/{told['spaces']['open']}/posts"


def _write_until_cut(node: Node, told: dict) -> tuple[list[tuple[int, str]], list[tuple[str, str]]]:
    """What was acknowledged (id, body), and everything that was asked (key, body)."""
    acknowledged, asked, cut = [], [], threading.Event()

    def write(writer: int) -> None:
        caller = Caller(f"http://{node.bind}", told["tokens"]["ana"], source="127.0.0.1")
        while not cut.is_set():
            key, body = uuid4().hex, f"Ligne {uuid4().hex}"
            asked.append((key, body))
            with suppress(requests.RequestException):
                answer = caller("POST", _path(told), {"body": body}, Idempotency_Key=key)
                if answer.status_code == 201:
                    acknowledged.append((answer.json()["id"], body))

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            eventually(lambda: len(acknowledged) >= BEFORE_THE_CUT, 40)
        finally:
            node.kill()
            cut.set()
        for writer in writing:
            writer.result(40)
    return acknowledged, asked
