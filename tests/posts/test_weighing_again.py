"""Every way in which text changes is weighed, through HTTP, with what readers see meanwhile."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.charter.actions import save_rule
from app.charter.models import Finding
from app.kernel import clock
from app.kernel.db import db
from app.moderation.models import ReviewItem
from app.organisations import actions as organisations
from app.posts.models import Entry
from tests.make import accept, make_charter, make_organisation, make_person, make_space
from tests.moderation.world import MIXED, REASON, item_of, make_world

CLIENT, SUPPLIER = "News of Acme", "Boulonex delivers on Monday"


@pytest.fixture
def world(app):
    return make_world()


def say(ask, world, body, **more):
    return ask("POST", f"/spaces/{world.space.id}/posts", {"body": body, **more})


def body_for(ask, post_id):
    status, post = ask("GET", f"/posts/{post_id}")
    return post["body"] if status == 200 else status


def decide(ask, entry_id, outcome="release"):
    item = item_of(db.session.get(Entry, entry_id))
    words = {"outcome": outcome, "clause": "4.2", "reason": REASON, "version": item.version}
    return ask("POST", f"/moderation/items/{item.id}/decisions", words)


def test_what_is_created(world, api):
    author, reader = api(world.author), api(world.colleague)
    status, post = say(author, world, MIXED)
    assert (status, post["state"]) == (201, "held")
    assert body_for(reader, post["id"]) == 404


def test_an_edit_that_mixes_waits_and_readers_keep_the_approved_text(world, api):
    author, reader = api(world.author), api(world.colleague)
    _, post = say(author, world, SUPPLIER)
    status, _ = author("PATCH", f"/posts/{post['id']}", {"body": f"{SUPPLIER}, at Acme"})
    assert status == 200
    assert body_for(reader, post["id"]) == SUPPLIER
    author("PATCH", f"/posts/{post['id']}", {"body": f"{SUPPLIER} or Tuesday"})
    assert body_for(reader, post["id"]) == f"{SUPPLIER} or Tuesday"
    assert item_of(db.session.get(Entry, post["id"])).state not in {"pending", "leased"}


def test_an_edit_of_what_was_approved_keeps_the_approved_pair(world, api):
    author, moderator, reader = api(world.author), api(world.moderator), api(world.colleague)
    _, post = say(author, world, MIXED)
    assert decide(moderator, post["id"])[0] in {200, 201}
    assert body_for(reader, post["id"]) == MIXED
    author("PATCH", f"/posts/{post['id']}", {"body": f"{MIXED} At ten."})
    assert body_for(reader, post["id"]) == f"{MIXED} At ten."
    make_organisation("Zinco", "supplier")
    author("PATCH", f"/posts/{post['id']}", {"body": f"{MIXED} With Zinco."})
    assert body_for(reader, post["id"]) == f"{MIXED} At ten."


def test_a_supplier_named_under_a_clients_post(world, api):
    author, reader = api(world.author), api(world.colleague)
    _, post = say(author, world, CLIENT)
    status, comment = reader("POST", f"/posts/{post['id']}/comments", {"body": SUPPLIER})
    assert (status, comment["state"]) == (201, "held")
    assert author("GET", f"/posts/{post['id']}/comments")[1]["items"] == []
    assert body_for(reader, post["id"]) == CLIENT


def test_a_root_that_is_edited_against_its_answers(world, api):
    author, reader = api(world.author), api(world.colleague)
    _, post = say(author, world, "News of the week")
    assert reader("POST", f"/posts/{post['id']}/comments", {"body": SUPPLIER})[1]["state"] == "published"
    author("PATCH", f"/posts/{post['id']}", {"body": CLIENT})
    assert body_for(reader, post["id"]) == "News of the week"
    assert item_of(db.session.get(Entry, post["id"])).state == "pending"


def upload(client, name, content):
    data = {"file": (io.BytesIO(content), name)}
    sent = client.post("/api/v1/files", data=data, content_type="multipart/form-data")
    assert sent.status_code == 201, sent.text
    return sent.get_json()["id"]


def test_a_file_that_is_added_and_one_that_replaces_it(world, api, sign_in):
    author, reader, browser = api(world.author), api(world.colleague), sign_in(world.author)
    _, post = say(author, world, CLIENT)
    bad = upload(browser, "boulonex.txt", b"Prices")
    author("PATCH", f"/posts/{post['id']}", {"body": CLIENT, "attachments": [bad]})
    assert reader("GET", f"/posts/{post['id']}")[1]["attachments"] == []
    good = upload(browser, "prices.txt", b"Prices of ours")
    author("PATCH", f"/posts/{post['id']}", {"body": CLIENT, "attachments": [good]})
    assert len(reader("GET", f"/posts/{post['id']}")[1]["attachments"]) == 1


def test_the_words_inside_a_file_count(world, api, sign_in):
    _, post = say(api(world.author), world, CLIENT)
    inside = upload(sign_in(world.author), "notes.txt", b"We will ask Boulonex about it.")
    author, reader = api(world.author), api(world.colleague)
    author("PATCH", f"/posts/{post['id']}", {"body": CLIENT, "attachments": [inside]})
    assert reader("GET", f"/posts/{post['id']}")[1]["attachments"] == []


def test_an_author_who_removes_the_cause_publishes_and_closes_the_item(world, api):
    author, reader = api(world.author), api(world.colleague)
    _, post = say(author, world, MIXED)
    item = item_of(db.session.get(Entry, post["id"]))
    author("PATCH", f"/posts/{post['id']}", {"body": "We meet on Monday."})
    assert body_for(reader, post["id"]) == "We meet on Monday."
    db.session.refresh(item)
    assert (item.state, item.kind) == ("auto_resolved", "hold")


def test_what_leaves_the_queue_is_weighed_again(world, api):
    """A name that was registered while it waited: who decides is shown it, and may decide then."""
    author, moderator, reader = api(world.author), api(world.moderator), api(world.colleague)
    _, post = say(author, world, f"{MIXED} Zinco too.")
    make_organisation("Zinco", "supplier")
    status, refusal = decide(moderator, post["id"])
    assert (status, refusal["code"]) == (409, "stale")
    assert body_for(reader, post["id"]) == 404
    entry = db.session.get(Entry, post["id"], populate_existing=True)
    hits = db.session.scalars(select(Finding.hit).where(Finding.revision_id == entry.revision_id)).all()
    assert len(set(hits)) == 2
    assert decide(moderator, post["id"])[0] in {200, 201}
    assert body_for(reader, post["id"]) == f"{MIXED} Zinco too."


def test_the_second_look_survives_a_request_that_may_be_repeated(world, api):
    """A refusal undoes its transaction; what was found since is kept beside it."""
    author, moderator = api(world.author), api(world.moderator)
    _, post = say(author, world, f"{MIXED} Zinco too.")
    make_organisation("Zinco", "supplier")
    item = item_of(db.session.get(Entry, post["id"]))
    words = {"outcome": "release", "clause": "4.2", "reason": REASON, "version": item.version}
    path = f"/moderation/items/{item.id}/decisions"
    status, _ = moderator("POST", path, words, **{"Idempotency-Key": "once"})
    assert status == 409
    assert len(db.session.scalars(select(Finding.hit)).all()) == 2


def test_the_page_of_the_moderator_shows_what_is_new(world, api, sign_in):
    _, post = say(api(world.author), world, f"{MIXED} Zinco too.")
    make_organisation("Zinco", "supplier")
    item = item_of(db.session.get(Entry, post["id"]))
    words = {"outcome": "release", "clause": "4.2", "reason": REASON, "version": str(item.version)}
    answer = sign_in(world.moderator).post(f"/moderation/items/{item.id}/decision", data=words)
    assert answer.status_code == 409
    assert len(db.session.scalars(select(Finding.hit)).all()) == 2


def test_nothing_new_is_released_as_it_was(world, api):
    _, post = say(api(world.author), world, MIXED)
    assert decide(api(world.moderator), post["id"])[0] in {200, 201}
    assert db.session.scalar(select(ReviewItem.state)) == "decided"


def test_an_organisation_that_ended_means_nothing(world, api):
    from app.organisations.queries import everything

    acme = next(one for one in everything() if one.name == "Acme")
    yesterday = (clock.now() - timedelta(days=1)).date()
    organisations.save_organisation(None, acme, name="Acme", roles=["client"], valid_to=yesterday)
    assert say(api(world.author), world, MIXED)[1]["state"] == "published"


@pytest.fixture
def combining(app):
    """Newcomers' first messages with a link wait; so does who was found three times in a day."""
    make_charter()
    save_rule(None, "lex.a", kind="phrases", action="flag", clause="3.1", params={"terms": ["clown"]})
    save_rule(
        None, "first.link", kind="combination", action="hold", clause="3.1",
        params={"all": [{"first_post": True}, {"has_link": True}, {"author_age_below_days": 7}]},
    )  # fmt: skip
    save_rule(
        None, "again", kind="combination", action="hold", clause="3.1",
        params={"all": [{"count": {"hit": "lex.a", "at_least": 3, "window_s": 86400}}, {"hit": ["lex.a"]}]},
    )  # fmt: skip
    author = make_person("ana")
    accept(author)
    return author, make_space(author)


def test_combinations_know_who_writes(combining, api):
    author, space = combining
    ask = api(author)
    linked = {"body": "See https://example.org/a"}
    assert ask("POST", f"/spaces/{space.id}/posts", linked)[1]["state"] == "held"
    assert ask("POST", f"/spaces/{space.id}/posts", {"body": "Hello"})[1]["state"] == "published"
    assert ask("POST", f"/spaces/{space.id}/posts", linked)[1]["state"] == "published"


def test_combinations_count_what_was_found_before(combining, api):
    author, space = combining
    ask = api(author)
    states = [ask("POST", f"/spaces/{space.id}/posts", {"body": f"clown {n}"})[1]["state"] for n in range(4)]
    assert states == ["published", "published", "held", "held"]
