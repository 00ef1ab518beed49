"""The main job with four people at once: author, colleague, moderators, and somebody outside."""

from __future__ import annotations

import base64
import http.client
import os
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import OUTSIDE, House, Visitor

REFUSAL = "Accès réservé au réseau interne. / Internal network only.\n"


def publish(author: Visitor, body: str) -> None:
    """Through the box at the top of the feed."""
    author.see("summary.composer__line").click()
    author.see("#composer-space").select_option(label="Production")
    author.see(".composer textarea[name=body]").fill(body)
    author.see(".composer [data-send]").click()


def decide(moderator: Visitor, key: str, reason: str) -> None:
    moderator.see(f"input[data-key={key}]").check(force=True)
    moderator.see("#reason").fill(reason)
    moderator.see("#decide button").click()


def test_from_writing_to_release_with_everybody_watching(visit, outside):
    ana, bo = visit("ana"), visit("bo", locale="en-GB")
    mo, stranger = visit("mo", "/moderation"), visit(path="").expect_fault("403 GET")
    for watching in (ana, bo, mo):
        watching.wait_live()

    publish(ana, "La ligne 3 redémarre lundi")
    expect(bo.page.get_by_text("La ligne 3 redémarre lundi")).to_be_visible()
    expect(ana.page.get_by_text("La ligne 3 redémarre lundi")).to_have_count(1)

    publish(ana, "Boulonex livre Boréalis dès mardi matin")
    held = ana.see(".held", has_text="dès mardi matin")
    expect(held).to_be_visible()
    expect(held.locator("a[href*='clause-4.2']")).to_be_visible()
    waiting = mo.see(".queue__item", has_text="dès mardi matin")
    expect(waiting).to_be_visible()
    assert bo.page.get_by_text("dès mardi matin").count() == 0
    number = re.search(r"\d+", held.get_attribute("id") or "").group()
    assert bo.page.request.get(f"{bo.house.url}/posts/{number}").status == 404

    stranger.page.goto(f"{outside}/posts/{number}")
    assert stranger.page.inner_text("body").strip() == REFUSAL.strip()
    assert stranger.context.cookies() == []

    waiting.click()
    mo.see("[data-key=c]").click()
    decide(mo, "a", "Le client est d’accord pour cette fois.")
    expect(bo.page.get_by_text("dès mardi matin")).to_be_visible()
    expect(ana.see(".held", has_text="dès mardi matin")).to_have_count(0)
    expect(ana.see("post-card", has_text="dès mardi matin")).to_have_count(1)
    assert stranger.page.request.get(f"{outside}/").status == 403


def test_of_two_moderators_who_decide_at_once_one_wins(visit):
    """Each clicks in a form of their own; the network keeps both requests until both have clicked."""
    ana, mo = visit("ana"), visit("mo", "/moderation")
    publish(ana, "Boréalis reçoit les vis de Boulonex ce soir")
    expect(ana.see(".held", has_text="ce soir")).to_be_visible()
    mo.see(".queue__item", has_text="ce soir").click()
    mo.see("[data-key=c]").click()
    decide(mo, "e", "Les deux sont cités, mais le contrat est public.")
    expect(mo.see(".queue__item", has_text="ce soir")).to_contain_text("Transmis")

    seniors = {
        "Senna Roy": visit("sen", "/moderation?state=escalated", locale="en-GB"),
        "Zoe Blunt": visit("zoe", "/moderation?state=escalated", locale="en-GB"),
    }
    clicked = []

    def keep(route):
        clicked.append(route)

    for senior in seniors.values():
        senior.expect_fault("409 POST")
        senior.see(".queue__item", has_text="ce soir").click()
        expect(senior.see("#decide")).to_be_visible()
        senior.page.route("**/decisions", keep, times=1)
    for name, senior in seniors.items():
        with senior.page.expect_request("**/decisions"):
            decide(senior, "r", f"{name} vous demande de ne pas les citer ensemble.")
    assert len(clicked) == 2
    for one in clicked:
        one.continue_()

    held = ana.see(".held", has_text="ce soir")
    expect(held).to_contain_text("vous demande de ne pas les citer ensemble")
    winner, loser = sorted(seniors, key=lambda name: name not in held.inner_text())
    screen = seniors[loser]
    expect(screen.page.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    expect(screen.page.get_by_text(f"{loser} vous demande")).to_be_visible()
    expect(screen.see(".panel").first).to_contain_text(winner)
    assert loser not in held.inner_text()


# --- outside ----------------------------------------------------------------------------


def examples(house: House) -> list[tuple[str, str]]:
    """Every method at every address of the product, and some that aren't its."""
    asked = [
        (method, re.sub(r"<(?:any\((\w+)[^)]*\):)?[^>]+>", lambda found: found[1] or "1", path))
        for methods, path, _endpoint in house.rules
        for method in methods
    ]
    files = [
        "/static/css/app.css",
        "/static/js/app.js",
        "/static/vendor/socket.io.esm.min.js",
        "/favicon.ico",
    ]
    files += [
        "/healthz",
        "/readyz",
        "/metrics",
        "/nowhere",
        "//",
        "/%00",
        "/socket.io/?EIO=4&transport=polling",
    ]
    return [*asked, *(("GET", path) for path in files), ("TRACE", "/"), ("FOO", "/")]


def ask(house: House, method: str, path: str, **headers: str) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10, source_address=(OUTSIDE, 0))
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, [h for h in answer.getheaders() if h[0].lower() != "date"], answer.read()
    connection.close()
    return found


def test_outside_every_address_gives_the_same_plain_refusal(house, cookies):
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in cookies("adm"))
    plain = ask(house, "GET", "/")
    assert plain[0] == 403
    assert plain[2].decode() == REFUSAL
    assert not any(name.lower() in {"set-cookie", "location"} for name, _value in plain[1])
    for method, path in examples(house):
        answer = ask(house, method, path, Cookie=cookie)
        expected = (plain[0], plain[1], b"" if method == "HEAD" else plain[2])
        assert answer == expected, (method, path, answer)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_outside_no_socket_opens_whatever_one_brings(house, cookies, transport):
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in cookies("ana"))
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    path = f"/socket.io/?EIO=4&transport={transport}"
    answer = ask(
        house, "GET", path, Cookie=cookie, Origin=house.url, **(upgrade if transport == "websocket" else {})
    )
    assert (answer[0], answer[2].decode()) == (403, REFUSAL)
