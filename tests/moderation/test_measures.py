from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden
from app.moderation import actions, desk, ground, measures, priority, queries, worktime
from app.moderation.ladder import LADDER, proposed
from app.moderation.models import Decision, Measure, Proposal
from app.people.actor import of_person
from app.people.models import Restriction
from app.posts import actions as posts
from app.posts.inputs import Written
from tests.make import accept, actor, make_comment, make_person, make_post, make_space
from tests.moderation.test_appeals import decided, reported
from tests.moderation.world import MIXED, REASON, held, item_of, make_world, state

RULING = {"clause": "4.2", "reason": REASON}


def impose(world, decision, step, who=None):
    return measures.impose(who or world.moderator, decision, step=step, reason="Again.")


def test_points_propose_and_nobody_is_measured_by_them():
    world = make_world()
    for n in range(2):
        reported(world, "remove", f"Hello {n}")
    assert ground.points_of(world.author.id, clock.now()) == 4
    assert ground.proposed_step(world.author.id, clock.now()) == "slow_mode"
    assert db.session.scalars(select(Measure)).all() == []
    assert make_post(world.author, world.space).state == "published"
    assert ground.points_of(world.author.id, clock.now() + timedelta(days=91)) == 0


def test_the_ladder_proposes_no_step_twice():
    assert [proposed(step.points, set()) for step in LADDER] == [step.name for step in LADDER]
    assert proposed(6, {"mute_day"}) is None
    assert proposed(9, {"mute_day"}) == "mute_week"
    assert proposed(1, set()) is None


def test_muted_one_reads_and_posts_but_does_not_comment():
    world = make_world()
    root = make_post(world.colleague, world.space)
    measure = impose(world, reported(world, "remove")[1], "mute_day")
    with pytest.raises(Forbidden) as refusal:
        make_comment(world.author, root)
    assert refusal.value.data["until"] == measure.ends_at.isoformat()
    assert make_post(world.author, world.space).state == "published"
    assert make_comment(world.colleague, root).state == "published"
    with clock.at(clock.now() + timedelta(hours=25)):
        assert make_comment(world.author, root).state == "published"


def test_without_posting_nothing_is_said_and_lifted_it_is_again():
    world = make_world()
    own = make_post(world.author, world.space, "Before")
    senior = make_person("sen", roles=["senior_moderator"])
    measure = impose(world, reported(world, "remove")[1], "posting")
    for act in (
        lambda: make_post(world.author, world.space),
        lambda: make_comment(world.author, own),
        lambda: posts.edit(world.author, own, Written(body="After")),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):
        measures.lift(world.moderator, measure, why="Enough.")
    measures.lift(senior, measure, why="Talked it over.")
    assert make_post(world.author, world.space).state == "published"


def test_slow_mode_is_one_entry_every_quarter_of_an_hour_in_one_space():
    world = make_world()
    elsewhere = make_space(world.author)
    impose(world, reported(world, "remove")[1], "slow_mode")
    with pytest.raises(Forbidden):
        make_post(world.author, world.space)
    assert make_post(world.author, elsewhere).state == "published"
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert make_post(world.author, world.space).state == "published"


def test_two_measures_of_a_kind_last_as_long_as_the_longer():
    world = make_world()
    first, second = reported(world, "remove", "One")[1], reported(world, "remove", "Two")[1]
    short, long = impose(world, first, "mute_day"), impose(world, second, "mute_week")
    assert _until(world) == long.ends_at
    senior = make_person("sen", roles=["senior_moderator"])
    measures.lift(senior, long, why="Too long.")
    assert _until(world) == short.ends_at
    measures.end_over(now=clock.now() + timedelta(hours=25))
    assert _until(world) is None


def _until(world):
    rows = select(Restriction.until).where(Restriction.person_id == world.author.id)
    return db.session.scalar(rows)


def test_an_account_is_suspended_by_two_and_may_still_appeal(sign_in, api):
    world = make_world()
    first, second = (make_person(name, roles=["senior_moderator"]) for name in ("one", "two"))
    decision = reported(world, "remove")[1]
    with pytest.raises(Forbidden):
        impose(world, decision, "account")
    measure = impose(world, decision, "account", first)
    assert not of_person(world.author.id).is_suspended
    with pytest.raises(Forbidden):
        measures.confirm(first, measure)
    measures.confirm(second, measure)
    page, program = sign_in(world.author), api(world.author)
    assert page.get("/").headers["Location"] == "/me/charter"
    assert f"/decisions/{decision.id}/appeal" in page.get("/me/charter").text
    assert page.get(f"/decisions/{decision.id}/appeal").status_code == 200
    assert (program("GET", "/feed")[0], program("GET", "/feed")[1]["code"]) == (403, "suspended")
    measures.lift(second, measure, why="Talked it over.")
    assert page.get("/").status_code == 200
    assert sign_in(world.colleague).get("/").status_code == 200


