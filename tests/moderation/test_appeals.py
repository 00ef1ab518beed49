from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, NotFound
from app.moderation import actions, appeals, ground, measures, queries
from app.moderation.models import Decision, Points, Report, ReviewItem, RuleRecord
from app.people import actions as people
from app.posts import queries as entries
from app.posts.models import Entry
from tests.make import accept, actor, make_comment, make_person, make_post, person_of
from tests.moderation.world import REASON, held, item_of, make_world, state

RULING = {"clause": "4.2", "reason": REASON}


def decided(world, outcome="reject", who=None):
    entry, item = held(world)
    return entry, actions.decide(
        who or world.moderator, item, outcome=outcome, version=item.version, **RULING
    )


def reported(world, outcome, body="Hello"):
    entry = make_post(world.author, world.space, body)
    actions.report(world.colleague, entry, clause="5.1")
    item = item_of(entry)
    return entry, actions.decide(world.moderator, item, outcome=outcome, version=item.version, **RULING)


def answer(who, appeal, outcome):
    item = db.session.get_one(ReviewItem, appeal.item_id, populate_existing=True)
    return appeals.answer(who, item, outcome=outcome, reason="Read it again.", version=item.version)


def test_an_appeal_goes_to_somebody_else_and_waits_in_the_same_queue():
    world = make_world()
    _entry, decision = decided(world)
    appeal = appeals.lodge(world.author, decision, text="I only named one of them.")
    item = db.session.get_one(ReviewItem, appeal.item_id)
    assert (item.kind, item.assignee_id, item.state) == ("appeal", world.other_moderator.id, "pending")
    assert item.id in [row.id for row in queries.items(world.other_moderator).items]
    with pytest.raises(Forbidden):
        answer(world.moderator, appeal, "upheld")
    with pytest.raises(Forbidden):
        actions.claim(world.moderator, item)
    assert answer(world.other_moderator, appeal, "upheld").state == "upheld"
    assert ground.reversal_of(decision.id) is None


def test_overturned_everything_is_given_back():
    world = make_world()
    entry, decision = reported(world, "remove")
    measure = measures.impose(world.moderator, decision, step="mute_day", reason="Again.")
    assert (state(entry), ground.points_of(world.author.id, clock.now())) == ("removed", 2)
    published_at = entry.published_at
    answer(world.other_moderator, appeals.lodge(world.author, decision, text="Look again."), "overturned")
    fresh = entries.get_post(world.colleague, entry.id)
    assert (fresh.state, fresh.published_at) == ("published", published_at)
    assert ground.points_of(world.author.id, clock.now()) == 0
    db.session.refresh(measure)
    assert measure.state == "annulled"
    assert make_comment(world.author, entry_now(entry)).state == "published"
    assert db.session.scalar(select(Report.outcome).where(Report.entry_id == entry.id)) == "no_violation"


def entry_now(entry):
    return db.session.get(Entry, entry.id, populate_existing=True)


def test_what_was_never_published_appears_with_its_original_date():
    world = make_world()
    entry, decision = decided(world)
    answer(world.other_moderator, appeals.lodge(world.author, decision, text="Look again."), "overturned")
    fresh = entries.get_post(world.colleague, entry.id)
    assert (fresh.state, fresh.published_at) == ("published", fresh.created_at)
    record = db.session.scalars(select(RuleRecord)).one()
    assert (record.agreed, record.refuted) == (0, 1)


def test_corrected_in_part_it_stands_without_points():
    world = make_world()
    entry, decision = decided(world)
    answer(world.other_moderator, appeals.lodge(world.author, decision, text="Look again."), "partly")
    assert (state(entry), ground.points_of(world.author.id, clock.now())) == ("rejected", 0)


def test_whoever_reported_in_vain_may_appeal_and_the_author_may_not():
    world = make_world()
    entry, decision = reported(world, "no_violation")
    for who in (world.author, make_person("eve"), world.other_moderator):
        with pytest.raises(NotFound):
            appeals.lodge(who, decision, text="Look again.")
    appeal = appeals.lodge(world.colleague, decision, text="It is an insult.")
    assert appeals.lodge(world.colleague, decision, text="Twice.").id == appeal.id
    answer(world.other_moderator, appeal, "overturned")
    assert state(entry) == "removed"
    with pytest.raises(NotFound):
        entries.get_post(world.colleague, entry.id)


