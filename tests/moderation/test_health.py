"""What is seen of moderation: figures that are right, the same on both databases, and that name nobody."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.kernel.ids import new_id
from app.kernel.sheet import csv_of
from app.moderation import appeals
from app.moderation.health import counting, period, queries
from app.moderation.health.hiding import FEWEST, hidden
from app.moderation.models import Decision, Reversal, ReviewItem
from tests.make import make_organisation, make_person, make_post
from tests.moderation.world import REASON, held, make_world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUARTER = "2026-3"
AUGUST = datetime(2026, 8, 11, 9, tzinfo=UTC)


def decide_many(world, hours, *, clause="4.2", band=8, automatic=True, outcome="reject", begin=AUGUST):
    """Items that waited so many hours each, and their decisions, written as rows."""
    entry = world.entry
    items, decisions = [], []
    for wait in hours:
        item_id, decided_at = new_id(), begin + wait * HOUR
        items.append({
            "id": item_id, "kind": "hold", "entry_id": entry.id, "revision_id": entry.revision_id,
            "space_id": entry.space_id, "author_id": entry.author_id, "state": "decided", "priority": 40,
            "terms": {}, "severity": 2, "clause": clause, "band": band, "alike": "", "version": 2,
            "deadline": begin + 10 * HOUR, "created_at": begin, "closed_at": decided_at,
        })  # fmt: skip
        decisions.append({
            "id": new_id(), "item_id": item_id, "item_version": 1, "entry_id": entry.id,
            "revision_id": entry.revision_id, "outcome": outcome, "clause": clause, "charter_version": 1,
            "reason": REASON, "decider_id": world.moderator.id, "detected_automatically": automatic,
            "severity": 2, "locale": "fr", "statement": "", "operations": [], "created_at": decided_at,
        })  # fmt: skip
    db.session.execute(insert(ReviewItem), items)
    db.session.execute(insert(Decision), decisions)
    db.session.flush()
    return decisions


def a_world():
    world = make_world()
    world.senior = make_person("sen", roles=["senior_moderator"])
    world.entry = make_post(world.author, world.space, "Hello")
    return world


def long_ago(days=400):
    return period.Period(NOW - timedelta(days=days), NOW, timedelta(days=7))


@pytest.mark.parametrize("number", [1, 2, 3, 19, 20, 21, 100])
def test_percentiles_are_delays_that_occurred(number):
    world, waits = a_world(), random.Random(number).sample(range(1, 400), number)
    decide_many(world, waits)
    found = counting.decided(long_ago(), counting.BY_CLAUSE)["4.2"]
    ranked = sorted(waits)
    assert found.number == number
    assert found.median == ranked[-(-50 * number // 100) - 1] * clock.micros(clock.EPOCH + HOUR)
    assert found.tail == ranked[-(-95 * number // 100) - 1] * clock.micros(clock.EPOCH + HOUR)
    assert found.in_time == sum(wait <= 10 for wait in waits)


def test_what_was_taken_back_does_not_count_and_what_was_overturned_does():
    world = a_world()
    taken_back, overturned, _stands = decide_many(world, [1, 2, 3])
    db.session.add(Reversal(decision_id=taken_back["id"], by_id=world.moderator.id))
    db.session.add(Reversal(decision_id=overturned["id"], by_id=world.moderator.id, appeal_id=1))
    db.session.flush()
    assert counting.decided(long_ago(), counting.TOGETHER)[0].number == 2


def test_the_queue_is_followed_back_from_what_waits_now():
    world = a_world()
    held(world)
    now = clock.now()
    decide_many(world, [30, 60], begin=now - timedelta(days=10))
    found = queries.health(world.senior, period.last(30, now + HOUR))
    assert (found.waiting, found.steps[-1].waiting) == (1, 1)
    assert max(step.waiting for step in found.steps) == 2
    assert sum(step.opened for step in found.steps) == 3
    assert sum(step.closed for step in found.steps) == 2
    assert found.steps[0].waiting == 0


def test_only_senior_moderators_see_the_health_of_the_queue(sign_in):
    world = a_world()
    for who in (world.author, world.moderator, make_person("adm", roles=["admin"])):
        with pytest.raises(Forbidden):
            queries.health(who, period.last(30, NOW))
        assert sign_in(who).get("/moderation/health").status_code == 404
    assert sign_in(world.senior).get("/moderation/health").status_code == 200


def test_a_quarter_is_told_once_it_is_over_and_to_staff_alone(sign_in):
    world = a_world()
    decide_many(world, range(1, 31))
    with clock.at(NOW):
        assert [str(one) for one in queries.quarters(world.author)] == [QUARTER]
        found = queries.figures(world.author, QUARTER, "en")
        assert (found.together.decisions, found.together.tail is None) == (30, False)
        for other in ("2026-4", "2026-2", "2027-1", "nonsense", ""):
            with pytest.raises(NotFound):
                queries.figures(world.author, other, "en")
        partner = make_person(
            "cli", segment="client", organisation_id=make_organisation("Zenith", "client").id
        )
        for page in ("", ".csv", "/report"):
            address = f"/charter/figures{page}?quarter={QUARTER}"
            assert sign_in(world.author).get(address).status_code == 200
            assert sign_in(partner).get(address).status_code == 404


def test_before_the_first_quarter_is_over_the_page_says_when_it_will_be(sign_in):
    world = a_world()
    with clock.at(NOW):
        page = sign_in(world.author).get("/charter/figures").text
    assert "1 janvier 2027" in page or "January 1, 2027" in page or "1 January 2027" in page


def test_small_numbers_are_left_out_and_none_follows_from_the_others():
    world = a_world()
    decide_many(world, range(1, 31), clause="4.2")
    decide_many(world, range(1, 8), clause="4.1")
    decide_many(world, [1, 2], clause="5.1")
    with clock.at(NOW):
        found = queries.figures(world.author, QUARTER, "en")
    lines = {line.clause: line for line in found.lines}
    assert lines["5.1"].decisions is None
    assert lines["5.1"].median is None
    assert lines["4.1"].decisions is None, "39 less 30 would leave 9, less 7 the two that are hidden"
    assert lines["4.2"].decisions == 30
    assert lines["1.1"].decisions is None, "none is as hidden as few"


def test_a_share_shows_neither_few_that_are_in_it_nor_few_that_are_not():
    world = a_world()
    decide_many(world, range(1, 31), clause="4.2")
    decide_many(world, [1, 2, 3], clause="4.2", automatic=False)
    with clock.at(NOW):
        line = next(one for one in queries.figures(world.author, QUARTER, "en").lines if one.clause == "4.2")
    assert (line.decisions, line.automatic) == (33, None)


def test_that_all_of_many_are_alike_says_nothing_about_anybody():
    world = a_world()
    decide_many(world, range(1, 31), clause="4.2")
    with clock.at(NOW):
        line = next(one for one in queries.figures(world.author, QUARTER, "en").lines if one.clause == "4.2")
    assert (line.decisions, line.automatic, line.overridden) == (30, 30, None)


def test_no_table_gives_a_small_number_away():
    chance = random.Random(7)
    for _turn in range(300):
        rows = {n: (chance.choice([0, 1, 2, 4, 5, 6, 9, 30]),) for n in range(chance.randint(1, 8))}
        total = sum(n for (n,) in rows.values())
        out = hidden(rows, [total])
        assert all(rows[key][0] >= FEWEST for key in rows.keys() - out)
        left = [rows[key][0] for key in out]
        assert not out or out == set(rows) or sum(left) == 0 or (len(out) > 1 and sum(left) >= FEWEST)


def test_an_appeal_counts_where_it_was_answered():
    world = a_world()
    _entry, item = held(world)
    from app.moderation import actions

    decision = actions.decide(
        world.moderator, item, outcome="reject", clause="4.2", reason=REASON, version=item.version
    )
    made = appeals.lodge(world.author, decision, text="Look again.")
    waiting = db.session.get_one(ReviewItem, made.item_id, populate_existing=True)
    appeals.answer(
        world.other_moderator, waiting, outcome="overturned", reason="Right.", version=waiting.version
    )
    found = queries.health(world.senior, period.last(30, clock.now() + HOUR))
    assert (found.appeals.number, found.appeals.overturned) == (1, 1)


def test_the_number_of_queries_does_not_grow(count_queries):
    world = a_world()
    decide_many(world, [1, 2], begin=NOW - timedelta(days=20))
    with clock.at(NOW), count_queries() as few:
        queries.health(world.senior, period.last(365, NOW))
        assert queries.quarters(world.author) == []
    decide_many(
        world, itertools.islice(itertools.cycle(range(1, 300)), 10_000), begin=NOW - timedelta(days=20)
    )
    with clock.at(NOW), count_queries() as many:
        found = queries.health(world.senior, period.last(365, NOW))
        assert queries.quarters(world.author) == []
    assert found.together.number == 10_002
    assert len(many) == len(few) <= 14


def test_no_cell_of_a_sheet_is_a_formula(sign_in):
    assert csv_of([["=1+1", "+2", "@x", None, 3, "plain"]]) == "'=1+1,'+2,'@x,,3,plain\r\n"
    world = a_world()
    decide_many(world, range(1, 31))
    with clock.at(NOW):
        answer = sign_in(world.author).get(f"/charter/figures.csv?quarter={QUARTER}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert world.moderator.name not in answer.text
    assert "4.2" in answer.text
    assert "hidden" in answer.text


def test_quarters_follow_the_clock_of_the_company():
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Paris")
    assert str(period.containing(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), zone)) == "2026-3"
    third = period.Quarter(2026, 3).period(zone)
    assert (third.begin, third.end) == (
        datetime(2026, 6, 30, 22, tzinfo=UTC),
        datetime(2026, 9, 30, 22, tzinfo=UTC),
    )
