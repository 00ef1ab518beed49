"""The life of a rule: every step there is, by whom, and no other."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.charter.rulebook import actions, policy, queries
from app.charter.rulebook.content import Examples
from app.charter.rulebook.models import RuleVersion
from app.charter.rulebook.states import BREAKER, CLOCK, EXPIRED, LIVE, OVER, SECOND, STATES, TRANSITIONS
from app.kernel import audit, clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.moderation import queries as moderation
from app.people.models import ROLES
from tests.make import make_person, make_post
from tests.rulebook.world import backtested, content, make_live, make_world, propose, rule, through

pytestmark = pytest.mark.usefixtures("app")


@action
def put(version: RuleVersion, state: str, **more: object) -> None:
    db.session.execute(
        update(RuleVersion).where(RuleVersion.id == version.id).values(state=state, asked_by_id=None, **more)
    )
    db.session.refresh(version)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_every_step_there_is_and_no_other_for_every_role(name):
    """Owners take owners' steps from their sources; everything else is refused, whoever asks."""
    world = make_world()
    version = propose(world.owner, action="flag" if name != "ask" else "hold")
    backtested(version, right=30)
    people = {role: make_person(f"r-{role}", roles=[role]) for role in ROLES}
    people |= {"": world.author, "itself": None}
    step = TRANSITIONS[name]
    for state, (role, who) in itertools.product(STATES, people.items()):
        put(version, state)
        is_owner = role in {"charter_owner", "admin"}
        theirs = who is None if step.whose in {BREAKER, CLOCK} else is_owner
        if not theirs:
            with pytest.raises(Forbidden):
                actions.move(who, version, name)
        elif state not in step.sources:
            with pytest.raises(Conflict):
                actions.move(who, version, name)
        else:
            actions.move(who, version, name)
            assert version.state == step.target
            assert rule().state == step.target
            continue
        assert version.state == state


def test_every_state_can_be_reached_and_what_is_over_stays_over():
    reached, waiting = {"draft"}, {"draft"}
    while waiting:
        waiting = {s.target for s in TRANSITIONS.values() if s.sources & reached} - reached
        reached |= waiting
    assert reached == set(STATES)
    assert not any(step.sources & OVER for step in TRANSITIONS.values())


def test_what_stops_messages_needs_a_second_owner():
    world = make_world()
    version = propose(world.owner)
    backtested(version, right=30)
    through(world, version, "test", "dry_run", "cap")
    with pytest.raises(Forbidden):  # nobody asked yet
        actions.move(world.other, version, "go_live")
    actions.move(world.owner, version, "ask")
    with pytest.raises(Forbidden):
        actions.move(world.owner, version, "go_live")
    actions.move(world.other, version, "go_live")
    assert (version.state, rule().state) == ("live", "live")


def test_what_stops_messages_needs_a_measured_precision():
    world = make_world()
    version = propose(world.owner)
    backtested(version, right=6, wrong=24)
    through(world, version, "test", "dry_run", "cap")
    with pytest.raises(Invalid) as refusal:
        actions.move(world.owner, version, "ask")
    assert refusal.value.fields["move"]
    backtested(version, right=0, wrong=0, read=10)
    with pytest.raises(Invalid):
        actions.move(world.owner, version, "ask")
    backtested(version, right=30)
    actions.move(world.owner, version, "ask")


def test_a_hint_goes_live_by_one_owner_and_without_labels():
    world = make_world()
    version = propose(world.owner, action="nudge")
    backtested(version, read=5)
    through(world, version, "test", "dry_run", "cap")
    actions.move(world.owner, version, "go_live")
    assert version.state == "live"


def test_a_version_that_fails_its_examples_stays_a_draft():
    world = make_world()
    for examples in (
        Examples(allowed=("Quel bouffon",), forbidden=("Un bouffon",)),
        Examples(allowed=("Bonjour",), forbidden=("Quel clown",)),
        Examples(),
    ):
        version = propose(world.owner, examples=examples)
        backtested(version, right=30)
        with pytest.raises(Invalid):
            actions.move(world.owner, version, "test")
        with pytest.raises(Invalid):
            actions.move(world.owner, version, "emergency")
        assert version.state == "draft"


def test_a_draft_needs_a_trial_before_it_is_tested():
    world = make_world()
    version = propose(world.owner)
    with pytest.raises(Invalid):
        actions.move(world.owner, version, "test")


def test_an_emergency_counts_at_once_and_ends_by_itself():
    world = make_world()
    version = propose(world.owner)
    actions.move(world.owner, version, "emergency")
    assert make_post(world.author, world.space, "Quel bouffon").state == "held"
    later = clock.now() + timedelta(hours=72, seconds=1)
    with clock.at(later):
        assert make_post(world.author, world.space, "Quel bouffon alors").state == "published"
        assert actions.expire_due() == 1
        assert (version.state, rule().state) == (EXPIRED, EXPIRED)
        assert actions.expire_due() == 0


