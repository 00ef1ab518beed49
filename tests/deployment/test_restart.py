"""Restarts on purpose: whoever is being answered is answered, whoever listens comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.deployment.site import Site, eventually
from tests.deployment.test_kill import all_posts

POSTS = 60


def test_reload_under_load_refuses_nobody_and_sockets_come_back(site: Site) -> None:
    path = f"/api/v1/spaces/{site.space('open')}/posts"
    listeners = [site.listen("bo", node=node, returns=True) for node in site.nodes]
    before = [set(node.pids()) for node in site.nodes]
    caller, refused, half = site.caller("ana"), [], threading.Event()

    def write(number: int) -> tuple[int, str]:
        if number == POSTS // 3:
            half.set()
        body = f"Pendant la relève {number}"
        answer = caller("POST", path, {"body": body})
        if answer.status_code != 201:
            refused.append((answer.status_code, answer.text))
            return 0, body
        return answer.json()["id"], body

    def reload() -> None:
        half.wait(30)
        for node in site.nodes:
            os.kill(node.process.pid, signal.SIGHUP)

    reloading = threading.Thread(target=reload)
    reloading.start()
    with ThreadPoolExecutor(4) as pool:
        acknowledged = list(pool.map(write, range(POSTS)))
    reloading.join(30)
    assert refused == []
    for node, old in zip(site.nodes, before, strict=True):
        eventually(lambda node=node, old=old: node.is_up() and not old & set(node.pids()))
    begin = time.monotonic()
    eventually(lambda: all(listener.starts > 1 and listener.is_open() for listener in listeners))
    print(f"sockets were back {time.monotonic() - begin:.1f} s after the last worker was replaced")
    written = [post for post in all_posts(site, "open") if post[1].startswith("Pendant la relève")]
    assert sorted(written) == sorted(acknowledged)
    post = site.post("ana", "Après la relève")
    for listener in listeners:
        eventually(lambda listener=listener: post in listener.posts(), 6)


def test_a_stopped_node_ends_cleanly_while_the_other_serves(site: Site) -> None:
    node, other = site.nodes[1], site.nodes[0]
    listener = site.listen("bo", node=node)
    begin = time.monotonic()
    node.process.send_signal(signal.SIGTERM)
    try:
        caller, path = site.caller("ana"), f"/api/v1/spaces/{site.space('open')}/posts"
        posts = [caller.surely("POST", path, {"body": f"À une {n}"}) for n in range(5)]
        assert {answer.status_code for answer in posts} == {201}
        assert node.process.wait(12) == 0
        print(f"stopped after {time.monotonic() - begin:.1f} s")
        assert listener.wait_end(5)
        assert "Traceback" not in node.said(), node.said()[-3000:]
        assert other.is_up()
    finally:
        if node.process.poll() is None:
            node.kill()
        node.start_again()
    back = site.listen("bo", node=node)
    post = site.post("ana", "De retour", node=other)
    eventually(lambda: post in back.posts(), 6)
