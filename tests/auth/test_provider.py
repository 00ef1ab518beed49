"""Signing in at an identity provider: a real one in a thread, and one of ours that lies."""

from __future__ import annotations

import base64
import hmac
import re
import time
import warnings
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select

from app.auth import actions as auth
from app.auth import oidc, outside
from app.auth.models import Identity, Session
from app.auth.oidc import Attempt, Claims, Client, Provider, Refused
from app.auth.queries import sessions_of
from app.gate import actions as gate
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.people import actions as people
from app.people.queries import by_login
from tests.make import actor, make_organisation, make_person

# The provider under test, in its own thread, uses a library's older names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
BACK = "http://127.0.0.1:8000/sign-in/oidc/company/callback"


@pytest.fixture(scope="session")
def server():
    """A maintained provider on loopback."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread

        ana = {
            "email": "ana@acme.example", "email_verified": True, "name": "Ana Duval",
            "preferred_username": "Ana.Duval", "groups": ["staff", "parvis-moderators"],
            "amr": ["pwd", "mfa"],
        }  # fmt: skip
        with run_server_in_thread(user_claims=[User(sub="u-ana", claims=ana)]) as running:
            yield f"http://127.0.0.1:{running.server_port}"


def provider(issuer, **more):
    known = {"client_id": "parvis", "client_secret": "s3cret-of-parvis", "label": "Acme", "roles": {}}
    return Provider(issuer=issuer, **{**known, **more})


@pytest.fixture
def company(app, server, monkeypatch):
    """The application as an operator configured it; answers how to change what they said."""
    monkeypatch.setattr(app.config["ORIGINS"], "public", "http://127.0.0.1:8000")

    def configure(**more):
        client = Client(provider(server, **more))
        monkeypatch.setitem(app.config, "OIDC", client)
        return client

    configure(creates=True)
    return configure


def recognise(known, claims):
    """As somebody who comes back from the provider here."""
    return outside.recognise(known, claims, address="127.0.0.1")


def walk(browser, onward="/spaces", sub="u-ana"):
    """As a browser would: there, signing in, and back."""
    there = browser.get(f"/sign-in/oidc/company?next={onward}").location
    back = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=5).headers["Location"]
    return browser.get(f"{urlsplit(back).path}?{urlsplit(back).query}")


def test_whom_the_provider_vouches_for_gets_in(anonymous, company):
    assert "/sign-in/oidc/company?next=" in anonymous.get("/sign-in").get_data(as_text=True)
    answer = walk(anonymous)
    assert (answer.status_code, answer.location) == (303, "/spaces")
    assert anonymous.get("/spaces").status_code == 200
    ana = by_login("ana.duval")
    assert (ana.name, ana.email, ana.segment, ana.roles) == ("Ana Duval", "ana@acme.example", "employee", [])
    session = db.session.scalars(select(Session).where(Session.person_id == ana.id)).one()
    assert session.second_factor_at is not None, "the provider asked for two factors"


def test_the_second_time_it_is_the_same_account_whatever_its_name(anonymous, app, company):
    walk(anonymous)
    ana = by_login("ana.duval")
    people.change_profile(actor(ana.id), ana, email="new@acme.example")
    walk(app.test_client())
    assert len(sessions_of(ana.id)) == 2
    assert db.session.scalars(select(Identity.person_id)).all() == [ana.id]


def test_an_account_is_linked_by_a_confirmed_address_of_an_employee_only(company, server):
    ana = make_person("ana", email="ana@acme.example")
    make_person(
        "cli", segment="client", organisation_id=make_organisation("Client").id, email="cli@client.example"
    )
    known = provider(server)
    claims = Claims("s1", "", "x", "X", "ana@acme.example", frozenset(), is_strong=False)
    with pytest.raises(Invalid):
        recognise(known, replace(claims, email=None))
    with pytest.raises(Invalid):
        recognise(known, replace(claims, email="cli@client.example"))
    assert recognise(known, claims).id == ana.id
    with pytest.raises(Invalid):
        recognise(known, replace(claims, subject="s2")), "one account, one identity"


def test_without_leave_nobody_gets_an_account(anonymous, company):
    company(creates=False)
    answer = walk(anonymous)
    assert answer.status_code == 422
    assert anonymous.get_cookie("parvis", domain="127.0.0.1") is None
    assert by_login("ana.duval") is None


def test_somebody_who_left_stays_out(anonymous, app, company):
    walk(anonymous)
    people.deactivate(None, by_login("ana.duval"))
    assert walk(app.test_client()).status_code == 422


def test_whom_the_gate_refuses_here_is_told_what_a_stranger_is_told(anonymous, app, company):
    """No session, no account, no roles: nothing is written for somebody who may not come in from here."""
    root = make_person("root", roles=["admin"])
    walk(anonymous)
    ana, stranger = by_login("ana.duval"), app.test_client()
    company(creates=False)
    unknown = walk(stranger, sub="u-nobody")
    keep, other = {"network": "127.0.0.0/8", "roles": ["admin"]}, {"network": "127.0.0.0/8"}
    rules = [keep, {"effect": "refuse", "network": "127.0.0.0/8", "persons": ["ana.duval"]}, other]
    gate.replace(root, {"rules": rules}, address="127.0.0.1")
    company(creates=True, roles={"parvis-moderators": "moderator"})
    answer = walk(browser := app.test_client())
    assert (answer.status_code, answer.data) == (unknown.status_code, unknown.data)
    assert browser.get_cookie("parvis", domain="127.0.0.1") is None
    assert len(sessions_of(ana.id)) == 1
    assert by_login("ana.duval").roles == []


def test_roles_follow_groups_and_others_stay(anonymous, app, company):
    company(creates=True, roles={"parvis-moderators": "moderator", "parvis-admins": "admin"})
    walk(anonymous)
    ana = by_login("ana.duval")
    assert ana.roles == ["moderator"]
    make_person(roles=["admin"])
    people.set_roles(None, ana, ["admin", "auditor", "moderator"])
    assert walk(app.test_client()).status_code == 303
    assert actor(ana.id).roles == {"auditor", "moderator"}


def test_the_last_admin_keeps_the_role_whatever_the_groups_say(anonymous, app, company):
    company(creates=True, roles={"parvis-admins": "admin"})
    walk(anonymous)
    ana = by_login("ana.duval")
    people.set_roles(None, ana, ["admin"])
    assert walk(app.test_client()).status_code == 303
    assert actor(ana.id).roles == {"admin"}


def test_logins_are_made_free_and_plain(company, server):
    known = provider(server, creates=True)
    claims = Claims("s1", "", "Élodie Brün", "Élodie", None, frozenset(), is_strong=False)
    logins = [recognise(known, replace(claims, subject=f"s{n}")).login for n in range(3)]
    assert logins == ["elodie.brun", "elodie.brun2", "elodie.brun3"]
    assert recognise(known, replace(claims, subject="s9", login="中文")).login == "person"


def test_one_comes_back_in_the_browser_that_went_and_once(anonymous, app, company):
    there = anonymous.get("/sign-in/oidc/company").location
    back = requests.post(there, data={"sub": "u-ana"}, allow_redirects=False, timeout=5).headers["Location"]
    path = f"{urlsplit(back).path}?{urlsplit(back).query}"
    assert app.test_client().get(path).status_code == 503, "somebody else's browser"
    assert anonymous.get(path.replace("state=", "state=x")).status_code == 503
    assert anonymous.get(path).status_code == 303
    assert anonymous.get(path).status_code == 503, "the attempt is spent"


def test_a_refusal_at_the_provider_is_said_and_nothing_of_why(anonymous, company):
    there = anonymous.get("/sign-in/oidc/company").location
    state = parse_qs(urlsplit(there).query)["state"][0]
    answer = anonymous.get(f"/sign-in/oidc/company/callback?error=access_denied_for_reasons&state={state}")
    assert answer.status_code == 503
    assert b"access_denied" not in answer.data


def test_a_provider_that_is_away_is_said(anonymous, app, company, monkeypatch):
    monkeypatch.setitem(app.config, "OIDC", Client(provider("http://127.0.0.1:9")))
    assert anonymous.get("/sign-in/oidc/company").status_code == 503
    assert anonymous.get("/sign-in").status_code == 200


def test_without_a_provider_there_is_nothing_there(anonymous):
    for path in ("/sign-in/oidc/company", "/sign-in/oidc/company/callback"):
        assert anonymous.get(path).status_code == 404
    assert anonymous.post("/sign-in/oidc/company/logout").status_code == 404


def test_passwords_can_be_switched_off(anonymous, app, company, monkeypatch):
    make_person("ana", password=True)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], passwords=False))
    assert 'name="password"' not in anonymous.get("/sign-in").get_data(as_text=True)
    answer = anonymous.post("/sign-in", data={"login": "ana", "password": "correct horse battery"})
    assert answer.status_code == 404


def test_signing_out_goes_on_to_the_provider(anonymous, company, server, sign_in):
    walk(anonymous)
    assert anonymous.post("/sign-out").location.startswith(f"{server}/")
    assert sign_in(make_person()).post("/sign-out").location == "/sign-in"


# --- a provider that lies


class Liar(Client):
    """A client whose provider answers what a test says."""

    def __init__(self, key, **answers):
        super().__init__(provider("https://idp.example"))
        self.answers = {
            "/.well-known/openid-configuration": {
                "issuer": "https://idp.example", "authorization_endpoint": "https://idp.example/go",
                "token_endpoint": "https://idp.example/token", "jwks_uri": "https://idp.example/keys",
            },
            "/keys": KeySet([key]).as_dict(private=False),
            **answers,
        }  # fmt: skip

    def _ask(self, method, address, **more):
        return self.answers[urlsplit(address).path]


@pytest.fixture(scope="module")
def key():
    return RSAKey.generate_key(2048, {"kid": "one"})


def token(key, *, header=None, **changed):
    said = {"iss": "https://idp.example", "aud": "parvis", "sub": "u", "nonce": "n", "iat": int(time.time()),
            "exp": int(time.time()) + 60, **changed}  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "one", **(header or {})}, said, key)


ATTEMPT = Attempt("s", "n", "v", "/")


def come_back(key, made, **answer):
    return Liar(key, **{"/token": {"id_token": made}}).come_back(
        ATTEMPT, BACK, {"state": "s", "code": "c", **answer}
    )


def test_a_true_token_is_believed(key):
    assert come_back(key, token(key)).subject == "u"
    assert come_back(key, token(key, aud=["parvis", "other"], azp="parvis")).subject == "u"


@pytest.mark.parametrize("changed", [
    {"iss": "https://evil.example"}, {"aud": "other"}, {"aud": ["parvis", "other"]}, {"nonce": "other"},
    {"nonce": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"iat": None}, {"iss": None}, {"aud": None},
])  # fmt: skip
def test_a_token_for_somebody_else_or_another_time_is_refused(key, changed):
    with pytest.raises(Refused):
        come_back(key, token(key, **changed))


def test_a_token_signed_by_another_key_or_not_at_all_is_refused(key):
    other = RSAKey.generate_key(2048, {"kid": "one"})
    unsigned = "eyJhbGciOiJub25lIn0." + token(key).split(".")[1] + "."
    for made in (token(other), unsigned, "", "a.b.c", token(key)[:-4] + "AAAA"):
        with pytest.raises(Refused):
            come_back(key, made)


def test_a_secret_known_to_both_is_no_signature(key):
    """A token signed with the public key as if it were a shared secret (algorithm confusion)."""
    head, claims, _signature = token(key, header={"alg": "RS256"}).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=").decode()
    signed = hmac.digest(key.as_pem(private=False), f"{head}.{claims}".encode(), "sha256")
    made = f"{head}.{claims}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"
    with pytest.raises(Refused):
        come_back(key, made)


@pytest.mark.parametrize("answer", [
    {"state": "x"}, {"state": ""}, {"code": ""}, {"iss": "https://evil.example"}, {"error": "x", "code": ""},
])  # fmt: skip
def test_an_answer_to_another_question_is_refused(key, answer):
    with pytest.raises(Refused):
        come_back(key, token(key), **answer)


def test_what_is_told_about_another_subject_is_not_taken_over(key):
    client = Liar(key, **{
        "/token": {"id_token": token(key, name="Ana"), "access_token": "a"},
        "/me": {"sub": "somebody-else", "email": "boss@acme.example", "email_verified": True},
    })  # fmt: skip
    client.answers["/.well-known/openid-configuration"]["userinfo_endpoint"] = "https://idp.example/me"
    claims = client.come_back(ATTEMPT, BACK, {"state": "s", "code": "c"})
    assert claims.email is None


@pytest.mark.parametrize("said", [None, "true", 1, "yes", False])
def test_an_address_counts_only_when_the_provider_confirms_it(key, said):
    claims = come_back(key, token(key, email="ana@acme.example", email_verified=said))
    assert claims.email is None


def test_nothing_is_asked_in_the_clear_from_elsewhere():
    for address in (
        "http://idp.example/x",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1.evil.example/",
    ):
        assert not oidc.is_safe(address)
        with pytest.raises(Refused):
            Client._ask("GET", address)
    assert oidc.is_safe("https://idp.example/x")


# --- signing out at the provider


def logout(key, **changed):
    events = {"events": {oidc.LOGOUT: {}}, "jti": "1", "nonce": None, "sid": "s-1"}
    return token(key, **{**events, **changed})


def test_who_signs_out_there_is_out_here(anonymous, app, key, company, monkeypatch):
    ana = make_person("ana")
    auth.open_session(ana, login="ana", address="127.0.0.1", device="x", provider_sid="s-1")
    monkeypatch.setitem(app.config, "OIDC", Liar(key))
    for wrong in (
        logout(key, nonce="n"), logout(key, events={}), logout(key, jti=None),
        logout(key, sub=None, sid=None),
        token(RSAKey.generate_key(2048, {"kid": "one"}), events={oidc.LOGOUT: {}}, jti="1"), "", "x",
    ):  # fmt: skip
        answer = anonymous.post("/sign-in/oidc/company/logout", data={"logout_token": wrong})
        assert answer.status_code == 400
    assert len(sessions_of(ana.id)) == 1
    cross = {"Sec-Fetch-Site": "cross-site"}
    said = anonymous.post("/sign-in/oidc/company/logout", data={"logout_token": logout(key)}, headers=cross)
    assert said.status_code == 200
    assert sessions_of(ana.id) == []


def test_a_logout_by_subject_ends_all_of_theirs_and_nobody_else_s(company, server):
    bo, known = make_person("bo"), provider(server, creates=True)
    ana = recognise(known, Claims("u", "", "ana", "Ana", None, frozenset(), is_strong=False))
    for who in (ana, ana, bo):
        auth.open_session(who, login=who.login, address="127.0.0.1", device="x")
    outside.end_by_provider(provider(server), "u", "")
    outside.end_by_provider(provider(server), "unknown", "")
    assert (len(sessions_of(ana.id)), len(sessions_of(bo.id))) == (0, 1)


def test_the_way_there_carries_no_secret(key):
    asked = parse_qs(urlsplit(Liar(key).way_there(ATTEMPT, BACK)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert not re.search(r"s3cret|\bv\b", str(asked))