def test_a_live_rule_goes_on_while_its_next_version_is_tried():
    world = make_world()
    first = make_live(world)
    second = propose(world.owner, params={"terms": ["clown"]}, examples=Examples(("Bonjour",), ("Un clown",)))
    assert (rule().version, rule().state) == (1, LIVE)
    backtested(second, right=30)
    through(world, second, "test", "dry_run")
    assert make_post(world.author, world.space, "Quel bouffon").state == "held"
    assert make_post(world.author, world.space, "Quel clown").state == "published"
    through(world, second, "cap")
    db.session.refresh(first)
    assert (first.state, rule().version, rule().state) == ("retired", 2, "live_soft")
    assert make_post(world.author, world.space, "Encore un bouffon").state == "published"


def test_a_dry_run_finds_without_anybody_seeing_it():
    world = make_world()
    version = propose(world.owner)
    backtested(version, right=30)
    through(world, version, "test", "dry_run")
    entry = make_post(world.author, world.space, "Quel bouffon")
    assert entry.state == "published"
    from app.charter.queries import findings

    assert findings(entry.revision_id) == []
    moderator = make_person("mo", roles=["moderator"])
    assert moderation.items(moderator, "free").items == []


def test_capped_at_flag_publishes_and_asks_for_a_look():
    world = make_world()
    version = propose(world.owner, action="block")
    backtested(version, right=30)
    through(world, version, "test", "dry_run", "cap")
    assert make_post(world.author, world.space, "Quel bouffon").state == "published"
    moderator = make_person("mo", roles=["moderator"])
    assert len(moderation.items(moderator, "free").items) == 1


def test_versions_are_kept_as_they_were():
    world = make_world()
    first = propose(world.owner)
    second = propose(world.owner, params={"terms": ["clown"]})
    assert [(v.number, v.params["terms"]) for v in queries.versions_of(rule())] == [
        (2, ["clown"]),
        (1, ["bouffon"]),
    ]
    assert (first.state, second.state, rule().version) == ("retired", "draft", 2)
    assert [move.name for move, _ in queries.moves_of(rule())] == ["retire", "written", "written"]


def test_two_people_can_not_take_the_same_step_twice():
    world = make_world()
    version = propose(world.owner)
    backtested(version, right=30)
    through(world, version, "test")
    with db.session.no_autoflush:
        stale = RuleVersion(**{c.name: getattr(version, c.name) for c in RuleVersion.__table__.columns})
        stale.state = "draft"
        with pytest.raises(Conflict):
            actions._change_state(stale, TRANSITIONS["test"], world.owner)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "pattern", "params": {"pattern": r"(a)\1"}}, "condition"),
        ({"kind": "pattern", "params": {"pattern": "a*"}}, "condition"),
        ({"kind": "pattern", "params": {"pattern": "x" * 501}}, "condition"),
        ({"clause": "99.9"}, "clause"),
        ({"action": "shout"}, "action"),
        ({"kind": "telepathy"}, "kind"),
        ({"kind": "work", "action": "hold", "params": {}}, "action"),
    ],
)
def test_what_the_engine_can_not_take_is_refused_with_the_reason(wrong, field):
    world = make_world()
    with pytest.raises(Invalid) as refusal:
        propose(world.owner, **wrong)
    assert refusal.value.fields[field]


def test_only_owners_write_and_readers_read():
    world = make_world()
    propose(world.owner)
    staff = make_person("sara", roles=["staff_representative"])
    for who in (world.author, staff):
        with pytest.raises(Forbidden):
            propose(who)
    assert len(queries.rules(staff)) == 1
    with pytest.raises(NotFound):
        queries.rules(world.author)


def test_an_exemption_is_recorded_and_ends():
    world = make_world()
    make_live(world)
    until = clock.now() + timedelta(days=3)
    made = actions.exempt(world.owner, "lex.test", until=until, reason="Théâtre", person_id=world.author.id)
    entry = make_post(world.author, world.space, "Quel bouffon")
    assert entry.state == "published"
    with clock.at(until + timedelta(seconds=1)):
        assert make_post(world.author, world.space, "Quel bouffon, encore").state == "held"
    actions.end_exemption(world.owner, made)
    assert make_post(world.author, world.space, "Quel bouffon, toujours").state == "held"
    with pytest.raises(Forbidden):
        actions.exempt(world.author, "*", until=until, reason="moi", person_id=world.author.id)


def test_a_second_person_is_never_the_one_who_asked():
    world = make_world()
    version = propose(world.owner)
    assert TRANSITIONS["go_live"].whose == SECOND
    put(version, "live_soft")
    version.asked_by_id = world.owner.id
    assert not policy.can_move(world.owner, version, "go_live")
    assert policy.can_move(world.other, version, "go_live")
    db.session.rollback()


def test_every_step_is_in_the_log():
    world = make_world()
    make_live(world)
    assert audit.verify() is None
    assert content().action == "hold"
