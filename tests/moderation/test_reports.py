from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.charter import actions as rules
from app.charter import queries as charter
from app.charter.models import Clause
from app.kernel import clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.moderation import actions, case, queries
from app.moderation.models import Report
from app.people import actions as people
from app.posts import actions as posts
from app.posts import queries as entries
from app.posts.inputs import Written
from tests.make import make_comment, make_person, make_post, make_space
from tests.moderation.world import MIXED, REASON, item_of, make_world, state


def reported(world, body="You are all fools.", clause="5.1"):
    entry = make_post(world.author, world.space, body)
    actions.report(world.colleague, entry, clause=clause)
    return entry, item_of(entry)


def decide(who, item, outcome, clause="5.1"):
    return actions.decide(
        who, item, outcome=outcome, clause=clause, reason=REASON, version=item_of_id(item).version
    )


def item_of_id(item):
    db.session.refresh(item)
    return item


def test_reporting_twice_is_once_and_all_reports_make_one_item():
    world = make_world()
    entry, item = reported(world)
    again = actions.report(world.colleague, entry, clause="4.1", comment="Once more")
    assert (again.reason, again.item_id) == ("5.1", item.id)
    actions.report(make_person("cy"), entry, clause="danger")
    rows = db.session.scalars(select(Report)).all()
    assert {row.item_id for row in rows} == {item.id}
    assert (len(rows), item_of(entry).kind, queries.waiting(world.moderator)) == (2, "report", 1)
    assert item_of(entry).terms["severity"] == 100


def test_what_cannot_be_reported():
    world = make_world()
    entry = make_post(world.author, world.space)
    with pytest.raises(Forbidden):
        actions.report(world.author, entry, clause="5.1")
    hidden = make_post(world.author, world.space, MIXED)
    with pytest.raises(NotFound):
        actions.report(world.colleague, hidden, clause="5.1")
    closed = make_post(world.author, make_space(world.author, visibility="closed"))
    with pytest.raises(NotFound):
        actions.report(world.colleague, closed, clause="5.1")
    for wrong in ("9.9", "", "in-picture"):
        with pytest.raises(Invalid):
            actions.report(world.colleague, entry, clause=wrong)
    with pytest.raises(Invalid):
        actions.report(world.colleague, entry, clause="5.1", comment="x" * 1001)
    assert db.session.scalars(select(Report)).all() == []


def test_removed_it_is_gone_for_readers_and_reporters_are_answered():
    world = make_world()
    root = make_post(world.author, world.space)
    comment = make_comment(world.author, root, "Fool.")
    made = actions.report(world.colleague, comment, clause="5.1")
    decide(world.moderator, item_of(comment), "remove")
    assert state(comment) == "removed"
    with pytest.raises(NotFound):
        entries.get_comment(world.colleague, comment.id)
    assert entries.get_comment(world.author, comment.id).state == "removed"
    assert db.session.get(type(root), root.id, populate_existing=True).comment_count == 0
    db.session.refresh(made)
    assert (made.outcome, queries.answer_to(made).reason) == ("remove", REASON)


def test_the_same_clause_on_the_same_text_is_answered_with_the_decision():
    world = make_world()
    entry, item = reported(world)
    decision = decide(world.moderator, item, "no_violation")
    cy = make_person("cy")
    late = actions.report(cy, entry, clause="5.1")
    assert (late.outcome, queries.answer_to(late).id, queries.waiting(world.moderator)) == (
        "no_violation",
        decision.id,
        0,
    )
    assert actions.report(cy, entry, clause="5.1").id == late.id
    actions.report(make_person("dan"), entry, clause="4.1")
    assert queries.waiting(world.moderator) == 1


def test_who_reported_does_not_decide():
    world = make_world()
    entry = make_post(world.author, world.space)
    actions.report(world.moderator, entry, clause="5.1")
    item = item_of(entry)
    for act in (actions.claim, lambda who, it: decide(who, it, "remove")):
        with pytest.raises(Forbidden):
            act(world.moderator, item)
    assert case.read(world.moderator, item).why_not
    decide(world.other_moderator, item, "remove")
    assert state(entry) == "removed"


def test_authors_who_moderate_learn_nothing_of_reports_about_them():
    world = make_world()
    entry = make_post(world.moderator, world.space)
    actions.report(world.colleague, entry, clause="5.1")
    assert (queries.waiting(world.moderator), queries.items(world.moderator).items) == (0, [])
    with pytest.raises(NotFound):
        queries.get_item(world.moderator, item_of(entry).id)
    assert queries.waiting(world.other_moderator) == 1


def test_a_reported_text_that_changes_is_read_as_it_is_now():
    world = make_world()
    entry, item = reported(world)
    posts.edit(world.author, entry, Written(body="I was wrong."))
    read = case.read(world.moderator, item_of(entry))
    assert [text for text, _finding in read.segments] == ["I was wrong."]
    assert [report.earlier_text for report in read.reports] == [True]
    assert (read.state, read.version) == ("pending", item.version)
    posts.take_back(world.author, entries.get_post(world.author, entry.id))
    assert item_of(entry).state == "auto_resolved"
    assert db.session.scalar(select(Report.outcome)) == "auto_resolved"


