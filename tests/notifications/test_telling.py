import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.kernel.action import action
from app.kernel.db import db
from app.notifications import queries, reactions
from app.notifications.actions import tell
from app.people import actions as people
from app.people.models import Person
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from app.spaces import actions as spaces
from tests.make import (
    accept,
    actor,
    make_charter,
    make_comment,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)


def told(who):
    return [(line.kind, line.text) for line in queries.notifications(actor(who.id)).items]


def kinds(who):
    return [kind for kind, _text in told(who)]


@pytest.fixture
def trio():
    ana, bo, eve = (make_person(login, locale="en") for login in ("ana", "bo", "eve"))
    return ana, bo, eve, make_space(ana, bo, eve, visibility="closed")


def test_a_comment_reaches_those_who_follow_and_nobody_else(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)
    make_comment(bo, post)
    assert kinds(ana) == ["comment"]
    assert kinds(bo) == kinds(eve) == []
    assert queries.unread(ana) == 1


def test_several_comments_are_one_line(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)
    make_comment(bo, post)
    make_comment(eve, post)
    make_comment(bo, post)
    line, *others = queries.notifications(ana).items
    assert others == []
    assert [person.name for person in line.people] == ["Bo", "Eve"]
    assert queries.unread(ana) == 1


def test_one_comment_is_told_once_in_the_way_that_concerns_most(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)
    first = make_comment(bo, post)
    make_comment(eve, post, "for @ana and bo", parent_id=first.id)
    assert kinds(ana) == ["mention", "comment"]
    assert kinds(bo) == ["reply"]


def test_a_mention_reaches_only_who_may_read(trio):
    ana, bo, _eve, space = trio
    stranger = make_person("stranger")
    make_post(ana, space, "hello @bo and @stranger")
    assert kinds(bo) == ["mention"]
    assert kinds(stranger) == []


def test_a_mention_added_by_an_edit_is_told_once(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space, "hello @bo")
    posts.edit(ana, post, Written(body="hello @bo and @eve"))
    assert kinds(bo) == kinds(eve) == ["mention"]


def test_who_muted_a_thread_hears_only_their_name(trio):
    ana, bo, _eve, space = trio
    post = make_post(ana, space)
    posts.follow(ana, post, on=False)
    make_comment(bo, post)
    assert kinds(ana) == []
    make_comment(bo, post, "and @ana?")
    assert kinds(ana) == ["mention"]


def test_reactions_are_grouped_and_forgotten_with_the_sign(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)
    for who in (bo, eve, ana):
        posts.react(who, post, "like", on=True)
    posts.react(bo, post, "thanks", on=True)
    line, *others = queries.notifications(ana).items
    assert others == []
    assert {person.name for person in line.people} == {"Bo", "Eve"}
    for name in ("like", "thanks"):
        posts.react(bo, post, name, on=False)
    assert [person.name for person in queries.notifications(ana).items[0].people] == ["Eve"]


def test_what_may_no_longer_be_read_is_neither_shown_nor_counted(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)
    comment = make_comment(bo, post, "hello @eve")
    assert (queries.unread(ana), queries.unread(eve)) == (1, 1)
    spaces.remove_member(ana, space, person_of(eve))
    assert (kinds(eve), queries.unread(eve)) == ([], 0)
    posts.take_back(bo, comment)
    assert (kinds(ana), queries.unread(ana)) == ([], 0)


def test_an_announcement_reaches_readers_in_one_statement(trio, count_queries):
    ana, bo, eve, space = trio
    boss = make_person("boss", roles=["admin"])
    spaces.add_member(None, space, person_of(boss))
    stranger = make_person("stranger")
    make_post(boss, space, "Read this", type="announcement")
    assert kinds(ana) == kinds(bo) == kinds(eve) == ["announcement"]
    assert kinds(boss) == kinds(stranger) == []
    with count_queries() as few:
        make_post(boss, space, "Read that", type="announcement")
    for _n in range(10):
        spaces.add_member(None, space, person_of(make_person()))
    with count_queries() as more:
        make_post(boss, space, "Read those", type="announcement")
    assert len(few) == len(more)


def test_partners_hear_of_their_own_space_only():
    acme = make_organisation("Acme", "client")
    ana = make_person("ana")
    client = make_person("cli", segment="client", organisation_id=acme.id)
    shared = make_space(ana, client, kind="client", organisation_id=acme.id, visibility="open")
    internal = make_space(ana)
    boss = make_person("boss", roles=["admin"])
    make_post(boss, internal, "All hands", type="announcement")
    assert kinds(client) == []
    make_post(boss, shared, "Delivery", type="announcement")
    assert kinds(client) == ["announcement"]


def test_owners_hear_of_requests_until_they_are_answered(trio):
    ana, bo, _eve, space = trio
    guest = make_person("guest", locale="en")
    spaces.join(guest, space)
    assert kinds(ana) == ["join_request"]
    assert kinds(bo) == []
    spaces.answer_request(ana, space, person_of(guest), accepted=True)
    assert kinds(ana) == []
    assert kinds(guest) == ["joined"]
    spaces.leave(guest, space)
    assert kinds(guest) == []


def test_a_held_message_tells_its_author_and_nobody_it_names(trio):
    ana, bo, _eve, space = trio
    make_charter(
        words={"kind": "phrases", "action": "hold", "clause": "4.2", "params": {"terms": ["forbidden"]}}
    )
    accept(ana, bo)
    entry = make_post(ana, space, "forbidden word for @bo")
    assert db.session.get(Entry, entry.id).state == "held"
    assert kinds(ana) == ["held"]
    assert kinds(bo) == []
    posts.release(bo, entry, entry.revision_id)
    assert kinds(bo) == ["mention"]
    assert kinds(ana) == []  # it no longer waits; the decision is told on its own


class Ruling:
    def __init__(self, **fields):
        self.__dict__.update(fields)


def test_author_and_reporters_are_told_the_outcome(trio):
    ana, bo, eve, space = trio
    post = make_post(ana, space)

    @action
    def decide(outcome, decision_id):
        reactions.decision_taken(
            Ruling(
                entry_id=post.id,
                decision_id=decision_id,
                outcome=outcome,
                author_id=ana.id,
                reporter_ids=[bo.id],
            )
        )

    decide("no_violation", 1)
    assert (kinds(ana), kinds(bo), kinds(eve)) == ([], ["report_decided"], [])
    decide("remove", 2)
    decide("remove", 2)
    assert (kinds(ana), kinds(bo)) == (["decided"], ["report_decided", "report_decided"])


def test_people_who_left_are_told_nothing(trio):
    ana, bo, _eve, space = trio
    make_person("root", roles=["admin"])
    post = make_post(ana, space)
    people.deactivate(None, db.session.get(Person, ana.id))
    make_comment(bo, post)
    reactivated = people.reactivate(None, db.session.get(Person, ana.id))
    assert kinds(actor(reactivated.id)) == []


def test_where_nobody_is_told_no_browser_is(trio):
    """Counted on both databases: a driver that doesn't know says -1."""
    ana, _bo, _eve, _space = trio
    seen = []

    def note(_connection, _cursor, statement, *_more):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        tell("joined", Person.id == -1, subject="space:1")
        nobody = [words for words in seen if "INSERT INTO changes" in words]
        tell("joined", Person.id == ana.id, subject="space:1")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert nobody == []
    assert len([words for words in seen if "INSERT INTO changes" in words]) == 2
