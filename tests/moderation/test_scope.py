import itertools
from ipaddress import ip_address

import pytest
from sqlalchemy import select

from app.kernel import changes, sockets
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.moderation import actions, policy, queries
from app.moderation.models import ReviewItem
from app.people import actions as people
from app.posts import queries as entries
from app.spaces.models import Space
from tests.make import accept, make_comment, make_person, make_post, make_space, person_of
from tests.moderation.world import MIXED, REASON, held, item_of, make_space_moderator, make_world

RULING = {"outcome": "release", "clause": "4.2", "reason": REASON}


def test_moderators_of_a_space_see_their_own_items_only(sign_in):
    world = make_world()
    here, elsewhere = make_space_moderator(world.space, "eve"), make_space(world.author)
    _entry, mine = held(world)
    foreign = item_of(make_post(world.author, elsewhere, MIXED))
    assert [row.id for row in queries.items(here).items] == [mine.id]
    assert (queries.waiting(here), queries.counts(here)["waiting"]) == (1, 1)
    with pytest.raises(NotFound):
        queries.get_item(here, foreign.id)
    for act in (actions.claim, actions.renew, actions.let_go):
        with pytest.raises(NotFound):
            act(here, foreign)
    with pytest.raises(NotFound):
        actions.decide(here, foreign, version=1, **RULING)
    with pytest.raises(NotFound):
        actions.reveal(here, foreign, reason="Curious")
    for item in (mine, foreign):
        actions.decide(world.moderator, item, version=1, **RULING)
    assert [row.item_id for row in queries.decisions(here).items] == [mine.id]
    assert len(queries.decisions(world.moderator).items) == 2
    desk = sign_in(here)
    assert desk.get(f"/moderation/items/{foreign.id}").status_code == 404
    assert str(foreign.id) not in desk.get("/moderation/decided").get_data(as_text=True)
    assert elsewhere.name not in desk.get("/moderation").get_data(as_text=True)


def test_both_forms_of_seeing_an_item_agree_for_everyone():
    world = make_world()
    accept(world.moderator)
    senior = make_person("sen", roles=["senior_moderator"])
    spaces = [world.space, *(make_space(world.author, visibility=v) for v in ("closed", "secret"))]
    spaces.append(make_space(world.author, world.moderator, visibility="secret", name="With Mo"))
    here = make_space_moderator(spaces[2], "eve")
    for space in spaces:
        make_post(world.author, space, MIXED)
    make_post(world.moderator, world.space, MIXED)
    items = db.session.scalars(select(ReviewItem)).all()
    assert len(items) == 5
    everyone = [world.author, world.colleague, world.moderator, world.other_moderator, senior, here]
    seen = {}
    for who in everyone:
        listed = set(db.session.scalars(select(ReviewItem.id).where(policy.items_seen_by(who))))
        one_by_one = {
            i.id for i in items if policy.can_see_item(who, i, db.session.get_one(Space, i.space_id))
        }
        assert listed == one_by_one, who.login
        seen[who.login] = len(listed)
    assert seen == {"ana": 0, "bo": 0, "mo": 3, "max": 3, "sen": 5, "eve": 1}


def test_what_is_held_leaves_no_trace_for_colleagues(sign_in, listen):
    world = make_world()
    root = make_post(world.colleague, world.space, "Who comes?")
    hears, own = listen(world.colleague), listen(world.author)
    before = _seen_by(world.colleague, root)
    entry, _item = held(world)
    answer = make_comment(world.author, root, MIXED)
    assert answer.state == "held"
    assert hears.names() == []
    assert "entry.state" in own.names()
    assert _seen_by(world.colleague, root) == before
    browser = sign_in(world.colleague)
    for path in ("/", f"/spaces/{world.space.id}", f"/posts/{root.id}"):
        page = browser.get(path).get_data(as_text=True)
        assert all(trace not in page for trace in (str(entry.id), str(answer.id), "Boulonex")), path
    assert browser.get(f"/posts/{entry.id}").status_code == 404
    told = [row for row in changes.since(changes.Cursor(0, 0)) if row.audience in ("space", "everyone")]
    assert all(str(n) not in str(row.payload) for row in told for n in (entry.id, answer.id))


def _seen_by(who, root):
    thread = entries.thread(entries.get_post(who, root.id))
    return [c.id for c in thread.items], entries.get_post(who, root.id).comment_count


def test_released_it_appears_live(listen):
    world = make_world()
    entry, item = held(world)
    hears = listen(world.colleague)
    actions.decide(world.moderator, item, version=1, **RULING)
    heard = dict(hears.heard())
    assert heard["post.created"]["post_id"] == entry.id
    assert "Boulonex" in heard["post.created"]["html"]


def test_the_queue_is_heard_by_those_who_review_and_nobody_else(listen):
    world = make_world()
    here, partner_space = make_space_moderator(world.space, "eve"), make_space(world.author)
    elsewhere = make_space_moderator(partner_space, "joe")
    senior = make_person("sen", roles=["senior_moderator"])
    admin = make_person("adm", roles=["admin", "auditor"])
    may = [listen(who) for who in (world.moderator, here, senior)]
    may_not = [listen(who) for who in (elsewhere, admin, world.colleague)]
    _entry, item = held(world)
    for listener in may:
        assert [m for n, m in listener.heard() if n == "queue.changed"] == [
            _message(listener, item, state="pending", lease=None)
        ]
    actions.claim(world.moderator, item)
    heard = [[m for n, m in listener.heard() if n == "queue.changed"] for listener in may]
    assert {(m["state"], m["lease"]["by_id"]) for [m] in heard} == {("leased", world.moderator.id)}
    actions.let_go(world.moderator, item)
    actions.decide(world.moderator, item, version=1, **RULING)
    states = [[m["state"] for n, m in listener.heard() if n == "queue.changed"] for listener in may]
    assert all(told[-1] == "decided" for told in states)
    assert all("queue.changed" not in listener.names() for listener in may_not)


class _Any:
    def __eq__(self, other):
        return bool(other)

    __hash__ = None


def _message(_listener, item, **more):
    return {"cursor": _Any(), "item_id": item.id, "version": 1, **more}


def test_a_secret_queue_is_for_its_own_moderators_and_seniors(listen):
    world = make_world(visibility="secret")
    here, senior = make_space_moderator(world.space, "eve"), make_person("sen", roles=["senior_moderator"])
    inside, outside = listen(here), listen(world.moderator)
    above = listen(senior)
    held(world)
    assert "queue.changed" in inside.names()
    assert "queue.changed" in above.names()
    assert outside.names() == []


def test_a_moderator_who_is_one_no_more_hears_nothing_more(listen):
    world = make_world()
    make_person("adm", roles=["admin"])
    hears = listen(world.moderator)
    for seat in sockets.seats.values():
        seat.environ["parvis.address"] = ip_address("127.0.0.1")
    held(world)
    assert "queue.changed" in hears.names()
    people.set_roles(None, person_of(world.moderator), [])
    hears.heard()
    held(world, f"{MIXED} Again.")
    assert hears.names() == []


def test_the_queue_and_a_case_cost_the_same_whatever_their_length(count_queries):
    world = make_world()
    spent = []
    for number in itertools.count(1):
        held(world, f"{MIXED} {number}")
        if number in (1, 10):
            with count_queries() as seen:
                queries.items(world.moderator)
            spent.append(len(seen))
        if number == 10:
            break
    assert spent[0] == spent[1] <= 3
