"""Accounts: who may make them, what they hold, and that somebody always runs the place."""

from __future__ import annotations

import pytest

from app.kernel.errors import Conflict, Forbidden, Invalid
from app.people import actions as people
from app.people.models import ROLES
from app.people.queries import active_admins, is_line_manager
from tests.make import make_organisation, make_person, person_of


def add(actor=None, **more):
    return people.add_person(actor, **{"login": "ana", "name": "Ana Duval", **more})


@pytest.mark.parametrize("login", ["", "a b", "é", "-a", "a.", "a/b", "a" * 65, "a\nb", "..", "a@b"])
def test_a_login_is_plain(login):
    with pytest.raises(Invalid) as refusal:
        add(login=login)
    assert "login" in refusal.value.fields


def test_logins_and_addresses_belong_to_one_person_whatever_the_case():
    add(login="Ana", email="Ana@acme.example")
    with pytest.raises(Invalid) as refusal:
        add(login="ANA", email="ana@ACME.example")
    assert set(refusal.value.fields) == {"login", "email"}


@pytest.mark.parametrize(
    "wrong",
    [{"segment": "client"}, {"segment": "guest"}, {"roles": ["king"]}, {"organisation": True}],
)
def test_segments_organisations_and_roles_go_together(wrong):
    if wrong.pop("organisation", None):
        wrong["organisation_id"] = make_organisation("Acme").id
    with pytest.raises(Invalid):
        add(**wrong)


@pytest.mark.parametrize("role", ROLES)
def test_partners_have_no_role(role):
    with pytest.raises(Invalid):
        add(segment="client", organisation_id=make_organisation("Acme").id, roles=[role])


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_only_admins_manage_accounts(role):
    who, other = make_person(roles=[role]), person_of(make_person())
    for attempt in (
        lambda: add(who, login="new"),
        lambda: people.set_roles(who, other, ["admin"]),
        lambda: people.deactivate(who, other),
        lambda: people.reactivate(who, other),
        lambda: people.add_team(who, name="Team"),
        lambda: people.change_profile(who, other, title="Boss"),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_the_last_admin_stays():
    ada, bo = make_person(roles=["admin"]), make_person(roles=["admin"])
    people.set_roles(None, person_of(bo), ["moderator"])
    for attempt in (
        lambda: people.set_roles(ada, person_of(ada), []),
        lambda: people.deactivate(None, person_of(ada)),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert active_admins() == 1
    people.deactivate(None, person_of(bo))


def test_an_admin_who_left_does_not_count_and_may_lose_the_role():
    make_person(roles=["admin"])
    gone = make_person(roles=["admin"])
    people.deactivate(None, person_of(gone))
    assert active_admins() == 1
    people.set_roles(None, person_of(gone), [])


def test_a_line_goes_up_and_never_round_and_round():
    top = make_person()
    middle = make_person(manager_id=top.id)
    ana = make_person(manager_id=middle.id)
    assert is_line_manager(top.id, ana.id)
    assert not is_line_manager(ana.id, top.id)
    people.change_profile(top, person_of(top), manager_id=ana.id)
    assert is_line_manager(ana.id, top.id)
    assert not is_line_manager(make_person().id, top.id)
