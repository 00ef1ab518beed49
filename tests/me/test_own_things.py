import pytest

from app.me import queries
from app.moderation import actions as moderation
from app.notifications import queries as notifications
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.queries import get_post
from app.spaces import actions as spaces
from tests.make import actor, make_comment, make_person, make_post, make_space, person_of
from tests.moderation.world import MIXED, REASON, held, item_of, make_world


def test_what_was_held_is_told_to_its_author_with_the_clause(sign_in):
    world = make_world()
    entry, _item = held(world)
    page = sign_in(world.author).get("/me/charter").get_data(as_text=True)
    record = queries.recorded(world.author).items[0]
    assert (record.id, record.state, record.clause.number) == (entry.id, "held", "4.2")
    assert record.expected_by is not None
    assert f"/posts/{entry.id}/withdrawal" in page
    for other in (world.colleague, world.moderator):
        assert queries.recorded(other).items == []
        assert str(entry.id) not in sign_in(other).get("/me/charter").get_data(as_text=True)


@pytest.mark.parametrize(("outcome", "state"), [("return", "returned"), ("reject", "rejected")])
def test_a_decision_is_told_with_its_reason(sign_in, outcome, state):
    world = make_world()
    _entry, item = held(world)
    moderation.decide(world.moderator, item, outcome=outcome, clause="4.1", reason=REASON, version=1)
    record = queries.recorded(world.author).items[0]
    assert (record.state, record.reason, record.clause.number) == (state, REASON, "4.1")
    assert (record.edit_url is not None) == (outcome == "return")
    page = sign_in(world.author).get("/me/charter").get_data(as_text=True)
    assert REASON in page
    assert f"/people/{world.moderator.id}" not in page
    assert [line.kind for line in notifications.notifications(world.author).items] == ["decided"]


def test_a_released_message_is_no_longer_recorded_as_stopped():
    world = make_world()
    _entry, item = held(world)
    moderation.decide(world.moderator, item, outcome="release", clause="4.2", reason=REASON, version=1)
    assert queries.recorded(world.author).items == []
    assert [line.kind for line in notifications.notifications(world.author).items] == ["decided"]


def test_reports_are_listed_with_their_outcome_to_who_made_them(sign_in):
    world = make_world()
    post = make_post(world.author, world.space, "a rude word")
    moderation.report(world.colleague, post, clause="4.1")
    assert [(r.reason, r.outcome) for r in queries.reports(world.colleague)] == [("4.1 title fr", None)]
    assert queries.reports(world.author) == []
    item = item_of(post)
    moderation.decide(
        world.moderator, item, outcome="remove", clause="4.1", reason=REASON, version=item.version
    )
    page = sign_in(world.colleague).get("/me/charter").get_data(as_text=True)
    assert queries.reports(world.colleague)[0].outcome == "remove"
    assert "a rude word" in page
    assert [line.kind for line in notifications.notifications(world.colleague).items] == ["report_decided"]
    assert "decided" in [line.kind for line in notifications.notifications(world.author).items]
    assert f"/people/{world.colleague.id}" not in sign_in(world.author).get("/me/charter").get_data(
        as_text=True
    )


def test_a_report_keeps_no_words_of_a_space_one_left():
    world = make_world(visibility="closed")
    post = make_post(world.author, world.space, "a rude word")
    moderation.report(world.colleague, post, clause="danger")
    spaces.leave(world.colleague, world.space)
    assert [report.excerpt for report in queries.reports(world.colleague)] == [""]


def test_versions_accepted_are_listed():
    world = make_world()
    assert [row.number for row in queries.accepted(world.author)] == [1]
    assert queries.accepted(make_person("new")) == []


def test_as_many_queries_for_one_as_for_many(count_queries):
    world = make_world()
    held(world)
    with count_queries() as one:
        queries.recorded(world.author)
    for _n in range(4):
        held(world, f"{MIXED} Again {_n}.")
    with count_queries() as many:
        queries.recorded(world.author)
    assert len(one) == len(many)


def test_drafts_say_where_they_belong_and_can_be_discarded(sign_in):
    ana, bo = make_person("ana", locale="en"), make_person("bo")
    space = make_space(ana, bo, name="Atelier", visibility="closed")
    post = make_post(bo, space)
    for place in (f"space-{space.id}", f"comment-{post.id}", "post"):
        posts.save_draft(ana, place, {"title": "", "body": f"half a thought about {place}"})
    browser = sign_in(ana)
    page = browser.get("/me/drafts").get_data(as_text=True)
    assert "In Atelier" in page
    assert f"/posts/{post.id}#comment-form" in page
    assert "half a thought" not in sign_in(bo).get("/me/drafts").get_data(as_text=True)
    browser.post("/me/drafts/discard", data={"place": f"space-{space.id}"})
    assert "In Atelier" not in browser.get("/me/drafts").get_data(as_text=True)


def test_a_draft_names_no_space_one_may_not_read(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(bo, ana, name="Hidden place", visibility="secret")
    posts.save_draft(ana, f"space-{space.id}", {"body": "half a thought"})
    spaces.remove_member(bo, space, person_of(ana))
    page = sign_in(ana).get("/me/drafts").get_data(as_text=True)
    assert "half a thought" in page
    assert "Hidden place" not in page


def test_saved_posts_stay_while_they_may_be_read(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo, visibility="closed")
    post = make_post(ana, space, "worth keeping")
    posts.bookmark(bo, post, on=True)
    assert "worth keeping" in sign_in(bo).get("/saved").get_data(as_text=True)
    assert "worth keeping" not in sign_in(ana).get("/saved").get_data(as_text=True)
    spaces.remove_member(ana, space, person_of(bo))
    assert "worth keeping" not in sign_in(actor(bo.id)).get("/saved").get_data(as_text=True)


def test_an_edit_that_waits_is_recorded_while_readers_keep_the_text():
    world = make_world()
    entry = make_post(world.author, world.space, "plain words")
    make_comment(world.colleague, entry)
    posts.edit(world.author, get_post(world.author, entry.id), Written(body=MIXED))
    record = queries.recorded(world.author).items[0]
    assert (record.id, record.state, record.excerpt, record.withdraw_url) == (entry.id, "held", MIXED, None)
