from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.errors import Stale
from app.moderation import actions, jobs, queries
from tests.moderation.world import REASON, held, item_of, make_world

RULING = {"outcome": "release", "clause": "4.2", "reason": REASON, "version": 1}


def test_one_takes_it_and_others_leave_it_alone():
    world = make_world()
    entry, item = held(world)
    actions.claim(world.moderator, item)
    for act in (actions.claim, actions.renew, actions.let_go):
        with pytest.raises(Stale) as refusal:
            act(world.other_moderator, item)
        assert (refusal.value.data["state"], refusal.value.data["leased_by"]["name"]) == ("leased", "Mo")
    with pytest.raises(Stale):
        actions.decide(world.other_moderator, item, **RULING)
    assert item_of(entry).state == "leased"
    actions.let_go(world.moderator, item)
    assert actions.claim(world.other_moderator, item).lease_by_id == world.other_moderator.id


def test_after_ten_minutes_anybody_may_take_it():
    world = make_world()
    entry, item = held(world)
    actions.claim(world.moderator, item)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    row = queries.items(world.other_moderator, "free", now=later).items[0]
    assert (row.id, row.state, row.lease) == (item.id, "pending", None)
    with pytest.raises(Stale):
        actions.renew(world.moderator, item, now=later)
    actions.claim(world.other_moderator, item, now=later)
    with pytest.raises(Stale):
        actions.decide(world.moderator, item, now=later, **RULING)
    assert item_of(entry).lease_by_id == world.other_moderator.id


def test_said_to_be_still_on_it_one_keeps_it():
    world = make_world()
    _entry, item = held(world)
    actions.claim(world.moderator, item)
    soon = clock.now() + timedelta(minutes=9)
    actions.renew(world.moderator, item, now=soon)
    with pytest.raises(Stale):
        actions.claim(world.other_moderator, item, now=soon + timedelta(minutes=9))


def test_the_job_gives_back_what_ran_out_and_the_queue_hears_it(listen):
    world = make_world()
    entry, item = held(world)
    actions.claim(world.moderator, item)
    hears = listen(world.other_moderator)
    jobs.return_expired_items()
    assert (item_of(entry).state, hears.names()) == ("leased", [])
    with clock.at(clock.now() + timedelta(minutes=11)):
        jobs.return_expired_items()
        jobs.return_expired_items()
    assert item_of(entry).state == "pending"
    assert [(n, m["state"], m["lease"]) for n, m in hears.heard()] == [("queue.changed", "pending", None)]