def test_a_decision_on_an_edit_leaves_reports_of_what_readers_see_waiting():
    world = make_world()
    entry, item = reported(world)
    posts.edit(world.author, entry, Written(body=MIXED))
    assert (item_of(entry).id, item_of(entry).kind) == (item.id, "hold")
    decide(world.moderator, item, "reject", clause="4.2")
    following = item_of(entry)
    assert (following.id != item.id, following.kind, following.state) == (True, "report", "pending")
    assert case.read(world.moderator, following).reports[0].earlier_text is False
    assert db.session.scalar(select(Report.outcome)) is None


def test_enough_people_of_several_teams_hide_it_until_somebody_decides():
    world = make_world()
    make_severe("5.1")
    entry, item = reported(world)
    teams = [people.add_team(None, name=name) for name in ("Sales", "Plant", "Lab")]
    for number, team in enumerate(teams):
        assert state(entry) == "published"
        actions.report(make_person(f"p{number}", team_id=team.id), entry, clause="5.1")
    assert state(entry) == "hidden_pending"
    with pytest.raises(NotFound):
        entries.get_post(world.colleague, entry.id)
    assert entries.get_post(world.author, entry.id).state == "hidden_pending"
    decide(world.moderator, item, "no_violation")
    assert entries.get_post(world.colleague, entry.id).published_at == entry.published_at


def test_an_edit_that_waits_outlives_the_hiding_of_its_entry(sign_in):
    world = make_world()
    make_severe("5.1")
    entry, item = reported(world)
    posts.edit(world.author, entry, Written(body=MIXED))
    for number, team in enumerate([people.add_team(None, name=name) for name in ("Sales", "Plant", "Lab")]):
        actions.report(make_person(f"p{number}", team_id=team.id), entry, clause="5.1")
    assert (state(entry), item_of(entry).kind) == ("hidden_pending", "report")
    assert case.read(world.moderator, item_of(entry)).segments[0][0] == "You are all fools."
    shown = sign_in(world.author).get(f"/posts/{entry.id}").text
    assert ("all fools" in shown, MIXED in shown) == (True, False)
    assert MIXED not in sign_in(world.author).get("/me/charter").text
    decide(world.moderator, item, "no_violation")
    following = item_of(entry)
    assert (state(entry), following.kind, following.id != item.id) == ("published", "hold", True)
    assert MIXED in sign_in(world.author).get(f"/posts/{entry.id}/held").text
    decide(world.moderator, following, "release", clause="4.2")
    assert entries.revision(entries.get_post(world.colleague, entry.id)).body == MIXED


def test_a_hidden_entry_that_is_removed_takes_its_edit_along():
    world = make_world()
    make_severe("5.1")
    entry, item = reported(world)
    posts.edit(world.author, entry, Written(body=MIXED))
    for number, team in enumerate([people.add_team(None, name=name) for name in ("Sales", "Plant", "Lab")]):
        actions.report(make_person(f"p{number}", team_id=team.id), entry, clause="5.1")
    decide(world.moderator, item, "remove", clause="5.1")
    assert (state(entry), item_of(entry).id, queries.waiting(world.moderator)) == ("removed", item.id, 0)


def test_one_team_alone_silences_nobody():
    world = make_world()
    make_severe("5.1")
    entry, _item = reported(world)
    team = people.add_team(None, name="Sales")
    for number in range(8):
        actions.report(make_person(f"p{number}", team_id=team.id), entry, clause="5.1")
    assert state(entry) == "published"


def test_nothing_starves():
    world = make_world()
    old, new = reported(world)[1], reported(world, "Danger", clause="danger")[1]
    assert [row.id for row in queries.items(world.moderator).items] == [new.id, old.id]
    later = clock.now() + timedelta(days=30)
    with clock.at(later):
        fresh = reported(world, "Danger again", clause="danger")[1]
    shown = queries.items(world.moderator, now=later + timedelta(minutes=1)).items
    assert shown[-1].id == fresh.id
    assert queries.counts(world.moderator, now=later)["late"] == 2


def test_the_queue_comes_in_pages():
    world = make_world()
    ids = {reported(world, f"Fools {n}")[1].id for n in range(5)}
    seen, after = [], None
    while True:
        page = queries.items(world.moderator, after=after, limit=2)
        seen += [row.id for row in page.items]
        after = page.next
        if after is None:
            break
    assert (len(seen), set(seen)) == (5, ids)


def test_flagged_is_published_and_looked_at():
    world = make_world()
    rules.save_rule(None, "words", kind="phrases", action="flag", clause="5.1", params={"terms": ["fools"]})
    entry = make_post(world.author, world.space, "You are all fools.")
    assert (state(entry), item_of(entry).kind) == ("published", "watch")
    actions.report(world.colleague, entry, clause="5.1")
    assert (item_of(entry).kind, queries.waiting(world.moderator)) == ("report", 1)
    other = make_post(world.author, world.space, "Fools, all of you.")
    posts.edit(world.author, other, Written(body="Friends, all of you."))
    assert item_of(other).state == "auto_resolved"


@action
def make_severe(clause):
    db.session.execute(update(Clause).where(Clause.number == clause).values(severity=3))
    charter.forget()
