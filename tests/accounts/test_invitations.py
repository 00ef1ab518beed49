"""Invitations and reset links: who makes them, what they open, and that each opens it once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import actions
from app.accounts.models import Invitation
from app.accounts.queries import get_invitation, today
from app.accounts.terms import NewInvitation
from app.auth import actions as auth
from app.auth.models import ResetLink, Session
from app.gate.actions import replace_rules
from app.kernel import clock, settings
from app.kernel.action import action
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications.models import Notification
from app.people import actions as people
from app.people.actor import of_person
from app.people.models import Person
from app.people.queries import by_login
from app.spaces.models import Membership
from tests.make import PASSWORD, make_organisation, make_person, make_space, person_of, turn_on_partners

CHOSEN = "a sentence of one's own"
HERE = "127.0.0.1"


@pytest.fixture
def root():
    return make_person("root", roles=["admin"])


def new(**more):
    return NewInvitation.parse({"login": "noa", "name": "Noa Petit", "segment": "employee", **more})


def partner(firm, *spaces, **more):
    asked = {
        "login": "cli", "name": "Clara Client", "segment": "client", "organisation": str(firm.id),
        "spaces": [str(space.id) for space in spaces], "sponsor": "ana",
        "ends_on": (today() + timedelta(days=30)).isoformat(), **more,
    }  # fmt: skip
    return NewInvitation.parse(asked)


def accept(secret, password=CHOSEN, **more):
    return actions.accept(secret, **{"password": password, "locale": "en", "address": HERE, **more})


def join(client, secret, password=CHOSEN, **more):
    return client.post(
        f"/join/{secret}", data={"password": password, "again": password, "locale": "en", **more}
    )


# --- invitations ----------------------------------------------------------------------------------------


def test_whoever_is_invited_chooses_a_password_and_is_in(anonymous, root):
    _made, secret = actions.invite(root, new(email="noa@works.example", site="Lyon"))
    page = anonymous.get(f"/join/{secret}").get_data(as_text=True)
    assert "Noa Petit" in page
    answer = join(anonymous, secret)
    assert (answer.status_code, answer.location) == (303, "/")
    noa = by_login("noa")
    assert (noa.locale, noa.site, noa.email, noa.roles) == ("en", "Lyon", "noa@works.example", [])
    assert f'data-person="{noa.id}"' in anonymous.get("/").get_data(as_text=True)
    assert auth.check_password("noa", CHOSEN, address=HERE).id == noa.id


def test_the_secret_is_kept_nowhere(sign_in, root):
    answer = sign_in(root).post(
        "/admin/people/invitations", data={"login": "noa", "name": "Noa", "segment": "employee"}
    )
    assert answer.status_code == 201
    secret = re.search(r"/join/([\w-]+)", answer.get_data(as_text=True))[1]
    kept = db.session.scalar(select(Invitation))
    assert secret not in repr({c.name: getattr(kept, c.name) for c in Invitation.__table__.columns})
    assert all(secret not in one.record for one in db.session.scalars(select(AuditEntry)))
    assert secret not in sign_in(root).get("/admin/people/invitations").get_data(as_text=True)


def test_a_link_works_once(anonymous, app, root):
    _made, secret = actions.invite(root, new())
    join(anonymous, secret)
    again = app.test_client()
    answer = join(again, secret, "somebody else's words")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    with pytest.raises(Invalid):
        auth.check_password("noa", "somebody else's words", address=HERE)


def test_of_two_who_follow_it_at_once_one_comes_in(root, monkeypatch):
    """The second has read the invitation while it was open; the row says otherwise when it counts."""
    made, secret = actions.invite(root, new())
    accept(secret)
    monkeypatch.setattr(actions, "open_invitation", lambda _secret: made)
    with pytest.raises(NotFound):
        accept(secret, "somebody else's words")
    assert len(db.session.scalars(select(Person).where(Person.login == "noa")).all()) == 1


def test_unknown_used_old_and_taken_back_read_alike(anonymous, root):
    _used, used = actions.invite(root, new(login="used"))
    accept(used)
    gone, taken_back = actions.invite(root, new(login="gone"))
    actions.revoke(root, gone)
    with clock.at(clock.now() - timedelta(days=8)):
        _old, old = actions.invite(root, new(login="old"))
    said = set()
    for secret in (used, taken_back, old, "never-made", "x" * 3_000):
        for answer in (anonymous.get(f"/join/{secret}"), join(anonymous, secret)):
            assert "Set-Cookie" not in answer.headers
            said.add((answer.status_code, answer.get_data()))
    assert len(said) == 1
    assert {status for status, _page in said} == {404}


def test_a_refused_password_leaves_the_link_good_and_nothing_behind(anonymous, root):
    _made, secret = actions.invite(root, new())
    assert join(anonymous, secret, "short").status_code == 422
    assert join(anonymous, secret, again="something else").status_code == 422
    assert join(anonymous, secret, locale="xx").status_code == 422
    assert by_login("noa") is None
    assert join(anonymous, secret).status_code == 303


def test_what_was_typed_isnt_shown_again(anonymous, root):
    _made, secret = actions.invite(root, new())
    assert "shörty" not in join(anonymous, secret, "shörty").get_data(as_text=True)


def test_only_admins_invite(sign_in, root):
    ana = make_person("ana")
    with pytest.raises(Forbidden):
        actions.invite(ana, new())
    browser = sign_in(ana)
    assert browser.get("/admin/people/invitations").status_code == 403
    assert browser.post("/admin/people/invitations", data={"login": "x", "name": "X"}).status_code == 403
    made, _secret = actions.invite(root, new())
    assert browser.post(f"/admin/people/invitations/{made.id}/revoke").status_code == 403
    with pytest.raises(NotFound):
        get_invitation(ana, made.id)


def test_a_login_is_promised_once(root):
    make_person("ana", email="ana@works.example")
    with pytest.raises(Invalid):
        actions.invite(root, new(login="ana"))
    made, _secret = actions.invite(root, new(email="noa@works.example"))
    with pytest.raises(Invalid):
        actions.invite(root, new())
    with pytest.raises(Invalid):
        actions.invite(root, new(login="other", email="NOA@works.example"))
    actions.revoke(root, made)
    assert actions.invite(root, new())


def test_a_login_taken_meanwhile_is_said_and_the_link_stays_good(anonymous, root):
    _made, secret = actions.invite(root, new())
    taken = make_person("noa")
    assert join(anonymous, secret).status_code == 422
    assert by_login("noa").id == taken.id
    assert db.session.scalar(select(Invitation.used_at)) is None


def test_what_was_used_cant_be_taken_back(root):
    made, secret = actions.invite(root, new())
    accept(secret)
    with pytest.raises(Conflict):
        actions.revoke(root, made)


def test_the_gate_stands_before_a_link(anonymous, root):
    """A rule that lets nobody of theirs in from here makes the link lead nowhere, and leaves it good."""
    firm = make_organisation("Acme", "client")
    make_person("ana")
    turn_on_partners()
    _made, secret = actions.invite(root, partner(firm, networks="10.9.0.0/16"))
    assert join(anonymous, secret).status_code == 404
    assert by_login("cli") is None
    person, works = accept(secret, address="10.9.1.1") if _open_from("10.9.0.0/16", root) else (None, False)
    assert works
    assert person.enters_from == ["10.9.0.0/16"]


def _open_from(network, root):
    replace_rules(root, [("127.0.0.0/8", "here"), (network, "there")], address=HERE)
    return True


# --- partners ---------------------------------------------------------------------------------------------


@pytest.fixture
def firm():
    turn_on_partners()
    return make_organisation("Acme", "client")


def test_a_partner_belongs_to_one_organisation_and_its_spaces(root, firm):
    ana = make_person("ana")
    space = make_space(ana, kind="client", organisation_id=firm.id, visibility="closed")
    _made, secret = actions.invite(root, partner(firm, space))
    person, works = accept(secret)
    assert works
    assert (person.segment, person.organisation_id, person.sponsor_id) == ("client", firm.id, ana.id)
    assert db.session.get(Membership, (space.id, person.id)) is not None
    told = db.session.scalars(select(Notification).where(Notification.person_id == ana.id)).all()
    assert [one.data["step"] for one in told if one.kind == "guest"] == ["joined"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sponsor": ""}, "sponsor"),
        ({"sponsor": "nobody"}, "sponsor"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"ends_on": "2099-01-01"}, "ends_on"),
        ({"segment": "supplier"}, "organisation"),
        ({"organisation": ""}, "organisation_id"),
        ({"networks": "everywhere"}, "networks"),
    ],
)
def test_a_partner_has_sponsor_end_and_organisation(root, firm, wrong, field):
    make_person("ana")
    with pytest.raises(Invalid) as refusal:
        actions.invite(root, partner(firm, **wrong))
    assert field in refusal.value.fields


def test_a_partner_gets_no_space_of_another_organisation(root, firm):
    ana = make_person("ana")
    bolt = make_organisation("Bolt", "supplier")
    for space in (
        make_space(ana),
        make_space(ana, kind="supplier", organisation_id=bolt.id, visibility="closed"),
    ):
        with pytest.raises(Invalid) as refusal:
            actions.invite(root, partner(firm, space))
        assert "spaces" in refusal.value.fields


def test_no_partner_sponsors_a_partner_and_nobody_who_left(root, firm):
    make_person("cli0", segment="client", organisation_id=firm.id)
    gone = make_person("gone")
    people.deactivate(None, person_of(gone))
    for sponsor in ("cli0", "gone"):
        with pytest.raises(Invalid):
            actions.invite(root, partner(firm, sponsor=sponsor))


def test_an_employee_has_neither_spaces_nor_end(root, firm):
    make_person("ana")
    with pytest.raises(Invalid):
        actions.invite(root, new(sponsor="ana"))


def test_a_link_dies_with_its_sponsor_and_while_partners_are_off(anonymous, root, firm):
    ana = make_person("ana")
    _made, secret = actions.invite(root, partner(firm))
    action(settings.put)("partners_enabled", False)
    assert join(anonymous, secret).status_code == 404
    turn_on_partners()
    assert anonymous.get(f"/join/{secret}").status_code == 200
    people.deactivate(None, person_of(ana))
    assert join(anonymous, secret).status_code == 404


# --- approval ---------------------------------------------------------------------------------------------


def test_an_account_that_waits_doesnt_work_until_the_sponsor_agrees(anonymous, sign_in, root, firm):
    ana = make_person("ana")
    made, secret = actions.invite(root, partner(firm, approval="1"))
    answer = join(anonymous, secret)
    assert answer.location == "/sign-in?done=waits"
    assert "parvis=" not in str(answer.headers)
    with pytest.raises(Invalid):
        auth.check_password("cli", CHOSEN, address=HERE)
    page = sign_in(ana).get("/guests").get_data(as_text=True)
    assert "Clara Client" in page
    sent = sign_in(ana).post(f"/guests/invitations/{made.id}/answer", data={"answer": "approve"})
    assert sent.status_code == 303
    assert auth.check_password("cli", CHOSEN, address=HERE).login == "cli"


def test_the_first_answer_counts(root, firm):
    ana = make_person("ana")
    made, secret = actions.invite(root, partner(firm, approval="1"))
    with pytest.raises(Conflict):
        actions.answer(ana, made, approved=True)
    accept(secret)
    actions.answer(ana, made, approved=False)
    with pytest.raises(Conflict):
        actions.answer(root, made, approved=True)
    assert of_person(by_login("cli").id) is None


def test_others_neither_answer_nor_know(sign_in, root, firm):
    make_person("ana")
    eve = make_person("eve")
    made, secret = actions.invite(root, partner(firm, approval="1"))
    accept(secret)
    browser = sign_in(eve)
    hidden = browser.post(f"/guests/invitations/{made.id}/answer", data={"answer": "approve"})
    missing = browser.post("/guests/invitations/404404/answer", data={"answer": "approve"})
    assert (hidden.status_code, hidden.data) == (missing.status_code, missing.data) == (404, missing.data)
    assert "Clara" not in browser.get("/guests").get_data(as_text=True)
    with pytest.raises(Forbidden):
        actions.answer(eve, made, approved=True)


# --- reset links ------------------------------------------------------------------------------------------


def reset(client, secret, password=CHOSEN):
    return client.post(f"/reset/{secret}", data={"password": password, "again": password})


def test_a_reset_link_changes_the_password_once_and_ends_every_session(anonymous, sign_in, root):
    ana = make_person("ana", password=True)
    theirs = sign_in(ana)
    page = sign_in(root).post(f"/admin/people/{ana.id}/reset-link").get_data(as_text=True)
    secret = re.search(r"/reset/([\w-]+)", page)[1]
    assert anonymous.get(f"/reset/{secret}").status_code == 200
    assert theirs.get("/").status_code == 200
    answer = reset(anonymous, secret)
    assert (answer.status_code, answer.location) == (303, "/sign-in?done=reset")
    assert "Set-Cookie" not in answer.headers
    assert theirs.get("/").status_code == 303
    assert auth.check_password("ana", CHOSEN, address=HERE).id == ana.id
    assert reset(anonymous, secret, "somebody else's words").status_code == 404
    assert auth.check_password("ana", CHOSEN, address=HERE).id == ana.id


def test_of_two_resets_at_once_one_counts(root, monkeypatch):
    ana = make_person("ana", password=True)
    secret = auth.make_reset_link(root, person_of(ana))
    auth.reset_password(secret, CHOSEN, address=HERE)
    monkeypatch.setattr(auth, "reset_link_of", lambda _secret: ana.id)
    with pytest.raises(NotFound):
        auth.reset_password(secret, "somebody else's words", address=HERE)


def test_old_replaced_unknown_and_closed_read_alike(anonymous, root):
    ana, bo, gone = (make_person(login, password=True) for login in ("ana", "bo", "gone"))
    with clock.at(clock.now() - timedelta(days=2)):
        old = auth.make_reset_link(root, person_of(bo))
    replaced = auth.make_reset_link(root, person_of(ana))
    auth.make_reset_link(root, person_of(ana))
    left = auth.make_reset_link(root, person_of(gone))
    people.deactivate(None, person_of(gone))
    said = {(a.status_code, a.data) for a in (reset(anonymous, s) for s in (old, replaced, left, "never"))}
    assert len(said) == 1
    assert {status for status, _page in said} == {404}


def test_a_password_changed_otherwise_ends_the_links(anonymous, root):
    ana = make_person("ana", password=True)
    secret = auth.make_reset_link(root, person_of(ana))
    auth.set_password(None, person_of(ana), "another sentence")
    assert reset(anonymous, secret).status_code == 404


def test_a_refused_password_leaves_the_reset_link_good(anonymous, root):
    ana = make_person("ana", password=True)
    secret = auth.make_reset_link(root, person_of(ana))
    assert reset(anonymous, secret, "short").status_code == 422
    assert db.session.scalar(select(ResetLink.used_at)) is None
    assert reset(anonymous, secret).status_code == 303


def test_a_reset_opens_no_session_by_itself(anonymous, root):
    """Whoever has a second factor is asked for it as always."""
    ana = make_person("ana", password=True)
    reset(anonymous, auth.make_reset_link(root, person_of(ana)))
    assert db.session.scalar(select(Session).where(Session.person_id == ana.id)) is None


def test_only_admins_make_reset_links(sign_in):
    ana, eve = make_person("ana", password=True), make_person("eve")
    with pytest.raises(Forbidden):
        auth.make_reset_link(eve, person_of(ana))
    assert sign_in(eve).post(f"/admin/people/{ana.id}/reset-link").status_code == 403
    assert PASSWORD
