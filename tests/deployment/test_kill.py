"""A worker that dies takes nothing with it that was acknowledged."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.deployment.site import Site, eventually

POSTS, WRITERS = 160, 8


def all_posts(site: Site, space: str) -> list[tuple[int, str]]:
    """Everything in a space, page by page: (id, body)."""
    caller, found, after = site.caller("ana"), [], ""
    while True:
        page = caller("GET", f"/api/v1/spaces/{site.space(space)}/posts?limit=100{after}").json()
        found += [(post["id"], post["body"]) for post in page["items"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_killed_workers_lose_nothing_and_readers_catch_up(site: Site) -> None:
    path = f"/api/v1/spaces/{site.space('closed')}/posts"
    listeners = [site.listen("bo", node=node, returns=True) for node in site.nodes]
    first = site.post("ana", "Avant", space="closed")
    for listener in listeners:
        eventually(lambda listener=listener: first in listener.posts())
    starts = [listener.cursor() for listener in listeners]
    assert len(set(starts)) == 1
    done = threading.Semaphore(0)
    callers = [site.caller(login) for login in ("ana", "bo")]

    def write(number: int) -> tuple[int, str]:
        body = f"Ligne {number}"
        answer = callers[number % 2].surely("POST", path, {"body": body})
        assert answer.status_code == 201, answer.text
        done.release()
        return answer.json()["id"], body

    killed: list[int] = []

    def kill() -> None:
        for node in (site.nodes[0], site.nodes[1]):
            for _ in range(POSTS // 4):
                done.acquire(timeout=20)
            pid = node.pids()[0]
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(WRITERS) as pool:
        acknowledged = list(pool.map(write, range(POSTS)))
    killer.join(30)
    assert len(killed) == 2
    written = [post for post in all_posts(site, "closed") if post[1].startswith("Ligne")]
    assert sorted(written) == sorted(acknowledged)

    for node in site.nodes:
        eventually(node.is_up)
    eventually(lambda: all(listener.is_open() for listener in listeners))
    assert any(listener.starts > 1 for listener in listeners)
    changes, _end = site.caller("bo").caught_up(starts[0])
    told = [change["post_id"] for change in changes if change["name"] == "post.created"]
    assert len(told) == len(set(told)) == POSTS
    assert set(told) == {post for post, _body in acknowledged}


def test_a_reader_who_was_away_has_the_same_as_one_who_stayed(site: Site) -> None:
    away, stayed = site.listen("bo", node=site.nodes[0]), site.listen("bo", node=site.nodes[1])
    first = site.post("ana", "Un", space="closed")
    for listener in (away, stayed):
        eventually(lambda listener=listener: first in listener.posts())
    cursor = away.cursor()
    away.close()
    missed = [site.post("ana", f"Raté {n}", space="closed", node=site.nodes[n % 2]) for n in range(6)]
    eventually(lambda: set(missed) <= set(stayed.posts()))
    back = site.listen("bo", node=site.nodes[0])
    found, cursor = site.caller("bo").caught_up(cursor)
    assert [c["post_id"] for c in found if c["name"] == "post.created"] == stayed.posts()[1:]
    last = site.post("ana", "Suite", space="closed", node=site.nodes[1])
    eventually(lambda: last in back.posts())
    assert [post for post in back.posts() if post in missed] == []
    assert site.caller("bo").caught_up(cursor)[0][-1]["post_id"] == last


def test_the_master_replaces_a_killed_worker(site: Site) -> None:
    node = site.nodes[0]
    gone = node.pids()[0]
    begin = time.monotonic()
    os.kill(gone, signal.SIGKILL)
    eventually(lambda: gone not in node.pids() and node.is_up())
    print(f"replaced after {time.monotonic() - begin:.1f} s")
    assert site.ready(node)["database"] == "ok"
