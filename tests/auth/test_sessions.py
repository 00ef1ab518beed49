"""How long a session or a token lasts, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.auth import actions as auth
from app.auth.queries import IDLE, LASTS, actor_of_session, actor_of_token, sessions_of
from app.kernel import clock, keys
from app.kernel.errors import NotFound
from app.people import actions as people
from tests.make import make_person, person_of


def opened(who):
    return auth.open_session(who, login=who.login, address="127.0.0.1", device="test")


def test_a_session_idle_for_too_long_is_over():
    ana = make_person("ana")
    secret, now = opened(ana), clock.now()
    with clock.at(now + IDLE - timedelta(minutes=1)):
        assert actor_of_session(secret).id == ana.id
    with clock.at(now + 2 * IDLE):
        assert actor_of_session(secret) is None


def test_a_session_in_use_ends_all_the_same():
    secret, now = opened(make_person("ana")), clock.now()
    step = IDLE - timedelta(minutes=1)
    later = now
    while later + step < now + LASTS:
        later += step
        with clock.at(later):
            assert actor_of_session(secret) is not None
    with clock.at(now + LASTS):
        assert actor_of_session(secret) is None


def test_a_cookie_needs_our_signature(app):
    ana = make_person("ana")
    secret = opened(ana)
    client = app.test_client()
    for forged in (
        secret,
        f"{secret}.",
        f"{secret}.{keys.mac('other', secret)}",
        f".{keys.mac('session', '')}",
    ):
        client.set_cookie("parvis", forged, domain="127.0.0.1")
        assert client.get("/").status_code == 303


def test_a_bearer_token_is_for_the_api_only(anonymous):
    token = auth.make_token(None, make_person("ana").id, name="x")
    headers = {"Authorization": f"Bearer {token}"}
    assert anonymous.get("/api/v1/me", headers=headers).status_code == 200
    assert anonymous.get("/", headers=headers).status_code == 303


def test_who_leaves_is_out_at_once_with_sessions_and_tokens():
    ana = make_person("ana")
    secret, token = opened(ana), auth.make_token(None, ana.id, name="x")
    people.deactivate(None, person_of(ana))
    assert actor_of_session(secret) is None
    assert actor_of_token(token) is None
    people.reactivate(None, person_of(ana))
    assert actor_of_session(secret) is None, "coming back doesn't open old sessions"


def test_a_token_ends_on_its_day_or_when_revoked():
    ana, now = make_person("ana"), clock.now()
    day = auth.make_token(ana, ana.id, name="x", expires_at=now + timedelta(days=1))
    kept = auth.make_token(ana, ana.id, name="y")
    with clock.at(now + timedelta(days=1)):
        assert actor_of_token(day) is None
        assert actor_of_token(kept).id == ana.id
    with pytest.raises(NotFound):
        auth.revoke_token(make_person("bo"), actor_of_token(kept).token_id)
    auth.revoke_token(ana, actor_of_token(kept).token_id)
    assert actor_of_token(kept) is None


def test_roles_are_read_anew_at_each_request(sign_in):
    ana = make_person("ana")
    browser = sign_in(ana)
    assert browser.get("/admin").status_code == 403
    people.set_roles(None, person_of(ana), ["admin"])
    assert browser.get("/admin").status_code == 200
    make_person("bo", roles=["admin"])
    people.set_roles(None, person_of(ana), [])
    assert browser.get("/admin").status_code == 403


def test_signing_out_ends_the_session_on_the_server(sign_in, listen):
    ana = make_person("ana")
    browser = sign_in(ana)
    stolen = browser.get_cookie("parvis", domain="127.0.0.1").value
    assert browser.post("/sign-out").location == "/sign-in"
    assert sessions_of(ana.id) == []
    browser.set_cookie("parvis", stolen, domain="127.0.0.1")
    assert browser.get("/").status_code == 303
