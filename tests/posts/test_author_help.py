"""Whoever is stopped is told why, how to mend it, and may go on where that is theirs to decide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.charter.actions import save_rule
from app.kernel import clock
from app.kernel.db import db
from app.posts import splitting
from app.posts.models import Entry, Revision
from tests.make import accept, make_charter, make_organisation, make_person, make_space


@pytest.fixture
def place(app):
    make_charter(pii_phone={"kind": "phone", "action": "nudge"}, mix={"kind": "mixing", "action": "hold"})
    make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    make_organisation("Dualix", "client", "supplier")
    author = make_person("ana", locale="en")
    accept(author)
    return author, make_space(author)


PHONE, OTHER = "Call 06 12 34 56 78 about it", "Call 06 12 34 56 79 about it"


def send(ask, space, body, **more):
    return ask("POST", f"/spaces/{space.id}/posts", {"body": body, **more})


def go_on(token):
    return {"nudge_token": token, "justification": "It is the reception desk."}


def test_a_finding_says_what_to_do(place, api):
    author, space = place
    _, answer = api(author)("POST", "/charter/evaluate", {"body": PHONE, "space_id": space.id})
    (finding,) = answer["findings"]
    assert finding["suggestion"]
    assert not finding["can_split"]
    _, answer = api(author)("POST", "/charter/evaluate", {"body": "Acme and Boulonex", "space_id": space.id})
    assert answer["findings"][0]["can_split"]


def test_a_nudge_is_gone_on_with_once(place, api):
    author, space = place
    ask = api(author)
    status, refusal = send(ask, space, PHONE)
    assert (status, refusal["code"]) == (409, "nudge")
    token = refusal["nudge_token"]
    assert send(ask, space, PHONE, nudge_token=token)[0] == 409  # without a reason
    status, post = send(ask, space, PHONE, **go_on(token))
    assert (status, post["state"]) == (201, "published")
    assert send(ask, space, PHONE, **go_on(token))[0] == 409
    assert db.session.query(Revision.justification).all() == [("It is the reception desk.",)]


def test_another_text_nudges_again(place, api):
    author, space = place
    ask = api(author)
    token = send(ask, space, PHONE)[1]["nudge_token"]
    assert send(ask, space, OTHER, **go_on(token))[0] == 409
    assert send(ask, space, PHONE + "!", **go_on(token))[0] == 409
    assert send(ask, space, PHONE.upper(), **go_on(token))[0] == 201  # it reads the same


def test_a_token_is_its_authors_and_lasts_a_quarter_of_an_hour(place, api):
    author, space = place
    other = make_person("bo")
    accept(other)
    token = send(api(author), space, PHONE)[1]["nudge_token"]
    assert send(api(other), space, PHONE, **go_on(token))[0] == 409
    with clock.at(clock.now() + timedelta(minutes=15, seconds=2)):
        assert send(api(author), space, PHONE, **go_on(token))[0] == 409
    assert send(api(author), space, PHONE, **go_on("forged.token"))[0] == 409


def test_a_new_finding_or_a_new_version_of_the_rule_nudges_again(place, api):
    author, space = place
    ask = api(author)
    token = send(ask, space, PHONE)[1]["nudge_token"]
    save_rule(None, "pii.phone", kind="phone", action="nudge", clause="4.2")
    assert send(ask, space, PHONE, **go_on(token))[0] == 409
    token = send(ask, space, PHONE)[1]["nudge_token"]
    save_rule(None, "call", kind="phrases", action="nudge", clause="3.1", params={"terms": ["call"]})
    assert send(ask, space, PHONE, **go_on(token))[0] == 409


@pytest.mark.parametrize(
    ("body", "client", "supplier", "both"),
    [
        (
            "Acme is happy. They want more. Boulonex is late.",
            "Acme is happy. They want more.",
            "Boulonex is late.",
            (),
        ),
        ("Hello.\n\nBoulonex is late.\n\nAcme waits.", "Hello.\n\nAcme waits.", "Boulonex is late.", ()),
        ("Acme saw Boulonex.", "Acme saw Boulonex.", "Acme saw Boulonex.", ("Acme saw Boulonex.",)),
        ("Dualix came. Acme too.", "Dualix came. Acme too.", "", ()),
    ],
)
def test_a_text_about_both_becomes_two(place, body, client, supplier, both):
    halves = splitting.split(body)
    assert (halves.client, halves.supplier, halves.both) == (client, supplier, both)


def test_both_parts_are_kept_until_they_are_published(place, sign_in):
    author, space = place
    browser = sign_in(author)
    form = {"body": "Acme is happy. Boulonex is late.", "space_id": space.id, "type": "post"}
    held = browser.post("/posts", data=form).location
    assert 'action="/posts/split"' in browser.get(held).text
    entry_id = held.split("/")[2].split("?")[0]
    assert browser.post("/posts/split", data={**form, "entry_id": entry_id}).location == "/posts/split"
    assert db.session.get(Entry, int(entry_id), populate_existing=True).state == "withdrawn"
    page = browser.get("/posts/split").text
    assert "Acme is happy." in page
    assert "Boulonex is late." in page
    first = {"place": "split-1", "space_id": space.id, "type": "post", "body": "Acme is happy."}
    assert browser.post("/posts", data=first).location.startswith("/posts/split")
    page = browser.get("/posts/split").text
    assert "Acme is happy." not in page
    assert "Boulonex is late." in page
    second = {**first, "place": "split-2", "body": "Boulonex is late."}
    assert browser.post("/posts", data=second).location.startswith("/posts/split")
    assert browser.get("/posts/split").location.startswith("/")


def test_the_words_are_quoted_without_scripts_and_after_it_is_held(place, sign_in):
    author, space = place
    browser = sign_in(author)
    page = browser.post("/posts", data={"body": PHONE, "space_id": space.id, "type": "post"}).text
    assert "06 12 34 56 78</p>" in page
    held = browser.post("/posts", data={"body": "Acme and Boulonex", "space_id": space.id, "type": "post"})
    assert "hint__quote" in browser.get(held.location).text
