"""What is measured: a request, what its answer must contain, its yardstick and its target."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from tools.bench_load import Ask, once

World = Mapping[str, Any]
Check = Callable[[int, str], bool]


@dataclass(frozen=True)
class Case:
    """One kind of work."""

    name: str
    ask: Ask
    is_right: Check
    against: str
    at_most: float
    unit: str = "×"
    clients: int = 4

    def problem(self, port: int) -> str:
        """Why it may not be measured; "" when its answer is what it should be."""
        status, _headers, said = once(port, self.ask)
        return "" if self.is_right(status, said) else f"answered {status}: {' '.join(said.split())[:80]}"


def yardsticks() -> Sequence[Case]:
    """The least work of each kind, of the application beside."""
    ok: Check = lambda status, _said: status == 200  # noqa: E731
    return (
        Case("bare", Ask("/"), lambda status, said: status == 200 and said.count("<article") == 20, "", 0),
        Case("row", Ask("/row"), ok, "", 0),
        Case(
            "commit", Ask("/commit", "POST", {"Content-Type": "text/plain"}, "x" * 300), ok, "", 0, clients=16
        ),
    )


def cases(world: World, port: int) -> Sequence[Case]:
    """The work of the product, as a signed-in member sees it."""
    page, api = {"Cookie": world["cookie"]}, {"Authorization": f"Bearer {world['token']}"}
    desk, said = {"Cookie": world["moderator"]}, {**api, "Content-Type": "application/json"}
    feed, changes = Ask("/api/v1/feed", headers=api), Ask("/api/v1/changes", headers=api)
    word, name = "commande", quote(world["name"].split()[-1][:4].lower())
    draft = json.dumps({"body": f"{SENTENCES}", "space_id": world["space"]})
    return (
        Case("home feed, HTML", Ask("/", headers=page), _page('<post-card|class="card', 20), "bare", 4),
        Case("home feed, JSON", feed, _items(20), "bare", 3),
        Case("space feed, HTML", Ask(f"/spaces/{world['space']}", headers=page), _page("<post-card", 20), "bare", 4),
        Case("thread with 50 comments, HTML", Ask(f"/posts/{world['thread']}", headers=page),
             _page('id="comment-', 50), "bare", 5),
        Case("304 of the feed", _unchanged(feed, port), lambda status, _: status == 304, "bare", 1),
        Case("catch-up with nothing new", _caught_up(changes, port), _items(0), "bare", 1),
        Case("publish a post", replace(post(world), headers=said), lambda status, _: status == 201, "commit", 8,
             unit="CPU-s", clients=16),
        Case("compose-time check", Ask("/api/v1/charter/evaluate", "POST", said, draft),
             lambda status, told: status == 200 and '"action"' in told, "bare", 10, unit="CPU-s"),
        Case("review queue of 10,000, HTML", Ask("/moderation", headers=desk), _page("/moderation/", 20), "bare", 4),
        Case("search, first page, HTML", Ask(f"/search?q={word}", headers={**page, "X-Fragment": "1"}),
             lambda status, told: status == 200 and "/posts/" in told, "row", 20),
        Case("@-completion", Ask(f"/people/complete?q={name}", headers=page),
             lambda status, told: status == 200 and '"login"' in told, "row", 10),
    )  # fmt: skip


SENTENCES = (
    "Le réglage de la ligne est terminé, merci à toute l’équipe pour sa patience. "
    "Les pièces d’essai sont au contrôle et nous aurons les mesures demain matin. "
    "Si quelqu’un peut relire la fiche avant midi, je la mets à jour dans la foulée."
)


def post(world: World) -> Ask:
    """A post of three sentences in a busy space."""
    headers = {"Authorization": f"Bearer {world['token']}", "Content-Type": "application/json"}
    body = json.dumps({"type": "post", "body": SENTENCES})
    return Ask(f"/api/v1/spaces/{world['space']}/posts", "POST", headers, body)


def _page(marks: str, least: int) -> Check:
    """A page of somebody signed in, with so many of what it lists."""

    def is_right(status: int, said: str) -> bool:
        return (
            status == 200 and "data-person=" in said and max(said.count(m) for m in marks.split("|")) >= least
        )

    return is_right


def _items(number: int) -> Check:
    def is_right(status: int, said: str) -> bool:
        return status == 200 and len(json.loads(said)["items"]) == number

    return is_right


def _unchanged(ask: Ask, port: int) -> Ask:
    tag = once(port, ask)[1].get("etag", "")
    return replace(ask, headers={**ask.headers, "If-None-Match": tag})


def _caught_up(ask: Ask, port: int) -> Ask:
    """From the place where a client that has heard everything stands."""
    cursor = json.loads(once(port, ask)[2])["next"]
    for _turn in range(1000):
        told = json.loads(once(port, Ask(f"{ask.path}?since={quote(cursor)}", headers=ask.headers))[2])
        cursor = told["next"]
        if not told["items"]:
            break
    return Ask(f"{ask.path}?since={quote(cursor)}", headers=ask.headers)
