"""Signing in with the password of the company's directory, a real OpenLDAP server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.auth import actions as auth
from app.auth import factors
from app.auth.directory.wire import Server
from app.auth.models import Identity, Session, SignInFailure
from app.gate import actions as gate
from app.kernel import clock
from app.kernel.db import db
from app.kernel.http import PROOF
from app.people import actions as people
from app.people.models import Person
from app.people.queries import by_login
from tests.make import actor, make_organisation, make_person
from tests.slapd import PASSWORD

NO_MATCH = "This login and password don’t match"


def enter(browser, login, password=PASSWORD):
    return browser.post(
        "/sign-in", data={"login": login, "password": password}, headers={"Accept-Language": "en"}
    )


def linked():
    return db.session.scalars(select(Identity.person_id)).all()


def test_a_directory_password_opens_and_an_account_is_made(anonymous, app, slapd, company):
    slapd.person("ana.duval", cn="Ana Duval", mail="Ana@Acme.example")
    answer = enter(anonymous, "ana.duval")
    assert (answer.status_code, answer.location) == (303, "/")
    ana = by_login("ana.duval")
    assert (ana.name, ana.email, ana.segment) == ("Ana Duval", "ana@acme.example", "employee")
    assert enter(app.test_client(), "ana@acme.example").status_code == 303, "by address too"
    assert linked() == [ana.id]


@pytest.mark.parametrize(
    ("login", "password"),
    [("ana", "wrong"), ("nobody", PASSWORD), ("ana", ""), ("*", PASSWORD), ("an*", PASSWORD),
     ("ana)(uid=*", PASSWORD), ("ána", PASSWORD), ("a" * 254, PASSWORD), ("\\61na", PASSWORD)],
)  # fmt: skip
def test_what_does_not_match_is_refused_in_the_same_words(anonymous, slapd, company, login, password):
    slapd.person("ana")
    answer = enter(anonymous, login, password)
    assert answer.status_code == 422
    assert NO_MATCH in answer.get_data(as_text=True)
    assert anonymous.get_cookie("parvis", domain="127.0.0.1") is None
    assert linked() == []


def test_a_locked_or_disabled_account_is_refused_in_the_same_words(anonymous, slapd, company):
    ana = slapd.person("ana")
    slapd.put(ana, pwdAccountLockedTime="000001010000Z")
    answer = enter(anonymous, "ana")
    assert (answer.status_code, NO_MATCH in answer.get_data(as_text=True)) == (422, True)


def test_failures_are_throttled_before_the_directory_hears_of_them(anonymous, slapd, company):
    slapd.person("ana")
    for _ in range(5):
        assert enter(anonymous, "ana", "wrong").status_code == 422
    slapd.stop()
    assert enter(anonymous, "ana").status_code == 429, "nobody was asked"


def test_an_account_is_taken_over_once_by_address_or_login_and_partners_never(app, slapd, company):
    company(creates=False)
    ana, bo = make_person("a.duval", email="ana@acme.example"), make_person("bo")
    client = make_organisation("Client")
    make_person("cli", segment="client", organisation_id=client.id, email="cli@acme.example")
    for login in ("ana", "bo", "cli"):
        slapd.person(login)
    statuses = [enter(app.test_client(), login).status_code for login in ("ana", "bo", "cli")]
    assert statuses == [303, 303, 422]
    assert sorted(linked()) == sorted([ana.id, bo.id])


def test_the_directory_s_number_counts_and_not_the_name(app, slapd, company):
    company(creates=False)
    ana = make_person("ana")
    dn = slapd.person("ana", mail="a@acme.example")
    assert enter(app.test_client(), "ana").status_code == 303
    slapd.remove(dn)
    slapd.person("ana", mail="a@acme.example")
    assert enter(app.test_client(), "ana").status_code == 422, "somebody else with the same login"
    assert linked() == [ana.id]


def test_when_address_and_login_name_two_neither_is_taken(app, slapd, company):
    make_person("ana", email="other@acme.example")
    make_person("bo", email="ana@acme.example")
    slapd.person("ana")
    assert enter(app.test_client(), "ana").status_code == 422
    assert (linked(), by_login("ana2")) == ([], None)


def test_without_leave_nobody_gets_an_account_and_nobody_learns_it(anonymous, slapd, company):
    company(creates=False)
    slapd.person("ana")
    answer = enter(anonymous, "ana")
    assert (answer.status_code, NO_MATCH in answer.get_data(as_text=True)) == (422, True)
    assert db.session.scalar(select(Person.id).where(Person.login == "ana")) is None


def test_somebody_closed_here_stays_out_in_the_same_words(anonymous, app, slapd, company):
    slapd.person("ana")
    enter(app.test_client(), "ana")
    people.deactivate(None, by_login("ana"))
    answer = enter(anonymous, "ana")
    assert (answer.status_code, NO_MATCH in answer.get_data(as_text=True)) == (422, True)


def test_roles_follow_groups_and_others_stay(app, slapd, company):
    company(roles={"parvis mods": "moderator"})
    dn = slapd.person("ana")
    slapd.group("Parvis Mods", dn)
    enter(app.test_client(), "ana")
    ana = by_login("ana")
    assert ana.roles == ["moderator"]
    people.set_roles(None, ana, ["auditor", "moderator"])
    slapd.group("others", dn)
    slapd.remove("cn=Parvis Mods,ou=groups,dc=acme,dc=example")
    enter(app.test_client(), "ana")
    assert actor(ana.id).roles == {"auditor"}


def test_the_second_factor_is_asked_of_them_too(anonymous, app, slapd, company, monkeypatch):
    slapd.person("ana")
    enter(app.test_client(), "ana")
    monkeypatch.setattr(factors, "factors_of", lambda _id: True)
    answer = enter(anonymous, "ana")
    assert answer.location.startswith("/sign-in/code")
    assert anonymous.get_cookie("parvis", domain="127.0.0.1") is None


def test_the_gate_keeps_them_out_like_others(anonymous, app, slapd, company):
    slapd.person("ana")
    slapd.person("bo")
    for login in ("ana", "bo"):
        assert enter(app.test_client(), login).status_code == 303
    here, shut = {"network": "127.0.0.0/8"}, {"effect": "refuse", "persons": ["ana"]}
    rules = [{"effect": "allow", "roles": ["admin"], **here}, {**shut, **here}, {"effect": "allow", **here}]
    gate.replace(make_person("root", roles=["admin"]), {"rules": rules}, address="127.0.0.1")
    answer = enter(anonymous, "ana")
    assert (answer.status_code, NO_MATCH in answer.get_data(as_text=True)) == (422, True)
    assert enter(anonymous, "bo").status_code == 303


# --- while the directory is away


def test_a_directory_that_is_away_is_said_and_our_own_passwords_still_open(anonymous, app, slapd, company):
    root = make_person("root", roles=["admin"], password=True)
    slapd.stop()
    answer = enter(anonymous, "ana")
    assert answer.status_code == 503
    assert "Your company’s directory doesn’t answer" in answer.get_data(as_text=True)
    assert enter(app.test_client(), root.login).status_code == 303


def test_guesses_at_our_own_passwords_count_while_the_directory_is_away(anonymous, slapd, company):
    make_person("root", roles=["admin"], password=True)
    slapd.stop()
    statuses = [enter(anonymous, "root", f"guess number {n}").status_code for n in range(6)]
    assert statuses == [503] * 5 + [429]


def test_without_passwords_of_ours_a_directory_that_is_away_locks_nobody_out(
    anonymous, app, slapd, company, monkeypatch
):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], passwords=False))
    slapd.person("ana")
    slapd.stop()
    assert [enter(anonymous, "ana").status_code for _ in range(6)] == [503] * 6
    assert db.session.scalars(select(SignInFailure)).all() == []
    slapd.go_on()
    assert enter(anonymous, "ana").status_code == 303


def test_a_server_that_says_nothing_is_given_up(anonymous, slapd, company):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(url=f"ldap://127.0.0.1:{silent.getsockname()[1]}", patience=0.2)
        company(servers=(server,))
        assert enter(anonymous, "ana").status_code == 503


# --- beside passwords of our own


def test_directory_passwords_open_when_ours_are_switched_off(anonymous, app, slapd, company, monkeypatch):
    make_person("local", password=True)
    slapd.person("ana")
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], passwords=False))
    page = anonymous.get("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert 'name="password"' in page
    assert "company account" in page
    assert "An administrator can give you a new one" not in page
    assert enter(app.test_client(), "local").status_code == 422
    assert enter(anonymous, "ana").status_code == 303


def test_without_a_directory_the_page_says_nothing_of_one(anonymous):
    page = anonymous.get("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "company account" not in page
    assert "An administrator can give you a new one" in page


def test_in_the_directory_is_in_there_with_the_password_too_but_admins_may_have_one_here(app, slapd, company):
    slapd.person("ana")
    slapd.person("root")
    for login in ("ana", "root"):
        enter(app.test_client(), login)
        auth.set_password(None, by_login(login), f"a password here of {login}")
    people.set_roles(None, by_login("root"), ["admin"])
    statuses = [
        enter(app.test_client(), login, f"a password here of {login}").status_code
        for login in ("ana", "root")
    ]
    assert statuses == [422, 303]


def test_before_something_heavy_the_directory_s_password_proves_who_one_is(app, slapd, company):
    slapd.person("root")
    slapd.person("ana", userPassword="of ana herself")
    browser = app.test_client()
    assert enter(browser, "root").status_code == 303
    enter(app.test_client(), "ana", "of ana herself")
    people.set_roles(None, by_login("root"), ["admin"])
    db.session.execute(update(Session).values(proven_at=clock.now() - timedelta(hours=1)))
    assert 'name="proof' in browser.get("/proof?next=/admin").text
    word = {f"{PROOF}onward": "/admin", f"{PROOF}word": "of ana herself"}
    assert browser.post("/proof", data=word).status_code == 422, "somebody else's"
    assert browser.post("/proof", data={**word, f"{PROOF}word": PASSWORD}).status_code == 303
