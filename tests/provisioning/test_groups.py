"""What a group of the directory gives comes with it and goes with it; what was given by hand stays."""

import pytest
from sqlalchemy import select

from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.people import actions as people
from app.people import groups
from app.spaces import actions as spaces
from app.spaces.models import OWNER
from app.spaces.policy import role_in
from tests.make import actor, make_organisation, make_person, make_space, person_of


def roles(who):
    return actor(who.id).roles


@pytest.fixture
def ana():
    return make_person("ana")


def test_a_role_comes_and_goes_with_the_group(ana):
    groups.grant(None, name="Parvis Moderators", role="moderator")
    groups.apply_groups(ana.id, ["parvis moderators", "Staff"], "ldap")
    assert roles(ana) == {"moderator"}
    groups.apply_groups(ana.id, ["Staff"], "ldap")
    assert roles(ana) == set()


def test_a_place_comes_and_goes_with_the_group_and_is_heard_of(ana, listen):
    space = make_space(make_person(), visibility="closed")
    hears = listen(ana)
    groups.grant(None, name="Welders", space_id=space.id)
    groups.apply_groups(ana.id, ["Welders"], "scim")
    assert role_in(ana, space.id) == "member"
    assert "space.changed" in hears.names() or hears.socket.is_connected()
    groups.apply_groups(ana.id, [], "scim")
    assert role_in(ana, space.id) is None


def test_what_was_given_by_hand_stays(ana):
    bo, space = make_person("bo", roles=["auditor"]), make_space(make_person())
    spaces.add_member(None, space, person_of(bo))
    groups.grant(None, name="G", role="auditor")
    groups.grant(None, name="G", space_id=space.id)
    for who in (ana, bo):
        groups.apply_groups(who.id, ["G"], "oidc")
        assert (roles(who), role_in(who, space.id)) == ({"auditor"}, "member")
    for who in (ana, bo):
        groups.apply_groups(who.id, [], "oidc")
    assert (roles(ana), role_in(ana, space.id)) == (set(), None)
    assert (roles(bo), role_in(bo, space.id)) == ({"auditor"}, "member")


def test_what_was_taken_back_by_hand_is_not_forced_again(ana):
    space = make_space(make_person())
    groups.grant(None, name="G", space_id=space.id)
    groups.apply_groups(ana.id, ["G"], "oidc")
    spaces.leave(ana, space)
    groups.apply_groups(ana.id, ["G", "H"], "oidc")
    assert role_in(ana, space.id) is None
    spaces.join(ana, space)
    groups.apply_groups(ana.id, [], "oidc")
    assert role_in(ana, space.id) == "member", "who came back by themselves stays"


def test_a_role_given_again_by_hand_is_no_longer_the_groups(ana):
    groups.grant(None, name="G", role="auditor")
    groups.apply_groups(ana.id, ["G"], "oidc")
    people.set_roles(None, person_of(ana), [])
    groups.apply_groups(ana.id, ["G"], "oidc")
    assert roles(ana) == set()
    people.set_roles(None, person_of(ana), ["auditor"])
    groups.apply_groups(ana.id, [], "oidc")
    assert roles(ana) == {"auditor"}


def test_one_source_does_not_speak_for_another(ana):
    groups.grant(None, name="G", role="auditor")
    groups.apply_groups(ana.id, ["G"], "oidc")
    groups.apply_groups(ana.id, ["G"], "ldap")
    groups.apply_groups(ana.id, [], "oidc")
    assert roles(ana) == {"auditor"}
    groups.apply_groups(ana.id, [], "ldap")
    assert roles(ana) == set()


def test_what_groups_stand_for_is_changed_for_everybody_at_once(ana):
    bo, eve = make_person("bo"), make_person("eve")
    groups.apply_to_many({ana.id: ["G"], bo.id: ["g "], eve.id: ["H"]}, "scim")
    given = groups.grant(None, name="G", role="auditor")
    assert groups.grant(None, name=" g", role="auditor").id == given.id, "said twice, it stands once"
    assert [roles(who) for who in (ana, bo, eve)] == [{"auditor"}, {"auditor"}, set()]
    groups.withdraw(None, given.id)
    assert [roles(who) for who in (ana, bo, eve)] == [set(), set(), set()]
    with pytest.raises(NotFound):
        groups.withdraw(None, given.id)


def test_the_last_admin_stays_one(ana):
    groups.grant(None, name="Root", role="admin")
    groups.grant(None, name="Law", role="charter_owner")
    groups.apply_groups(ana.id, ["Root"], "scim")
    assert roles(ana) == {"admin"}
    groups.apply_groups(ana.id, ["Law"], "scim")
    assert roles(ana) == {"admin", "charter_owner"}
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.act == "identity.role_kept"))
    make_person("root", roles=["admin"])
    groups.apply_groups(ana.id, ["Law"], "scim")
    assert roles(ana) == {"charter_owner"}, "once there is another one"


def test_the_last_owner_keeps_their_place(ana):
    bo = make_person("bo")
    space = make_space(bo)
    groups.grant(None, name="G", space_id=space.id)
    groups.apply_groups(ana.id, ["G"], "scim")
    spaces.add_member(None, space, person_of(ana), role=OWNER)
    spaces.leave(bo, space)
    spaces.join(bo, space)
    groups.apply_groups(ana.id, [], "scim")
    assert role_in(ana, space.id) == OWNER
    spaces.add_member(None, space, person_of(bo), role=OWNER)
    groups.apply_groups(ana.id, [], "scim")
    assert role_in(ana, space.id) is None


def test_partners_get_nothing_from_groups():
    acme = make_organisation("Acme")
    cli = make_person("cli", segment="client", organisation_id=acme.id)
    space = make_space(make_person(), kind="client", organisation_id=acme.id, visibility="closed")
    groups.grant(None, name="G", role="admin")
    groups.grant(None, name="G", space_id=space.id)
    groups.apply_groups(cli.id, ["G"], "ldap")
    assert (roles(cli), role_in(cli, space.id)) == (set(), None)


def test_only_admins_say_what_a_group_stands_for(ana):
    with pytest.raises(Forbidden):
        groups.grant(ana, name="G", role="admin")
    given = groups.grant(None, name="G", role="auditor")
    with pytest.raises(Forbidden):
        groups.withdraw(ana, given.id)
    for wrong in (
        {"name": " "},
        {"name": "G", "role": "king"},
        {"name": "G", "role": "admin", "space_id": 1},
    ):
        with pytest.raises(Invalid):
            groups.grant(None, **{"role": None, **wrong})


def test_odd_names_are_harmless(ana):
    groups.apply_groups(
        ana.id, ["", " ", "\0", "x" * 5_000, "a\0b", "é\ud800", *map(str, range(2_000))], "ldap"
    )
    assert len(groups.known_groups()) == 500