def test_one_for_each_decision_and_six_months_at_most():
    world = make_world()
    second = make_person("cy")
    accept(second)
    entry = make_post(world.author, world.space)
    for who in (world.colleague, second):
        actions.report(who, entry, clause="5.1")
    item = item_of(entry)
    made = actions.decide(world.moderator, item, outcome="no_violation", version=item.version, **RULING)
    late = clock.now() + timedelta(days=184)
    with pytest.raises(Conflict):
        appeals.lodge(second, made, text="Look again.", now=late)
    appeals.lodge(second, made, text="Look again.")
    with pytest.raises(Conflict):
        appeals.lodge(world.colleague, made, text="Me too.")


def test_an_appeal_that_no_moderator_may_answer_goes_to_an_admin():
    world = make_world()
    admin = make_person("adm", roles=["admin"])
    people.set_roles(None, person_of(world.other_moderator), [])
    _entry, decision = decided(world)
    appeal = appeals.lodge(world.author, decision, text="Look again.")
    item = db.session.get_one(ReviewItem, appeal.item_id)
    assert item.assignee_id == admin.id
    assert [row.id for row in queries.items(admin).items] == [item.id]
    with pytest.raises(NotFound):
        queries.get_item(make_person("adm2", roles=["admin"]), item.id)
    assert answer(actor(admin.id), appeal, "upheld").state == "upheld"


def test_the_dialogue_is_between_the_two_sides():
    world = make_world()
    _entry, decision = decided(world)
    appeal = appeals.lodge(world.author, decision, text="Look again.")
    appeals.say(world.other_moderator, appeal, text="Which one did you mean?")
    appeals.say(world.author, appeal, text="The client.")
    assert [m.body for m in ground.messages(appeal.id)] == [
        "Look again.",
        "Which one did you mean?",
        "The client.",
    ]
    with pytest.raises(Forbidden):
        appeals.say(world.moderator, appeal, text="I was right.")
    with pytest.raises(NotFound):
        appeals.say(world.colleague, appeal, text="What is this?")


def test_pages_of_an_appeal_are_for_whom_it_concerns(sign_in):
    world = make_world()
    _entry, decision = decided(world)
    page = sign_in(world.author)
    assert REASON in page.get(f"/decisions/{decision.id}/appeal").text
    answer_ = page.post(f"/decisions/{decision.id}/appeal", data={"text": "Look again."})
    address = answer_.headers["Location"].partition("?")[0]
    assert page.get(address).status_code == 200
    assert "/appeals/" in page.get("/me/charter").text
    for who in (world.colleague, world.moderator):
        assert sign_in(who).get(address).status_code == 404
        assert sign_in(who).get(f"/decisions/{decision.id}/appeal").status_code == 404
    case = sign_in(world.other_moderator).get(f"/moderation/items/{ground.appeal_of(decision.id).item_id}")
    assert "Look again." in case.text
    assert world.author.name not in case.text


def test_undone_within_ten_minutes_it_is_as_before():
    world = make_world()
    for outcome in ("release", "return", "reject"):
        entry, item = held(world, f"Acme will meet Boulonex on {outcome}.")
        actions.decide(world.moderator, item, outcome=outcome, version=item.version, **RULING)
        actions.undo(world.moderator, item)
        again = item_of(entry)
        assert (state(entry), again.state, again.id) == ("held", "pending", item.id)
        with pytest.raises(NotFound):
            entries.get_post(world.colleague, entry.id)
    assert ground.points_of(world.author.id, clock.now()) == 0
    assert db.session.scalar(select(Points.annulled_at)) is not None


def test_undone_a_removal_stands_again_and_its_reports_wait():
    world = make_world()
    entry, _decision = reported(world, "remove")
    actions.undo(world.moderator, item_of(entry))
    assert entries.get_post(world.colleague, entry.id).state == "published"
    assert db.session.scalar(select(Report.outcome).where(Report.entry_id == entry.id)) is None


def test_what_cannot_be_undone():
    world = make_world()
    _entry, decision = decided(world)
    item = db.session.get_one(ReviewItem, decision.item_id)
    with pytest.raises(Forbidden):
        actions.undo(world.other_moderator, item)
    with pytest.raises(Conflict):
        actions.undo(world.moderator, item, now=clock.now() + timedelta(minutes=11))
    appeals.lodge(world.author, decision, text="Look again.")
    with pytest.raises(Conflict):
        actions.undo(world.moderator, item)
    assert db.session.get(Decision, decision.id) is not None


def test_a_statement_is_in_the_authors_language():
    world = make_world()
    english = make_person("eng", locale="en")
    accept(english)
    for author, words in (
        (world.author, "Votre message n’a pas été publié."),
        (english, "was not published"),
    ):
        world.author = author
        _entry, decision = decided(world)
        assert words in decision.statement
        assert REASON in decision.statement
