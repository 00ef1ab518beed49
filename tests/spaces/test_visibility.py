import itertools

from sqlalchemy import select

from app.kernel.db import db
from app.people.models import Person
from app.spaces import policy
from app.spaces.models import Space
from tests.make import make_organisation, make_person, make_space, person_of


def _world():
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    ana, bo, root = make_person("ana"), make_person("bo"), make_person("root", roles=["admin"])
    client = make_person("cli", segment="client", organisation_id=acme.id)
    other = make_person("sup", segment="supplier", organisation_id=bolt.id)
    for visibility in ("open", "closed", "secret"):
        make_space(ana, name=f"internal {visibility}", visibility=visibility)
        make_space(
            ana,
            client,
            name=f"acme {visibility}",
            kind="client",
            organisation_id=acme.id,
            visibility=visibility,
        )
        make_space(
            bo,
            other,
            name=f"bolt {visibility}",
            kind="supplier",
            organisation_id=bolt.id,
            visibility=visibility,
        )
    return [ana, bo, root, client, other]


def test_both_forms_of_reading_and_finding_agree_for_everyone():
    actors = _world()
    spaces = db.session.scalars(select(Space)).all()
    for actor, (one, many) in itertools.product(
        actors, [(policy.can_read, policy.readable_by), (policy.can_find, policy.findable_by)]
    ):
        listed = set(db.session.scalars(select(Space.id).where(many(actor))))
        assert listed == {space.id for space in spaces if one(actor, space)}, (actor.login, one)


def test_both_forms_of_meeting_agree_and_partners_never_meet():
    actors = _world()
    people = db.session.scalars(select(Person)).all()
    for actor in actors:
        listed = set(db.session.scalars(select(Person.id).where(policy.met_by(actor))))
        assert listed == {person.id for person in people if policy.can_meet(actor, person)}, actor.login
    client, supplier = actors[3], actors[4]
    assert not policy.can_meet(client, person_of(supplier))
    assert not policy.can_meet(supplier, person_of(client))
