"""Many at once, through several workers: one effect, and everybody knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.deployment.company import MIXED, MODERATORS, READERS
from tests.deployment.site import Site, at_once, console, eventually

MANY = 30


@pytest.fixture(autouse=True, scope="module")
def log_is_whole(whole_site: Site) -> Iterator[None]:
    """Nobody forked the chain of the log."""
    yield
    console(whole_site.nodes[0].environment, "audit", "verify")


def held(site: Site) -> tuple[int, int]:
    """A post that waits, and its item."""
    post = site.post("ana", f"{MIXED}, {uuid4().hex}")
    caller = site.caller("mo0")
    items = caller("GET", "/api/v1/moderation/items?state=pending&limit=100").json()["items"]
    found = [item["id"] for item in items if item["entry"]["id"] == post]
    assert len(found) == 1, items
    return post, found[0]


def test_of_thirty_decisions_one_counts_and_the_others_see_it(site: Site) -> None:
    post, item = held(site)
    listener = site.listen("bo")
    callers = [site.caller(f"mo{n % MODERATORS}") for n in range(MANY)]
    outcomes = ["release", "reject", "return"]

    def deciding(place: int):
        ruling = {"outcome": outcomes[place % 3], "clause": "4.2", "reason": "Comme convenu.", "version": 1}
        return lambda: callers[place]("POST", f"/api/v1/moderation/items/{item}/decisions", ruling)

    answers = at_once(*(deciding(place) for place in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: MANY - 1}
    won = next(answer.json() for answer in answers if answer.status_code == 201)
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(said["code"], said["state"]) for said in lost} == {("stale", "decided")}
    state = {"release": "published", "reject": "rejected", "return": "returned"}[won["outcome"]]
    assert site.caller("ana")("GET", f"/api/v1/posts/{post}").json()["state"] == state
    seen = site.caller("bo")("GET", f"/api/v1/posts/{post}").status_code
    assert seen == (200 if state == "published" else 404)
    marker = site.post("ana", "Après")
    eventually(lambda: marker in listener.posts())
    assert listener.posts().count(post) == (1 if state == "published" else 0)


def test_of_thirty_releases_one_publishes(site: Site) -> None:
    post, item = held(site)
    cursor = site.caller("bo").now()
    callers = [site.caller(f"mo{n % MODERATORS}") for n in range(MANY)]
    ruling = {"outcome": "release", "clause": None, "reason": "Comme convenu.", "version": 1}
    path = f"/api/v1/moderation/items/{item}/decisions"
    answers = at_once(*(lambda caller=caller: caller("POST", path, ruling) for caller in callers))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: MANY - 1}
    told = [c for c in site.caller("bo").caught_up(cursor)[0] if c["name"] == "post.created"]
    assert [change["post_id"] for change in told] == [post]


def test_thirty_times_the_same_request_is_one_post(site: Site) -> None:
    key, body = uuid4().hex, f"Une seule fois {uuid4().hex}"
    callers = [site.caller("ana") for _ in range(MANY)]
    path = f"/api/v1/spaces/{site.space('open')}/posts"
    send = [
        lambda caller=caller: caller("POST", path, {"body": body}, Idempotency_Key=key) for caller in callers
    ]
    answers = at_once(*send)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    posts = site.caller("bo")("GET", f"{path}?limit=50").json()["items"]
    assert [post["body"] for post in posts].count(body) == 1


def test_thirty_reactions_are_thirty(site: Site) -> None:
    post = site.post("ana", "Bravo à tous")
    path = f"/api/v1/posts/{post}/reactions/like"
    callers = [site.caller(f"r{n}") for n in range(READERS)]
    answers = at_once(*(lambda caller=caller: caller("PUT", path) for caller in callers))
    assert {answer.status_code for answer in answers} == {204}
    assert site.caller("ana")("GET", f"/api/v1/posts/{post}").json()["reactions"] == {"like": READERS}
    answers = at_once(*(lambda caller=caller: caller("DELETE", path) for caller in callers[:10]), *(
        lambda caller=caller: caller("PUT", path) for caller in callers[10:20]
    ))  # fmt: skip
    assert {answer.status_code for answer in answers} == {204}
    assert site.caller("ana")("GET", f"/api/v1/posts/{post}").json()["reactions"] == {"like": READERS - 10}
