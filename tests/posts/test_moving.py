"""A post goes to another space with its thread, weighed there before anybody reads it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from app.kernel.db import db
from app.kernel.errors import Conflict
from app.moderation.models import ReviewItem
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.posts import actions, moving, policy
from app.posts.inputs import Written
from app.posts.models import Entry
from app.posts.queries import get_post
from app.spaces.models import Space
from tests.make import accept, make_comment, make_person, make_post, make_space
from tests.moderation.world import make_world


@dataclass
class World:
    author: Actor
    both: Actor
    only_here: Actor
    only_there: Actor
    here: Space
    there: Space
    client: Space


@pytest.fixture
def world(app):
    told = make_world()
    only_here, only_there = make_person("here"), make_person("there")
    accept(only_here, only_there)
    acme = db.session.scalars(select(Organisation).where(Organisation.name == "Acme")).one()
    closed: dict[str, Any] = {"visibility": "closed"}
    here = make_space(told.author, told.colleague, only_here, name="Ici", **closed)
    there = make_space(told.author, told.colleague, only_there, name="Là", **closed)
    client = make_space(told.author, name="Acme", kind="client", organisation_id=acme.id, **closed)
    return World(told.author, told.colleague, only_here, only_there, here, there, client)


def go(browser, post: Entry, to: Space | int, **more: Any):
    number = to if isinstance(to, int) else to.id
    return browser.post(f"/posts/{post.id}/move", data={"space_id": str(number), **more})


def reads(api, who: Actor, post: Entry) -> int:
    return api(who)("GET", f"/posts/{post.id}")[0]


def place(post: Entry) -> int | None:
    return db.session.scalar(select(Entry.space_id).where(Entry.id == post.id))


def test_it_comes_with_its_comments_and_each_side_hears_what_is_theirs(world, api, sign_in, listen):
    post = make_post(world.author, world.here, "La visite est confirmée")
    answer = make_comment(world.both, post, "Très bien")
    here, there, outside = listen(world.only_here), listen(world.only_there), listen(make_person("out"))
    assert go(sign_in(world.author), post, world.there).location == f"/posts/{post.id}?done=moved"
    assert here.names() == ["post.removed"]
    heard = there.heard()
    assert [name for name, _payload in heard] == ["post.created"]
    assert "La visite est confirmée" in heard[0][1]["html"]
    assert outside.names() == []
    assert (reads(api, world.only_here, post), reads(api, world.only_there, post)) == (404, 200)
    assert reads(api, world.both, post) == 200
    assert place(answer) == world.there.id
    found = api(world.only_there)("GET", "/search?q=visite")[1]
    assert "La visite" in str(found)
    assert "La visite" not in str(api(world.only_here)("GET", "/search?q=visite")[1])


def test_what_was_told_before_it_moved_is_not_told_with_its_text_afterwards(world, api, sign_in):
    start = api(world.only_here)("GET", "/changes")[1]["next"]
    post = make_post(world.author, world.here, "Secret de la direction")
    make_comment(world.both, post, "Encore un secret")
    go(sign_in(world.author), post, world.there)
    missed = api(world.only_here)("GET", f"/changes?since={start}")[1]
    assert "ecret" not in str(missed)
    assert [one["name"] for one in missed["items"]][-1] == "post.removed"


def test_a_supplier_does_not_come_to_a_clients_space(world, api, sign_in):
    post = make_post(world.author, world.here, "Boulonex livre lundi")
    answer = go(sign_in(world.author), post, world.client)
    assert answer.status_code == 422
    assert "ne peut pas y être déplacé" in answer.text
    assert "Article 4.2" in answer.text
    assert place(post) == world.here.id
    assert reads(api, world.only_here, post) == 200
    assert db.session.scalars(select(ReviewItem)).all() == []


def test_nor_with_a_comment_below_a_harmless_post(world, sign_in):
    post = make_post(world.author, world.here, "Le planning de lundi")
    make_comment(world.both, post, "Boulonex sera là")
    assert go(sign_in(world.author), post, world.client).status_code == 422
    assert place(post) == world.here.id


def test_who_may_not_and_what_they_are_told(world, sign_in):
    post = make_post(world.author, world.here, "La visite")
    for who in (world.both, world.only_here):
        assert go(sign_in(who), post, world.there).status_code == (403 if who is world.both else 404)
        assert sign_in(who).get(f"/posts/{post.id}/move").status_code == 404
    browser = sign_in(world.author)
    secret = make_space(world.both, visibility="secret")
    hidden, missing = go(browser, post, secret), go(browser, post, 12345)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert go(sign_in(world.only_there), post, world.there).status_code == 404
    assert "Ici" not in sign_in(world.only_there).get(f"/posts/{post.id}/move").text
    assert place(post) == world.here.id


def test_those_who_keep_a_space_move_what_its_author_may_still_read(world, sign_in):
    post = make_post(world.both, world.here, "La visite")
    mine = make_space(world.author, visibility="closed")
    browser = sign_in(world.author)  # owns both spaces
    assert go(browser, post, mine).status_code == 403
    assert go(browser, post, world.there).status_code == 303
    assert not policy.can_move(world.only_there, db.session.get_one(Entry, post.id), world.here)


def test_twice_is_once_and_of_two_one_wins(world, sign_in, listen):
    post = make_post(world.author, world.here, "La visite")
    browser, seen = sign_in(world.author), post.version
    assert go(browser, post, world.there).status_code == 303
    heard = listen(world.only_there)
    assert go(browser, post, world.there).status_code == 303
    assert heard.names() == []
    assert go(browser, post, world.here, version=str(seen)).status_code == 409
    assert place(post) == world.there.id


def test_who_comments_while_it_moves_is_told_that_it_changed(world):
    """The thread was read in one space and written to when it stood in another."""
    post = make_post(world.author, world.here, "La visite")
    elsewhere = update(Entry).where(Entry.id == post.id).values(space_id=world.there.id)
    db.session.execute(elsewhere.execution_options(synchronize_session=False))
    with pytest.raises(Conflict):
        make_comment(world.both, post, "J’y serai")
    assert db.session.scalar(select(Entry.id).where(Entry.root_id == post.id)) is None


def test_of_two_who_move_it_at_once_one_is_told(world):
    post = make_post(world.author, world.here, "La visite")
    assert post.version == 1
    faster = update(Entry).where(Entry.id == post.id).values(version=2)
    db.session.execute(faster.execution_options(synchronize_session=False))
    with pytest.raises(Conflict):
        moving.move(world.author, post, world.there)
    assert place(post) == world.here.id


def test_what_waits_of_a_thread_waits_where_it_is_now(world, sign_in):
    post = make_post(world.author, world.here, "Des nouvelles d’Acme")
    waiting = make_comment(world.both, post, "Boulonex aussi")
    assert waiting.state == "held"
    assert go(sign_in(world.author), post, world.there).status_code == 303
    item = db.session.scalars(select(ReviewItem).execution_options(populate_existing=True)).one()
    assert item.space_id == world.there.id
    assert place(waiting) == world.there.id


def test_an_edit_afterwards_is_weighed_where_it_is(world, sign_in):
    post = make_post(world.author, world.here, "Le planning")
    assert go(sign_in(world.author), post, world.client).status_code == 303
    db.session.expire_all()
    edited = actions.edit(world.author, get_post(world.author, post.id), Written(body="Boulonex livre"))
    assert edited.has_waiting_edit
