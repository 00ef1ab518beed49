"""Who gets a session, what they are told when not, and how long guessing takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.auth import actions as auth
from app.auth import throttle
from app.auth.models import Session
from app.kernel import clock, settings
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.people import actions as people
from tests.make import PASSWORD, make_organisation, make_person, person_of


def enter(client, login, password=PASSWORD, **more):
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def test_somebody_with_their_password_gets_in(anonymous):
    ana = make_person("ana", password=True)
    answer = enter(anonymous, "ana")
    assert (answer.status_code, answer.location) == (303, "/")
    assert f'data-person="{ana.id}"' in anonymous.get("/").get_data(as_text=True)


def test_the_login_is_read_without_case_and_may_be_the_address(anonymous):
    make_person("ana", password=True, email="ana.duval@acme.example")
    assert enter(anonymous, " ANA ").status_code == 303
    assert enter(anonymous, "Ana.Duval@acme.example").status_code == 303


def test_every_refusal_reads_alike(anonymous):
    """Unknown login, wrong password, none at all, somebody who left, a partner while they are off."""
    acme = make_organisation("Acme")
    make_person("ana", password=True)
    make_person("nopass")
    gone = make_person("gone", password=True)
    people.deactivate(None, person_of(gone))
    make_person("cli", password=True, segment="client", organisation_id=acme.id)
    settings_off()
    said = set()
    for login, password in [
        ("ana", "wrong"), ("nobody", PASSWORD), ("nopass", PASSWORD), ("gone", PASSWORD), ("cli", PASSWORD),
    ]:  # fmt: skip
        answer = enter(anonymous, login, password)
        assert answer.status_code == 422
        assert "Set-Cookie" not in answer.headers
        said.add(answer.get_data(as_text=True).replace(login, "LOGIN"))
    assert len(said) == 1


def settings_off():
    from app.kernel.action import action

    action(settings.put)("partners_enabled", False)


def test_what_was_typed_is_kept_but_never_the_password(anonymous):
    page = enter(anonymous, "ana.<b>", "a secret thought").get_data(as_text=True)
    assert 'value="ana.&lt;b&gt;"' in page
    assert "a secret thought" not in page


def test_a_session_is_new_at_each_sign_in_and_its_secret_is_kept_nowhere(anonymous):
    make_person("ana", password=True)
    enter(anonymous, "ana")
    first = anonymous.get_cookie("parvis", domain="127.0.0.1").value
    anonymous.post("/sign-out")
    enter(anonymous, "ana")
    second = anonymous.get_cookie("parvis", domain="127.0.0.1").value
    assert first != second
    kept = {row.secret_hash for row in db.session.scalars(select(Session))}
    assert not kept & {first.partition(".")[0], second.partition(".")[0]}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(anonymous):
    make_person("ana", password=True)
    cookie = enter(anonymous, "ana").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_a_cookie_somebody_chose_is_never_a_session(anonymous):
    """Neither before nor after signing in: nobody can plant a session."""
    make_person("ana", password=True)
    anonymous.set_cookie("parvis", "planted.secret", domain="127.0.0.1")
    assert anonymous.get("/").status_code == 303
    enter(anonymous, "ana")
    assert anonymous.get_cookie("parvis", domain="127.0.0.1").value != "planted.secret"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", ""],
)
def test_one_goes_on_inside_only(anonymous, onward):
    make_person("ana", password=True)
    assert enter(anonymous, "ana", next=onward).location == "/"


def test_one_goes_on_where_one_wanted_to(anonymous):
    make_person("ana", password=True)
    assert anonymous.get("/spaces?kind=social").location == "/sign-in?next=/spaces%3Fkind%3Dsocial"
    assert enter(anonymous, "ana", next="/spaces?kind=social").location == "/spaces?kind=social"


def test_after_several_failures_one_waits_even_with_the_right_password(anonymous):
    make_person("ana", password=True)
    for _try in range(throttle.FREE_PAIR):
        assert enter(anonymous, "ana", "wrong").status_code == 422
    answer = enter(anonymous, "ana")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_wait_grows_and_ends(app):
    now = clock.now()
    with clock.at(now):
        waits = []
        for _try in range(12):
            auth.record_failure("ana", "127.0.0.1")
            waits.append(throttle.wait_seconds("ana", "127.0.0.1"))
    assert waits[: throttle.FREE_PAIR - 1] == [0] * (throttle.FREE_PAIR - 1)
    assert waits == sorted(waits)
    assert 0 < waits[-1] <= throttle.LONGEST_WAIT
    with clock.at(now + timedelta(seconds=waits[-1])):
        assert throttle.wait_seconds("ana", "127.0.0.1") == 0


def test_nobody_locks_somebody_else_out():
    """Whoever types wrong passwords for Ana from elsewhere hardly slows her down."""
    for number in range(200):
        auth.record_failure("ana", f"10.0.{number // 250}.{number % 250}")
    assert throttle.wait_seconds("ana", "127.0.0.1") <= throttle.LONGEST_ACCOUNT_WAIT


def test_one_address_that_tries_many_accounts_waits():
    for number in range(throttle.FREE_ADDRESS):
        auth.record_failure(f"person{number}", "127.0.0.9")
    assert throttle.wait_seconds("somebody.else", "127.0.0.9") > 0
    assert throttle.wait_seconds("somebody.else", "127.0.0.8") == 0


def test_a_success_clears_the_account_from_there(anonymous):
    make_person("ana", password=True)
    for _try in range(throttle.FREE_PAIR - 1):
        enter(anonymous, "ana", "wrong")
    enter(anonymous, "ana")
    anonymous.post("/sign-out")
    enter(anonymous, "ana", "wrong")
    assert enter(anonymous, "ana").status_code == 303


def test_failures_keep_no_names():
    from app.auth.models import SignInFailure

    auth.record_failure("ana.duval", "127.0.0.1")
    for row in db.session.scalars(select(SignInFailure)):
        assert "ana" not in row.what
        assert "127" not in row.what


def test_signing_in_and_failing_to_are_in_the_log(anonymous):
    ana = make_person("ana", password=True)
    enter(anonymous, "ana", "wrong")
    enter(anonymous, "ana")
    anonymous.post("/sign-out")
    acts = [row.act for row in db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq))
            if row.subject == f"person:{ana.id}"]  # fmt: skip
    assert acts[-3:] == ["session.refused", "session.opened", "session.ended"]


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
])  # fmt: skip
def test_no_other_site_signs_anybody_in(anonymous, headers):
    make_person("ana", password=True)
    answer = anonymous.post("/sign-in", data={"login": "ana", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("password", ["short", "x" * 11, "x" * 201])
def test_a_password_has_a_length(password):
    from app.kernel.errors import Invalid

    ana = make_person("ana")
    with pytest.raises(Invalid) as refusal:
        auth.set_password(None, person_of(ana), password)
    assert "password" in refusal.value.fields
