import pytest
from sqlalchemy import select

from app.kernel import audit
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.moderation import actions, queries
from app.moderation.models import Decision
from app.posts import actions as posts
from app.posts import queries as entries
from app.posts.inputs import Written
from tests.make import accept, make_person, make_post
from tests.moderation.world import MIXED, REASON, held, item_of, make_space_moderator, make_world, state


def ruling(outcome, **more):
    return {"outcome": outcome, "clause": "4.2", "reason": REASON, **more}


def test_what_is_held_waits_once_whatever_its_author_changes():
    world = make_world()
    entry, item = held(world)
    assert (item.kind, item.state, item.revision_id, item.version) == (
        "hold",
        "pending",
        entry.revision_id,
        1,
    )
    posts.edit(world.author, entry, Written(body=f"{MIXED} Really."))
    again = item_of(entry)
    assert (again.id, again.version, again.revision_id) == (item.id, 2, entry.revision_id)
    assert queries.waiting(world.moderator) == 1


def test_released_it_can_be_read():
    world = make_world()
    entry, item = held(world)
    with pytest.raises(NotFound):
        entries.get_post(world.colleague, entry.id)
    actions.claim(world.moderator, item)
    decision = actions.decide(world.moderator, item, **ruling("release", version=item.version))
    assert entries.get_post(world.colleague, entry.id).state == "published"
    assert (decision.outcome, decision.clause, decision.charter_version) == ("release", "4.2", 1)
    assert (item_of(entry).state, queries.waiting(world.moderator)) == ("decided", 0)


def test_a_released_pair_is_not_held_again_in_the_same_entry():
    world = make_world()
    entry, item = held(world)
    actions.decide(world.moderator, item, **ruling("release", version=1))
    posts.edit(world.author, entries.get_post(world.author, entry.id), Written(body=f"{MIXED} At ten."))
    assert state(entry) == "published"
    assert item_of(entry).state == "decided"


@pytest.mark.parametrize(("outcome", "after"), [("return", "returned"), ("reject", "rejected")])
def test_turned_down_it_stays_with_its_author(outcome, after):
    world = make_world()
    entry, item = held(world)
    actions.decide(world.moderator, item, **ruling(outcome, version=1))
    assert state(entry) == after
    assert entries.get_post(world.author, entry.id).state == after
    with pytest.raises(NotFound):
        entries.get_post(world.colleague, entry.id)


def test_what_was_returned_waits_anew_when_sent_again():
    world = make_world()
    entry, item = held(world)
    actions.decide(world.moderator, item, **ruling("return", version=1))
    posts.edit(world.author, entries.get_post(world.author, entry.id), Written(body=f"{MIXED} Please."))
    again = item_of(entry)
    assert (again.state, again.id != item.id) == ("pending", True)


def test_corrected_or_withdrawn_nobody_needs_to_decide():
    world = make_world()
    entry, _item = held(world)
    posts.edit(world.author, entry, Written(body="See you on Monday."))
    assert (state(entry), item_of(entry).state) == ("published", "auto_resolved")
    other, second = held(world, f"{MIXED} Again.")
    posts.take_back(world.author, other)
    assert (state(other), item_of(other).state) == ("withdrawn", "auto_resolved")
    with pytest.raises(Stale):
        actions.decide(world.moderator, second, **ruling("release", version=1))


@pytest.mark.parametrize("outcome", ["release", "return", "reject"])
def test_while_an_edit_is_held_readers_keep_the_text_before(outcome):
    world = make_world()
    entry = make_post(world.author, world.space, "See you on Monday.")
    posts.edit(world.author, entry, Written(body=MIXED))
    item = item_of(entry)
    assert entries.revision(entries.get_post(world.colleague, entry.id)).body == "See you on Monday."
    actions.decide(world.moderator, item, **ruling(outcome, version=item.version))
    shown = entries.revision(entries.get_post(world.colleague, entry.id)).body
    assert shown == (MIXED if outcome == "release" else "See you on Monday.")
    assert state(entry) == "published"


