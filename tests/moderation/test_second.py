"""What two have to agree on never waits for somebody who isn't there."""

import pytest
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Stale
from app.moderation import actions, case, policy, queries
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.people import actions as people
from app.spaces.models import Space
from tests.make import accept, actor, make_person, make_post, person_of
from tests.moderation.world import REASON, item_of, make_world

RULING = {"outcome": "remove", "clause": "4.2", "reason": REASON}


def grave(**people_):
    """Something grave that one senior moderator proposes to remove."""
    world = make_world()
    world.senior = make_person("sen", roles=["senior_moderator"], **people_)
    accept(world.senior)
    entry = make_post(world.author, world.space, "Un avis")
    actions.report(world.colleague, entry, clause="danger")
    return world, entry


def proposed(world, entry):
    item = item_of(entry)
    actions.decide(world.senior, item, version=item.version, **RULING)
    return item_of(entry)


def told():
    return sorted(
        db.session.scalars(select(Notification.person_id).where(Notification.kind == "second_wanted"))
    )


def test_with_one_senior_moderator_an_admin_gives_the_second_opinion(sign_in):
    world, entry = grave()
    admin, other = make_person("adm", roles=["admin"]), make_person("ops", roles=["admin"])
    assert not policy.is_reviewer(admin)
    with pytest.raises(NotFound):
        queries.get_item(admin, item_of(entry).id)
    item = proposed(world, entry)
    assert (item.state, item.assignee_id, told()) == ("awaiting_second", admin.id, [admin.id])
    with pytest.raises(NotFound):
        queries.get_item(other, item.id)
    assert [row.id for row in queries.items(admin).items] == [item.id]
    assert case.read(admin, item).file.proposal.may_answer
    window = sign_in(admin)
    assert window.get(f"/moderation/items/{item.id}").status_code == 200
    with pytest.raises(Forbidden):
        actions.confirm(world.senior, item, version=item.version)
    with pytest.raises(NotFound):
        actions.confirm(other, item, version=item.version)
    answer = window.post(f"/moderation/items/{item.id}/confirmation", data={"version": str(item.version)})
    assert answer.status_code == 303
    assert window.get(answer.headers["Location"]).status_code == 200
    fresh = item_of(entry)
    decision = queries.decision_of(fresh)
    assert (fresh.state, decision.decider_id, decision.second_id) == ("decided", world.senior.id, admin.id)
    with pytest.raises(Stale):
        actions.confirm(admin, fresh, version=fresh.version)


def test_an_admin_who_disagrees_gives_the_case_back(sign_in):
    world, entry = grave()
    admin = make_person("adm", roles=["admin"])
    item = proposed(world, entry)
    actions.refuse(admin, item, why="Not so bad.", version=item.version)
    fresh = item_of(entry)
    assert (fresh.state, fresh.assignee_id) == ("pending", None)
    with pytest.raises(NotFound):
        queries.get_item(admin, fresh.id)
    assert sign_in(admin).get("/moderation").status_code == 404


def test_what_changes_meanwhile_is_no_longer_the_admins():
    world, entry = grave()
    admin, third = make_person("adm", roles=["admin"]), make_person("eve")
    accept(third)
    item = proposed(world, entry)
    actions.report(third, entry, clause="5.1")
    assert item_of(entry).state == "pending"
    with pytest.raises(NotFound):
        queries.get_item(admin, item.id)


def test_an_admin_who_reported_or_manages_the_author_is_not_asked():
    world, entry = grave()
    reporter, boss = make_person("adm", roles=["admin"]), make_person("boss", roles=["admin"])
    accept(reporter)
    person_of(world.author).manager_id = boss.id
    db.session.flush()
    actions.report(reporter, entry, clause="5.1")
    far = make_person("far", roles=["admin"])
    assert proposed(world, entry).assignee_id == far.id


def test_who_is_an_admin_no_longer_sees_it_no_longer():
    world, entry = grave()
    admin = make_person("adm", roles=["admin"])
    make_person("ops", roles=["admin"])
    item = proposed(world, entry)
    people.set_roles(None, person_of(admin), [])
    assert not policy.is_reviewer(actor(admin.id))
    with pytest.raises(NotFound):
        queries.get_item(actor(admin.id), item.id)


def test_when_nobody_may_the_desk_says_so_and_it_waits_for_who_is_named():
    world, entry = grave()
    item = proposed(world, entry)
    assert told() == []
    assert case.read(world.senior, item).file.proposal.nobody
    second = make_person("two", roles=["senior_moderator"])
    assert not case.read(world.senior, item).file.proposal.nobody
    assert actions.confirm(second, item, version=item.version).second_id == second.id


def test_with_two_senior_moderators_no_admin_is_asked():
    world, entry = grave()
    admin, second = make_person("adm", roles=["admin"]), make_person("two", roles=["senior_moderator"])
    item = proposed(world, entry)
    assert (told(), item.assignee_id) == ([second.id], None)
    with pytest.raises(NotFound):
        queries.get_item(admin, item.id)


def test_both_forms_of_who_sees_a_case_agree():
    world, entry = grave()
    admin, other = make_person("adm", roles=["admin"]), make_person("ops", roles=["admin"])
    item = proposed(world, entry)
    space = db.session.get_one(Space, item.space_id)
    for state in ("awaiting_second", "decided", "pending", "leased", "escalated"):
        item.state = state
        db.session.flush()
        for who in (admin, other, world.senior, world.author, world.moderator, world.colleague):
            rows = select(ReviewItem.id).where(ReviewItem.id == item.id, policy.items_seen_by(who))
            assert bool(db.session.scalar(rows)) == policy.can_see_item(who, item, space), (state, who.login)
