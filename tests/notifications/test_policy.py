from sqlalchemy import select

from app.kernel.db import db
from app.notifications.models import Notification
from app.notifications.policy import can_hear, heard_by, reads
from app.people.models import Person
from app.posts import actions as posts
from app.spaces import actions as spaces
from app.spaces import policy as spaces_policy
from app.spaces.models import Space
from tests.make import actor, make_comment, make_organisation, make_person, make_post, make_space, person_of


def _world():
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    ana, bo, eve = make_person("ana"), make_person("bo"), make_person("eve")
    client = make_person("cli", segment="client", organisation_id=acme.id)
    supplier = make_person("sup", segment="supplier", organisation_id=bolt.id)
    for visibility in ("open", "closed", "secret"):
        inside = make_space(ana, bo, name=f"inside {visibility}", visibility=visibility)
        shared = make_space(
            ana,
            client,
            name=f"acme {visibility}",
            kind="client",
            organisation_id=acme.id,
            visibility=visibility,
        )
        for space, answers in ((inside, bo), (shared, client)):
            post = make_post(ana, space, "hello @bo @cli @sup @eve")
            make_comment(answers, post, "yes @ana")
            posts.react(answers, post, "like", on=True)
        if visibility != "secret":
            spaces.join(eve, inside)
    spaces.remove_member(ana, inside, person_of(bo))
    return [ana, bo, eve, client, supplier]


def test_both_forms_of_hearing_agree_for_everyone():
    people = [actor(person.id) for person in _world()]
    told = db.session.scalars(select(Notification)).all()
    assert len(told) > 8
    for who in people:
        listed = set(db.session.scalars(select(Notification.id).where(heard_by(who))))
        assert listed == {one.id for one in told if can_hear(who, one)}, who.login
        assert {one.person_id for one in told if one.id in listed} <= {who.id}


def test_those_who_read_a_space_are_those_who_may():
    people = [actor(person.id) for person in _world()]
    for space in db.session.scalars(select(Space)).all():
        listed = set(db.session.scalars(select(Person.id).where(reads(space.id))))
        assert listed == {who.id for who in people if spaces_policy.can_read(who, space)}, space.name
