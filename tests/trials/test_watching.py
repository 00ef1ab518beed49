"""Rules that misbehave: capped and told of; and what is counted on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.charter import queries as charter
from app.charter.actions import save_rule
from app.charter.rulebook import actions as rulebook
from app.charter.rulebook import queries
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Blocked, Nudge
from app.notifications.models import Notification
from app.trials import watching
from tests.make import make_post
from tests.rulebook.world import backtested, make_live, make_world, propose, rule, through

pytestmark = pytest.mark.usefixtures("app")


def counted(state: str = "live"):
    rulebook.note_counts()
    return queries.counted("lex.test", 1, state)


def told() -> list[tuple[int, str]]:
    rows = select(Notification).where(Notification.kind == "rule").order_by(Notification.id)
    return [(n.person_id, n.data["what"]) for n in db.session.scalars(rows)]


def test_a_young_rule_that_hits_too_often_is_capped_and_its_owners_told():
    world = make_world()
    make_live(world, action="flag")
    for n in range(4):
        make_post(world.author, world.space, f"Bouffon {n}")
    watching.watch()
    assert rule().state == "live"  # four hits are no pattern
    make_post(world.author, world.space, "Bouffon, encore")
    watching.watch()
    assert rule().state == "tripped"
    assert {(world.owner.id, "trip"), (world.other.id, "trip")} <= set(told())
    assert not [who for who, _what in told() if who in {world.author.id, world.reader.id}]
    watching.watch()
    assert rule().state == "tripped"


def test_a_rule_that_hits_seldom_or_is_old_goes_on():
    world = make_world()
    make_live(world, action="nudge")
    for n in range(30):
        make_post(world.author, world.space, f"Bonjour {n}")
    watching.watch()
    assert rule().state == "live"
    assert counted().hits == 0


def test_what_was_refused_counts_too():
    """A rule that stops everything leaves no revision: its hits are counted all the same."""
    world = make_world()
    make_live(world, action="block")
    for n in range(6):
        with pytest.raises(Blocked):
            make_post(world.author, world.space, f"Bouffon {n}")
    assert (counted().evaluated, counted().hits, counted().authors) == (6, 6, 1)
    watching.watch()
    assert rule().state == "tripped"
    assert make_post(world.author, world.space, "Bouffon, enfin").state == "published"


def test_hints_while_writing_count_for_nothing(api):
    world = make_world()
    make_live(world, action="nudge")
    ask = api(world.author)
    status, answer = ask("POST", "/charter/evaluate", {"body": "Quel bouffon", "space_id": world.space.id})
    assert (status, answer.get("action")) == (200, "nudge"), answer
    assert counted().evaluated == 0
    with pytest.raises(Nudge):
        make_post(world.author, world.space, "Quel bouffon")
    assert (counted().evaluated, counted().hits) == (1, 1)


def test_a_dry_run_is_counted_apart():
    world = make_world()
    version = propose(world.owner)
    backtested(version, right=30)
    through(world, version, "test", "dry_run")
    make_post(world.author, world.space, "Quel bouffon")
    make_post(world.author, world.space, "Bonjour")
    assert (counted("dry_run").evaluated, counted("dry_run").hits) == (2, 1)
    through(world, version, "cap")
    make_post(world.author, world.space, "Bonjour encore")
    assert (counted("live_soft").evaluated, counted("live_soft").hits) == (1, 0)


def test_only_what_is_in_scope_is_counted():
    world = make_world()
    make_live(world, action="flag", scope={"objects": ["comment"]})
    make_post(world.author, world.space, "Bonjour")
    assert counted().evaluated == 0


def test_a_rule_that_no_longer_evaluates_raises_the_opposite_alarm_once():
    world = make_world()
    make_live(world, action="flag")
    save_rule(
        None, "broken", kind="pattern", action="flag", clause="3.1", params={"pattern": "("}, state="live"
    )
    for n in range(25):
        make_post(world.author, world.space, f"Bonjour {n}")
    assert charter.current_policy().problems[0].rule == "broken"
    watching.watch()
    watching.watch()
    silent = [one for one in told() if one[1] == "silent"]
    assert sorted(silent) == sorted([(world.owner.id, "silent"), (world.other.id, "silent")])


def test_an_emergency_is_told_and_ends():
    world = make_world()
    version = propose(world.owner)
    rulebook.move(world.owner, version, "emergency")
    assert told() == [(world.other.id, "emergency")]
    with clock.at(clock.now() + timedelta(hours=73)):
        watching.watch()
    assert rule().state == "expired"
    assert (world.owner.id, "expire") in told()


def tallied(days_ago, hits, texts=10, key="lex.test"):
    from app.charter.rulebook.models import RuleTally

    day = (clock.now().date() - timedelta(days=days_ago)).isoformat()
    row = RuleTally(rule=key, version=1, state="live", day=day, texts=texts, evaluated=texts, hits=hits)
    db.session.add(row)
    db.session.flush()


def in_force_since(days):
    from app.charter.rulebook.models import RuleVersion

    version = db.session.scalars(select(RuleVersion).where(RuleVersion.state == "live")).one()
    version.live_at = clock.now() - timedelta(days=days)
    db.session.flush()


def test_a_rule_that_found_something_regularly_and_finds_nothing_any_more_is_told_of_once():
    world = make_world()
    make_live(world, action="flag")
    in_force_since(60)
    for days_ago in range(15, 45, 3):
        tallied(days_ago, hits=1)
    for days_ago in range(1, 7):
        tallied(days_ago, hits=0)
    watching.find_quiet()
    assert told().count((world.owner.id, "quiet")) == 1
    watching.find_quiet()
    assert told().count((world.owner.id, "quiet")) == 1
    assert not [who for who, _what in told() if who in {world.author.id, world.reader.id}]


@pytest.mark.parametrize("case", ["hits", "little", "seldom", "young"])
def test_a_rule_that_is_not_missed_is_not_told_of(case):
    world = make_world()
    make_live(world, action="flag")
    in_force_since(3 if case == "young" else 60)
    for days_ago in range(15, 24 if case == "seldom" else 45, 3):
        tallied(days_ago, hits=1)
    for days_ago in range(1, 7):
        tallied(days_ago, hits=int(case == "hits"), texts=1 if case == "little" else 10)
    watching.find_quiet()
    assert (world.owner.id, "quiet") not in told()
