"""Two proofs: who has a second factor gets nowhere without it, and each proof counts once."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from app.auth import codes, factors
from app.auth.models import Authenticator, Passkey, RecoveryCode, Session
from app.auth.queries import sessions_of
from app.kernel import clock
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from tests.auth.softkey import SoftKey
from tests.make import PASSWORD, actor, make_person, person_of

HOST = "http://localhost:8000"


def now_of(secret, later=0):
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=later))


@pytest.fixture
def ana():
    return make_person("ana", password=True, locale="en")


@pytest.fixture
def enrolled(ana, sign_in):
    """Ana with an authenticator, enrolled through the page; its secret and the recovery codes."""
    browser = sign_in(ana)
    page = browser.get("/me/second-factor").get_data(as_text=True)
    secret = re.search(r"enrol__letters\">([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    answer = browser.post("/me/second-factor", data={"token": token, "code": now_of(secret)})
    assert answer.status_code == 200
    shown = re.search(r"secret__text--lines[^>]*>([^<]+)<", answer.get_data(as_text=True))[1].split()
    assert len(shown) == codes.RECOVERY_CODES
    return secret, shown


def first_step(client, password=PASSWORD):
    return client.post("/sign-in", data={"login": "ana", "password": password, "next": "/spaces"})


def later(steps=1):
    return clock.at(clock.now() + timedelta(seconds=codes.STEP_SECONDS * steps))


def test_a_password_alone_opens_nothing(anonymous, ana, enrolled):
    before = len(sessions_of(ana.id))
    answer = first_step(anonymous)
    assert answer.location == "/sign-in/code?next=/spaces"
    assert anonymous.get_cookie("parvis", domain="127.0.0.1") is None
    assert anonymous.get("/spaces").status_code == 303
    assert len(sessions_of(ana.id)) == before
    assert anonymous.get("/sign-in/code").status_code == 200


def test_a_right_code_goes_on_and_marks_the_session(anonymous, ana, enrolled):
    secret, _codes = enrolled
    first_step(anonymous)
    with later():
        answer = anonymous.post(
            "/sign-in/code", data={"code": f" {now_of(secret)[:3]} {now_of(secret)[3:]}", "next": "/spaces"}
        )
    assert (answer.status_code, answer.location) == (303, "/spaces")
    newest = db.session.scalars(
        select(Session).order_by(Session.created_at.desc(), Session.id.desc())
    ).first()
    assert newest.second_factor_at is not None
    assert anonymous.get("/spaces").status_code == 200
    assert anonymous.get_cookie("parvis-step", domain="127.0.0.1") is None


def test_a_wrong_password_is_told_nothing_of_second_factors(anonymous, ana, enrolled):
    answer = first_step(anonymous, "wrong")
    assert answer.status_code == 422
    assert "parvis-step" not in answer.headers.get("Set-Cookie", "")


def test_a_code_counts_once(anonymous, app, ana, enrolled):
    secret, _codes = enrolled
    with later():
        code = now_of(secret)
        first_step(anonymous)
        assert anonymous.post("/sign-in/code", data={"code": code}).status_code == 303
        other = app.test_client()
        first_step(other)
        assert other.post("/sign-in/code", data={"code": code}).status_code == 422


def test_a_code_of_before_or_after_the_neighbouring_steps_is_refused(ana, enrolled):
    secret, _codes = enrolled
    with later(10):
        for off in (-90, -60, 60, 90):
            assert not factors.spend_code(ana.id, now_of(secret, off))
        assert factors.spend_code(ana.id, now_of(secret, -30))
        assert factors.spend_code(ana.id, now_of(secret, 30))
        assert not factors.spend_code(ana.id, now_of(secret)), "an earlier step than the last one spent"


def test_a_recovery_code_lets_in_once(anonymous, app, ana, enrolled):
    _secret, shown = enrolled
    first_step(anonymous)
    assert anonymous.post("/sign-in/code", data={"code": shown[3].upper()}).status_code == 303
    other = app.test_client()
    first_step(other)
    assert other.post("/sign-in/code", data={"code": shown[3]}).status_code == 422
    assert other.post("/sign-in/code", data={"code": shown[4]}).status_code == 303
    assert factors.factors_of(ana.id).codes_left == codes.RECOVERY_CODES - 2


def test_guessing_codes_is_slowed_down(anonymous, ana, enrolled):
    first_step(anonymous)
    said = [anonymous.post("/sign-in/code", data={"code": f"{n:06}"}).status_code for n in range(8)]
    assert said[0] == 422
    assert said[-1] == 429
    assert first_step(anonymous).status_code == 429


@pytest.mark.parametrize("cookie", ["", "forged", "eyJ.x"])
def test_without_the_first_step_there_is_no_second(anonymous, ana, enrolled, cookie):
    secret, _codes = enrolled
    anonymous.set_cookie("parvis-step", cookie, domain="127.0.0.1")
    assert anonymous.get("/sign-in/code").location == "/sign-in"
    with later():
        answer = anonymous.post("/sign-in/code", data={"code": now_of(secret)})
    assert answer.status_code == 422
    assert anonymous.get_cookie("parvis", domain="127.0.0.1") is None


def test_the_first_step_is_worth_five_minutes(anonymous, ana, enrolled):
    secret, _codes = enrolled
    first_step(anonymous)
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert anonymous.post("/sign-in/code", data={"code": now_of(secret)}).status_code == 422


def test_somebody_else_s_code_is_worth_nothing(anonymous, ana, enrolled):
    _secret, shown = enrolled
    bo = make_person("bo", password=True)
    other = codes.new_secret()
    factors.enrol(_with_session(bo), secret=other, code=now_of(other))
    first_step(anonymous)
    with later():
        assert anonymous.post("/sign-in/code", data={"code": now_of(other)}).status_code == 422
    assert not factors.spend_code(bo.id, shown[0])


def _with_session(who):
    from dataclasses import replace

    from app.auth import actions as auth

    auth.open_session(who, login=who.login, address="127.0.0.1", device="test")
    return replace(who, session_id=sessions_of(who.id)[0].id)


def test_nothing_readable_is_stored(ana, enrolled):
    secret, shown = enrolled
    kept = db.session.get(Authenticator, ana.id).secret
    assert secret not in kept
    hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert not any(code.replace("-", "") in value for code in shown for value in hashes)
    for entry in db.session.scalars(select(AuditEntry)):
        assert secret not in json.dumps(
            entry.detail if hasattr(entry, "detail") else str(vars(entry)), default=str
        )


def test_enrolling_needs_the_code_of_the_offer(sign_in, ana):
    browser = sign_in(ana)
    page = browser.get("/me/second-factor").get_data(as_text=True)
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    answer = browser.post("/me/second-factor", data={"token": token, "code": "000000"})
    assert answer.status_code == 422
    assert token in answer.get_data(as_text=True), "the picture already scanned stays good"
    assert not factors.factors_of(ana.id)
    bo = sign_in(make_person("bo"))
    assert bo.post("/me/second-factor", data={"token": token, "code": "000000"}).status_code == 422


def test_a_second_authenticator_takes_the_place_of_none(sign_in, ana, enrolled):
    secret = codes.new_secret()
    with pytest.raises(Conflict):
        factors.enrol(_with_session(ana), secret=secret, code=now_of(secret))


def test_a_program_enrols_nothing(ana):
    secret = codes.new_secret()
    with pytest.raises(Forbidden):
        factors.enrol(ana, secret=secret, code=now_of(secret))


def test_turning_it_off_needs_a_code_and_takes_the_recovery_codes_along(sign_in, ana, enrolled):
    secret, _codes = enrolled
    browser = sign_in(ana)
    assert browser.post("/me/second-factor/off", data={"code": "123456"}).status_code == 422
    assert factors.factors_of(ana.id).authenticator
    with later():
        assert browser.post("/me/second-factor/off", data={"code": now_of(secret)}).status_code == 303
    left = factors.factors_of(ana.id)
    assert not left
    assert left.codes_left == 0


def test_new_recovery_codes_take_the_place_of_the_old(sign_in, ana, enrolled):
    secret, shown = enrolled
    with later():
        answer = sign_in(ana).post("/me/second-factor/codes", data={"present": now_of(secret)})
    fresh = re.search(r"secret__text--lines[^>]*>([^<]+)<", answer.get_data(as_text=True))[1].split()
    assert not set(fresh) & set(shown)
    assert not factors.spend_code(ana.id, shown[0])
    assert factors.spend_code(ana.id, fresh[0])


def test_only_an_admin_takes_factors_from_somebody_and_not_from_themselves(ana, enrolled):
    ada = make_person("ada", roles=["admin"])
    with pytest.raises(Forbidden):
        factors.reset(make_person(), person_of(ana))
    with pytest.raises(Forbidden):
        factors.reset(ada, person_of(ada))
    factors.reset(ada, person_of(ana))
    assert not factors.factors_of(ana.id)
    assert (
        db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.seq.desc())).first() == "factor.reset"
    )


# --- passkeys


def asked(page):
    from html import unescape

    options = json.loads(unescape(re.search(r'data-options="([^"]+)"', page)[1]))
    return options, re.findall(r'name="token" value="([^"]+)"', page)


@pytest.fixture
def keyed(ana, sign_in):
    """Ana with a passkey, made through the page."""
    browser, key = sign_in(ana), SoftKey(HOST)
    browser.set_cookie("parvis", browser.get_cookie("parvis", domain="127.0.0.1").value, domain="localhost")
    page = browser.get("/me/second-factor", base_url=HOST).get_data(as_text=True)
    options, tokens = asked(page)
    answer = browser.post(
        "/me/second-factor/passkeys", base_url=HOST,
        data={"name": "My key", "answer": key.create(options), "token": tokens[-1]},
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return key


def answer_with(client, key, **changed):
    client.post("/sign-in", base_url=HOST, data={"login": "ana", "password": PASSWORD})
    options, tokens = asked(client.get("/sign-in/code", base_url=HOST).get_data(as_text=True))
    data = {"answer": key.get(options, **changed), "token": tokens[0]}
    return client.post("/sign-in/passkey", base_url=HOST, data=data), data


def test_a_passkey_lets_in(anonymous, ana, keyed):
    answer, _data = answer_with(anonymous, keyed)
    assert answer.status_code == 303
    assert anonymous.get("/spaces", base_url=HOST).status_code == 200
    assert db.session.scalars(select(Passkey)).one().used_at is not None


def test_its_answer_counts_once(anonymous, app, ana, keyed):
    _answer, data = answer_with(anonymous, keyed)
    other = app.test_client()
    other.post("/sign-in", base_url=HOST, data={"login": "ana", "password": PASSWORD})
    assert other.post("/sign-in/passkey", base_url=HOST, data=data).status_code == 422


@pytest.mark.parametrize("changed", [
    {"origin": "http://evil.example"}, {"challenge": b"x" * 32}, {"host": "evil.example"}, {"forged": True},
    {"credential": b"other"},
])  # fmt: skip
def test_an_answer_to_another_question_or_by_another_key_is_refused(anonymous, ana, keyed, changed):
    answer, _data = answer_with(anonymous, keyed, **changed)
    assert answer.status_code == 422


def test_a_counter_that_goes_back_tells_of_a_copy(anonymous, app, ana, keyed):
    keyed.count = 41
    assert answer_with(anonymous, keyed)[0].status_code == 303
    keyed.count = 7
    with later():
        assert answer_with(app.test_client(), keyed)[0].status_code == 422


@pytest.mark.parametrize("raw", ["", "{}", "[]", "null", '{"rawId": 3}', "{" * 5000, '{"rawId": "AA"}'])
def test_garbage_is_no_answer(anonymous, ana, keyed, raw):
    anonymous.post("/sign-in", base_url=HOST, data={"login": "ana", "password": PASSWORD})
    answer = anonymous.post("/sign-in/passkey", base_url=HOST, data={"answer": raw, "token": "x"})
    assert answer.status_code == 422


def test_a_passkey_is_removed_by_its_owner_only(sign_in, ana, keyed):
    number = db.session.scalars(select(Passkey.id)).one()
    path = f"/me/second-factor/passkeys/{number}/remove"
    assert sign_in(make_person("bo")).post(path).status_code == 404
    assert sign_in(ana).post(path).status_code == 303
    assert not factors.factors_of(ana.id)


def test_a_passkey_of_somebody_else_lets_nobody_in(anonymous, ana, keyed):
    bo = make_person("bo", password=True)
    secret = codes.new_secret()
    factors.enrol(_with_session(bo), secret=secret, code=now_of(secret))
    question = factors.Question.new()
    answer = keyed.get({"challenge": _b64(question.challenge), "rpId": "localhost"})
    site = factors.Site("localhost", HOST)
    assert not factors.spend_passkey(bo.id, site, answer=answer, token=question.sealed(bo.id))
    assert factors.spend_passkey(ana.id, site, answer=answer, token=question.sealed(ana.id))


def _b64(raw):
    import base64

    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_an_offer_too_old_is_made_anew(ana):
    _secret, token = factors.offer(ana)
    with clock.at(clock.now() + timedelta(hours=1)), pytest.raises(Invalid):
        factors.offered(ana, token)
    assert factors.offered(actor(ana.id), factors.offer(ana)[1])


def test_what_is_not_on_cannot_be_turned_off_and_the_page_says_why(sign_in):
    """Without an authenticator neither form is on the page: the sentence stands by itself."""
    browser = sign_in(make_person())
    for path in ("off", "codes"):
        answer = browser.post(f"/me/second-factor/{path}", data={"code": "123456", "present": "123456"})
        assert answer.status_code in (403, 409, 422)
        assert 'class="notice notice--bad"' in answer.text
