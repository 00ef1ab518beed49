"""Heavy acts ask once more who it is: what for, how, and that nothing typed is lost on the way."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from app.auth import factors, throttle
from app.auth.models import Credential, Session
from app.auth.queries import tokens_of
from app.kernel import clock
from app.kernel.action import action
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.people.actor import PROOF_LASTS
from app.people.queries import by_login
from tests.make import PASSWORD, make_person, person_of

# Every heavy act there is; a new one is added here and marked where it is.
HEAVY = {
    "admin.screens.directory.grant",
    "admin.screens.directory.make_key",
    "admin.screens.gate.change",
    "admin.screens.gate.reset",
    "admin.screens.gate_rules.change",
    "admin.screens.invitations.create",
    "admin.screens.organisations.delete",
    "admin.screens.organisations.merge",
    "admin.screens.people.add",
    "admin.screens.people.change",
    "admin.screens.people.deactivate",
    "admin.screens.people.make_reset_link",
    "admin.screens.people.reactivate",
    "admin.screens.people.reset_factors",
    "admin.screens.people.reset_password",
    "admin.screens.people_import.apply",
    "admin.screens.save_company",
    "api.gate.replace",
    "api.gate.settle",
    "charter_learning.export",
    "me.change_password",
    "me.create_token",
    "me.factors.add_passkey",
    "me.factors.drop",
    "me.factors.drop_passkey",
    "me.factors.enrol",
    "me.factors.renew_codes",
    "me.password",
    "moderation.acts.impose",
    "moderation.reveal",
    "playbooks.seal",
    "playbooks.seal_item",
    "trials.open_excerpt",
}
NEW = {"login": "noa", "name": "Noa <Petit>", "email": "", "segment": "employee", "organisation": ""}


@pytest.fixture
def root():
    return make_person("root", password=True, roles=["admin"])


@pytest.fixture
def late(sign_in, root):
    """A browser in which an admin signed in a while ago."""
    browser = sign_in(root)
    _let_time_go_by()
    return browser


@action
def _let_time_go_by():
    db.session.execute(update(Session).values(proven_at=clock.now() - PROOF_LASTS - timedelta(seconds=1)))


def fields(page):
    """The hidden fields of the form that a page shows, as a browser sends them."""
    form = re.search(r'<form class="form" method="post" action="/proof">(.*?)</form>', page, re.S)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


def sent(browser, given, **more):
    pairs = {}
    for name, value in [*given, *((name.replace("_", "-"), value) for name, value in more.items())]:
        pairs.setdefault(name, []).append(value)
    return browser.post("/proof", data=pairs)


def cookie(browser):
    return browser.get_cookie("parvis", domain="127.0.0.1").value


def test_these_are_the_heavy_acts(app):
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "is_heavy")}
    assert marked == HEAVY


def test_whoever_just_signed_in_isnt_asked(sign_in, root):
    assert sign_in(root).post("/admin/people", data=NEW).status_code == 201


def test_later_one_is_asked_and_nothing_is_done(late):
    answer = late.post("/admin/people", data=NEW)
    assert answer.status_code == 403
    assert 'action="/proof"' in answer.get_data(as_text=True)
    assert by_login("noa") is None


def test_with_the_password_what_was_sent_goes_on_by_itself(late):
    page = late.post("/admin/people", data={**NEW, "roles[]": ["moderator", "auditor"]}).get_data(
        as_text=True
    )
    kept = fields(page)
    answer = sent(late, kept, proof_word=PASSWORD)
    assert (answer.status_code, answer.location) == (307, "/admin/people")
    again = {}
    for name, value in [*kept, ("proof-word", PASSWORD)]:  # a browser sends the same body on
        again.setdefault(name, []).append(value)
    assert late.post(answer.location, data=again).status_code == 201
    noa = by_login("noa")
    assert (noa.name, noa.roles) == ("Noa <Petit>", ["auditor", "moderator"])
    assert late.post("/admin/people", data={**NEW, "login": "other"}).status_code == 201, "not asked twice"


def test_the_secret_of_the_session_changes_and_the_old_one_opens_nothing(app, late, root):
    before = cookie(late)
    thief = app.test_client()
    thief.set_cookie("parvis", before, domain="127.0.0.1")
    assert thief.get("/me").status_code == 200
    sent(late, [("proof-onward", "/me")], proof_word=PASSWORD)
    assert cookie(late) != before
    assert late.get("/me").status_code == 200
    assert thief.get("/me").status_code == 303
    assert len(db.session.scalars(select(Session).where(Session.person_id == root.id)).all()) == 1
    assert "session.proven" in db.session.scalars(select(AuditEntry.act)).all()


def test_a_wrong_password_does_nothing_keeps_what_was_sent_and_is_counted(late):
    kept = fields(late.post("/admin/people", data=NEW).get_data(as_text=True))
    before = cookie(late)
    for _try in range(throttle.FREE_PAIR):
        answer = sent(late, kept, proof_word="wrong")
        assert answer.status_code == 422
        assert ("name", "Noa <Petit>") in fields(answer.get_data(as_text=True))
    assert sent(late, kept, proof_word=PASSWORD).status_code == 429
    assert cookie(late) == before
    assert by_login("noa") is None


def test_who_has_a_second_factor_gives_it_and_no_password_does(sign_in, root):
    browser = sign_in(root)
    me = _acting(root)
    secret = factors.codes.new_secret()
    factors.enrol(me, secret=secret, code=pyotp.TOTP(secret).now())
    _let_time_go_by()
    page = browser.post("/admin/people", data=NEW).get_data(as_text=True)
    assert 'name="proof-code"' in page
    assert 'name="proof-word"' not in page
    kept = fields(page)
    assert sent(browser, kept, proof_word=PASSWORD).status_code == 422
    with clock.at(clock.now() + timedelta(seconds=30)):
        code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
        assert sent(browser, kept, proof_code=code).status_code == 307
        _let_time_go_by()
        assert sent(browser, kept, proof_code=code).status_code == 422, "a code counts once"


def _acting(who):
    from dataclasses import replace

    session = db.session.scalar(select(Session.id).where(Session.person_id == who.id))
    return replace(who, session_id=session)


def test_passwords_are_never_put_into_the_page(late):
    typed = {"current": "a secret thought", "new": "another secret", "again": "another secret", "csrf": "x"}
    page = late.post("/me/password", data=typed).get_data(as_text=True)
    assert "secret" not in page
    assert 'action="/proof"' in page


def test_a_page_that_is_heavy_to_read_asks_on_the_way(late):
    answer = late.get("/me/password")
    assert (answer.status_code, answer.location) == (303, "/proof?next=/me/password")
    asked = late.get(answer.location)
    assert asked.status_code == 200
    done = sent(late, fields(asked.get_data(as_text=True)), proof_word=PASSWORD)
    assert (done.status_code, done.location) == (303, "/me/password")
    assert late.get("/me/password").status_code == 200


def test_trying_rules_isnt_heavy_saving_them_is(late):
    assert late.post("/admin/gate/rules", data={"do": "add"}).status_code == 200
    assert 'action="/proof"' in late.post("/admin/gate/rules", data={"do": "save"}).get_data(as_text=True)


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_one_goes_on_inside_only(late, onward):
    given = [("proof-onward", onward), ("proof-sends", "1"), ("x", "y")]
    assert sent(late, given, proof_word=PASSWORD).location == "/"
    assert late.get(f"/proof?next={onward}").location == "/"


def test_scripts_and_programs_are_told(sign_in, api, root):
    browser = sign_in(root)
    _let_time_go_by()
    piece = browser.post("/admin/people", data=NEW, headers={"X-Fragment": "1"})
    assert (piece.status_code, piece.get_json()["code"]) == (403, "proof_needed")
    rules = {"rules": [{"network": "127.0.0.0/8", "name": "here"}]}
    with_cookie = browser.put("/api/v1/gate/rules", json=rules)
    assert (with_cookie.status_code, with_cookie.get_json()["code"]) == (403, "proof_needed")
    assert api(root)("PUT", "/gate/rules", rules)[0] == 200, "a token was made after such a proof"


def test_a_token_is_made_after_a_proof(late, root):
    answer = late.post("/me/tokens", data={"name": "script", "days": "30"})
    assert answer.status_code == 403
    assert list(tokens_of(root.id)) == []


def test_the_answer_that_holds_the_secret_isnt_kept_for_a_repeated_request(late):
    given = [("proof-onward", "/me"), ("idempotency", "k1")]
    sent(late, given, proof_word=PASSWORD)
    from app.kernel.idempotency import Answer

    assert db.session.scalars(select(Answer)).all() == []


def test_another_site_proves_nothing(late):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    answer = late.post("/proof", data={"proof-word": PASSWORD, "proof-onward": "/"}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    heavy = late.post("/admin/people", data=NEW, headers=headers)
    assert 'action="/proof"' not in heavy.get_data(as_text=True)


def test_others_are_told_they_may_not_only_after_the_proof_and_do_nothing(sign_in):
    ana = make_person("ana", password=True)
    browser = sign_in(ana)
    assert browser.post("/admin/people", data=NEW).status_code == 403
    _let_time_go_by()
    assert browser.post("/admin/people", data=NEW).status_code == 403
    assert by_login("noa") is None


def test_who_has_neither_password_nor_factor_is_told_the_way(sign_in, root):
    browser = sign_in(root)
    action(lambda: db.session.delete(db.session.get(Credential, root.id)))()
    _let_time_go_by()
    page = browser.post("/admin/people", data=NEW).get_data(as_text=True)
    assert 'name="proof-word"' not in page
    assert sent(browser, [("proof-onward", "/")], proof_word="").status_code == 422
    assert person_of(root).deactivated_at is None
