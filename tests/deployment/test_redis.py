"""Without Redis everything goes on, a second later."""

from __future__ import annotations

import time

import pytest

from tests import services
from tests.deployment.site import Site, eventually


def test_without_redis_posts_arrive_by_looking_and_it_is_said(site: Site) -> None:
    ears = [site.listen("bo", node=node) for node in site.nodes]
    assert [site.ready(node)["redis"] for node in site.nodes] == ["ok", "ok"]
    site.redis.terminate()
    site.redis.wait(10)
    try:
        for node in site.nodes:
            begin = time.monotonic()
            post = site.post("ana", "Sans Redis", node=node)
            took = time.monotonic() - begin
            for ear in ears:
                eventually(lambda ear=ear, post=post: post in ear.posts(), 6)
            print(f"without Redis: answered after {took:.2f} s, heard {time.monotonic() - begin:.2f} s")
            assert site.ready(node) == {"database": "ok", "migrations": "ok", "jobs": "ok", "redis": "away"}
        writer = site.listen("ana", node=site.nodes[0])
        near = site.listen("bo", node=site.nodes[0])
        begin = time.monotonic()
        assert writer.ask("typing", {"post_id": post}) == {"ok": True}
        assert time.monotonic() - begin < 4
    finally:
        site.redis = services.start_redis(site.redis_port)[1]
    for node in site.nodes:
        eventually(lambda node=node: site.ready(node)["redis"] == "ok")
    writer = site.listen("ana", node=site.nodes[0])

    def typing_arrives() -> bool:
        writer.ask("typing", {"post_id": post})
        time.sleep(0.3)
        return "typing" in ears[1].names()

    eventually(typing_arrives, 30)
    begin = time.monotonic()
    post = site.post("ana", "Avec Redis", node=site.nodes[0])
    eventually(lambda: post in ears[1].posts(), 5)
    print(f"with Redis again: {time.monotonic() - begin:.3f} s")
    assert near.is_open()


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_was_told_twice(site: Site, number: int) -> None:
    ear = site.listen("bo", node=site.nodes[number])
    posts = [site.post("ana", f"Encore {n}", node=site.nodes[n % 2]) for n in range(4)]
    eventually(lambda: set(posts) <= set(ear.posts()), 6)
    time.sleep(1.2)
    assert ear.posts() == posts
