"""When the engine itself fails: people go on writing, nothing is lost, and those in charge see it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from app.charter import compiled
from app.charter import queries as charter
from app.charter.actions import save_rule
from app.charter.engine import Limits
from app.charter.engine.detectors import phrases
from app.kernel import clock
from app.kernel.db import db
from app.notifications.models import Notification
from app.posts.models import Revision
from app.relevance import queries as relevance
from app.relevance.models import ModelVersion
from app.trials import watching
from tests.make import make_person
from tests.relevance.world import CHATTER, make_model
from tests.rulebook.world import INSULT, make_world

SAID = "La réunion commence à neuf heures précises"


@pytest.fixture
def world(app):
    world = make_world()
    save_rule(None, "lex.word", kind="phrases", action="nudge", clause="3.1", params=INSULT)
    return world


def broken(*_: Any) -> Any:
    raise RuntimeError("out of order")


def write(api, world, body: str = SAID, path: str = "") -> tuple[int, Any]:
    path = path or f"/spaces/{world.space.id}/posts"
    return api(world.author)(
        "POST", path, {"type": "post", "body": body} if "spaces" in path else {"body": body}
    )


def items(api) -> list[Any]:
    return api(make_person(roles=["moderator"]))("GET", "/moderation/items")[1]["items"]


def test_a_rule_that_raises_lets_posts_comments_and_edits_through_with_a_flag(world, api, monkeypatch):
    monkeypatch.setattr(phrases._Phrases, "__call__", broken)
    status, post = write(api, world)
    assert (status, post["state"]) == (201, "published")
    status, answer = write(api, world, "D’accord", f"/posts/{post['id']}/comments")
    assert (status, answer["state"]) == (201, "published")
    status, edited = api(world.author)("PATCH", f"/posts/{post['id']}", {"body": SAID + "."})
    assert (status, edited["body"]) == (200, SAID + ".")
    assert api(world.reader)("GET", f"/posts/{post['id']}")[1]["body"] == SAID + "."
    assert len(items(api)) == 2


def test_owners_hear_of_it_once_and_admins_see_it(world, api, sign_in, monkeypatch):
    browser = sign_in(make_person(roles=["admin"]))
    assert "toutes les règles répondent" in browser.get("/admin").text
    monkeypatch.setattr(phrases._Phrases, "__call__", broken)
    write(api, world)
    watching.watch()
    watching.watch()
    rows = db.session.scalars(select(Notification).where(Notification.kind == "rule")).all()
    told = [one.person_id for one in rows if one.data["what"] == "silent"]
    assert sorted(told) == sorted({*told})
    assert {world.owner.id, world.other.id} <= set(told)
    assert world.author.id not in told
    page = browser.get("/admin").text
    assert "lex.word" in page
    mo = sign_in(make_person(roles=["moderator"]))
    item = mo.get("/api/v1/moderation/items").json["items"][0]["id"]
    assert "Une règle n’a pas pu être évaluée" in mo.get(f"/moderation/items/{item}").text


def test_card_numbers_wait_while_they_cannot_be_looked_for(world, api, sign_in, monkeypatch):
    save_rule(None, "pii.card", kind="card", action="block", clause="2.1", params={})
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "current_spec", out_of_time(compiled.current_spec))
        charter.forget()
        status, post = write(api, world)
    assert (status, post["state"]) == (201, "held")
    page = sign_in(world.author).get(f"/posts/{post['id']}").text
    assert SAID in page
    assert "n’a pas pu être vérifié" in page
    assert api(world.reader)("GET", f"/posts/{post['id']}")[0] == 404


def out_of_time(original: Any) -> Any:
    return lambda *given, **more: replace(original(*given, **more), limits=Limits(budget_ms=-1))


def test_out_of_time_a_post_is_published_and_flagged(world, api, monkeypatch):
    monkeypatch.setattr(compiled, "current_spec", out_of_time(compiled.current_spec))
    charter.forget()
    status, post = write(api, world)
    assert (status, post["state"]) == (201, "published")
    assert [one["entry"]["id"] if "entry" in one else one["entry_id"] for one in items(api)] == [post["id"]]


def test_when_the_whole_engine_is_broken_the_rules_modes_count(world, api, monkeypatch):
    monkeypatch.setattr("app.posts.judging.evaluate", broken)
    status, post = write(api, world)
    assert (status, post["state"]) == (201, "published")
    assert len(items(api)) == 1
    save_rule(None, "pii.card", kind="card", action="block", clause="2.1", params={})
    status, post = write(api, world)
    assert (status, post["state"]) == (201, "held")
    assert charter.failing(clock.EPOCH.replace(year=2020)) == {"lex.word": 2, "pii.card": 1}
    said = select(Revision.body).where(Revision.entry_id == int(post["id"]))
    assert db.session.scalar(said) == SAID


def test_when_rules_cannot_be_compiled_those_of_before_go_on_counting(world, api, monkeypatch):
    assert write(api, world, "Quel bouffon")[0] == 409
    monkeypatch.setattr(charter, "compile_policy", broken)
    save_rule(None, "lex.word", params={"terms": ["pitre"]})
    assert write(api, world, "Quel bouffon")[0] == 409
    assert write(api, world)[0] == 201


def test_a_missing_model_says_nothing_posting_goes_on_and_admins_see_it(world, api, sign_in):
    params = {"below": 0.5, "min_words": 3}
    save_rule(None, "work.advice", kind="work", action="flag", clause="3.1", params=params)
    make_model()
    db.session.execute(update(ModelVersion).values(content=b"gone"))
    relevance.forget()
    status, post = write(api, world, CHATTER)
    assert (status, post["state"]) == (201, "published")
    assert items(api) == []
    assert "un modèle est illisible" in sign_in(make_person(roles=["admin"])).get("/admin").text