def test_one_decision_counts_and_the_other_learns_of_it():
    world = make_world()
    entry, item = held(world)
    actions.decide(world.moderator, item, **ruling("release", version=1))
    with pytest.raises(Stale) as refusal:
        actions.decide(world.other_moderator, item, **ruling("reject", version=1))
    told = refusal.value.data
    assert (told["state"], told["outcome"], told["version"]) == ("decided", "release", 2)
    assert (told["decided_by"]["name"], bool(told["decided_at"])) == ("Mo", True)
    assert state(entry) == "published"
    assert len(db.session.scalars(select(Decision)).all()) == 1


def test_another_text_than_the_one_read_is_not_decided():
    world = make_world()
    entry, item = held(world)
    posts.edit(world.author, entry, Written(body=f"{MIXED} Really."))
    with pytest.raises(Stale) as refusal:
        actions.decide(world.moderator, item, **ruling("release", version=1))
    assert (refusal.value.data["state"], refusal.value.data["version"], state(entry)) == (
        "pending",
        2,
        "held",
    )


def test_a_decision_needs_an_outcome_a_clause_and_a_reason():
    world = make_world()
    entry, item = held(world)
    with pytest.raises(Invalid) as refusal:
        actions.decide(world.moderator, item, outcome="remove", clause="9.9", reason=" ", version=1)
    assert set(refusal.value.fields) == {"outcome", "clause", "reason"}
    assert (state(entry), item_of(entry).state, item_of(entry).version) == ("held", "pending", 1)


def test_every_act_is_in_the_log():
    world = make_world()
    _entry, item = held(world)
    actions.claim(world.moderator, item)
    actions.let_go(world.moderator, item)
    actions.decide(world.moderator, item, **ruling("release", version=1))
    rows = (
        select(audit.AuditEntry.act)
        .where(audit.AuditEntry.subject == f"item:{item.id}")
        .order_by(audit.AuditEntry.seq)
    )
    assert list(db.session.scalars(rows)) == ["item.opened", "item.claimed", "item.released", "item.decided"]
    assert audit.verify() is None


def test_who_may_not_decide():
    world = make_world()
    entry, item = held(world)
    boss, above = make_person("boss", roles=["moderator"]), make_person("above", roles=["senior_moderator"])
    _set_manager(world.author, boss)
    _set_manager(boss, above)
    elsewhere = make_space_moderator(world.space, "eve")
    for who in (boss, above):
        with pytest.raises(Forbidden):
            actions.decide(who, item, **ruling("release", version=1))
        with pytest.raises(Forbidden):
            actions.claim(who, item)
    for who in (
        world.colleague,
        make_person("admin", roles=["admin"]),
        make_person("aud", roles=["auditor"]),
    ):
        with pytest.raises(NotFound):
            actions.decide(who, item, **ruling("release", version=1))
        with pytest.raises(NotFound):
            actions.claim(who, item)
    assert state(entry) == "held"
    actions.decide(elsewhere, item, **ruling("release", version=1))
    assert state(entry) == "published"


def test_nobody_decides_on_their_own():
    world = make_world()
    accept(world.moderator)
    entry = make_post(world.moderator, world.space, MIXED)
    item = item_of(entry)
    with pytest.raises(Forbidden):
        actions.decide(world.moderator, item, **ruling("release", version=1))
    with pytest.raises(Forbidden):
        queries.get_item(world.moderator, item.id)
    assert queries.items(world.moderator).items == []
    assert queries.waiting(world.moderator) == 0
    assert [row.id for row in queries.items(world.other_moderator).items] == [item.id]


def test_five_at_a_time():
    world = make_world()
    items = [held(world, f"{MIXED} {n}")[1] for n in range(6)]
    for item in items[:5]:
        actions.claim(world.moderator, item)
    with pytest.raises(Conflict):
        actions.claim(world.moderator, items[5])
    actions.let_go(world.moderator, items[0])
    assert actions.claim(world.moderator, items[5]).lease_by_id == world.moderator.id


def _set_manager(person, manager):
    from app.people import actions as people
    from tests.make import person_of

    people.change_profile(person, person_of(person), manager_id=manager.id)