def test_whom_no_measure_comes_from():
    world = make_world()
    decision = reported(world, "remove")[1]
    reporter = make_person("rep", roles=["moderator"])
    accept(reporter)
    entry = make_post(world.author, world.space, "Another")
    actions.report(reporter, entry, clause="5.1")
    item = item_of(entry)
    other = actions.decide(world.moderator, item, outcome="remove", version=item.version, **RULING)
    with pytest.raises(Forbidden):
        impose(world, other, "mute_day", reporter)
    assert impose(world, decision, "mute_day", reporter).state == "active"
    _entry, let_stand = reported(world, "no_violation", "Third")
    with pytest.raises(Conflict):
        impose(world, let_stand, "mute_day")


def test_a_reminder_is_told_and_nothing_else_happens(sign_in):
    world = make_world()
    entry, _decision = reported(world, "remind")
    assert state(entry) == "published"
    assert ground.points_of(world.author.id, clock.now()) == 0
    assert REASON in sign_in(world.author).get("/me/charter").text


def test_what_weighs_most_waits_for_another_senior():
    world = make_world()
    one, two = (make_person(name, roles=["senior_moderator"]) for name in ("one", "two"))
    entry = make_post(world.author, world.space)
    actions.report(world.colleague, entry, clause="danger")
    item = item_of(entry)
    assert (item.state, item.severity) == ("escalated", 5)
    with pytest.raises(Forbidden):
        actions.decide(world.moderator, item, outcome="remove", version=item.version, **RULING)
    made = actions.decide(one, item, outcome="remove", version=item.version, **RULING)
    assert (type(made), state(entry)) == (Proposal, "published")
    item = item_of(entry)
    with pytest.raises(Forbidden):
        actions.confirm(one, item, version=item.version)
    with pytest.raises(Forbidden):
        actions.confirm(world.moderator, item, version=item.version)
    decision = actions.confirm(two, item, version=item.version)
    assert (decision.decider_id, decision.second_id, state(entry)) == (one.id, two.id, "removed")


def test_alike_items_are_decided_together_and_many_need_a_second():
    world = make_world()
    one, two = (make_person(name, roles=["senior_moderator"]) for name in ("one", "two"))
    items = [held(world)[1] for _ in range(3)]
    held(world, f"{MIXED} Otherwise.")
    versions = {item.id: item.version for item in items}
    found = desk.decide_alike(one, items[0], versions, outcome="reject", **RULING)
    assert (found.done, found.waits) == (3, False)
    assert queries.waiting(one) == 1
    many = [held(world)[1] for _ in range(desk.ALONE + 1)]
    found = desk.decide_alike(one, many[0], {i.id: i.version for i in many}, outcome="reject", **RULING)
    assert (found.done, found.waits) == (desk.ALONE + 1, True)
    batch = db.session.scalar(select(Proposal.batch).limit(1))
    desk.confirm_batch(one, batch)
    assert len(db.session.scalars(select(Decision)).all()) == 3
    assert desk.confirm_batch(actor(two.id), batch).done == desk.ALONE + 1


def test_a_deadline_runs_in_working_hours():
    hours = worktime.company()
    friday = clock.EPOCH.replace(year=2026, month=11, day=20, hour=16, minute=30)  # 17:30 in Paris
    assert worktime.add(friday, 1, hours).isoformat() == "2026-11-23T08:30:00+00:00"
    assert worktime.add(friday, 4, hours).isoformat() == "2026-11-23T11:30:00+00:00"
    sunday = friday + timedelta(days=2)
    assert worktime.add(sunday, 24, hours).isoformat() == "2026-11-25T14:00:00+00:00"


def test_every_term_of_the_priority_is_shown():
    terms = priority.terms(severity=3, weight=2.0, waits=True, evades=True, precision=0.8, views=99)
    assert terms == {
        "severity": 60, "reports": 13, "precision": 12, "views": 20, "waiting": 15, "evasion": 5,
    }  # fmt: skip
    assert [priority.band(total) for total in (120, 119, 80, 79, 40, 39)] == [1, 4, 4, 8, 8, 24]


def test_a_rule_that_was_right_before_weighs_more():
    world = make_world()
    _entry, before = held(world)
    assert before.terms["precision"] == 8
    for _turn in range(3):
        decided(world)
    assert held(world, f"{MIXED} Later.")[1].terms["precision"] == 12


def test_the_queue_is_filtered_by_clause_band_and_words():
    world = make_world()
    held(world)
    entry = make_post(world.author, world.space, "Something about 100 % of the budget.")
    actions.report(world.colleague, entry, clause="5.1")
    found = {
        "clause": queries.items(world.moderator, clause="5.1").items,
        "words": queries.items(world.moderator, words="100 % OF").items,
        "none": queries.items(world.moderator, words="1__").items,
        "band": queries.items(world.moderator, band=item_of(entry).band).items,
    }
    assert [row.entry_id for row in found["clause"]] == [entry.id]
    assert [row.entry_id for row in found["words"]] == [entry.id]
    assert found["none"] == []
    assert entry.id in [row.entry_id for row in found["band"]]
