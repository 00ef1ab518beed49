"""One decision everywhere: what the rules say of somebody signed in, on each request and on open sockets."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import update

from app.auth import actions as auth
from app.auth.models import Session
from app.gate import actions
from app.gate.actions import replace
from app.gate.wall import REFUSAL
from app.kernel import clock, sockets
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, Stale
from tests.make import PASSWORD, make_person, make_post, make_space

HERE = "127.0.0.0/8"
MONDAY = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # noon in Paris
OFFICE = [
    {
        "name": "office",
        "windows": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "18:00"}],
    }
]


@pytest.fixture
def root():
    return make_person("root", roles=["admin"])


def rule(effect="allow", **more):
    return {"effect": effect, "network": HERE, **more}


def save(root, *rules, **more):
    """These rules, behind one that keeps the admin in."""
    keep = {"effect": "allow", "network": HERE, "roles": ["admin"]}
    return replace(root, {"rules": [keep, *rules], **more}, address="127.0.0.1")


def seated(who):
    """Whether a socket of this person is still open here."""
    return any(seat.actor.id == who.id for seat in sockets.seats.values())


def denied(answer):
    """Word for word what the wall says to a stranger."""
    shown = {name.lower() for name, _value in answer.headers}
    return (answer.status_code, answer.data) == (403, REFUSAL) and shown == {
        "content-type", "content-length", "cache-control",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/me", "/files/1", "/admin/gate", "/me"])
def test_whom_a_rule_refuses_gets_the_walls_own_refusal(root, sign_in, path):
    ana, bo = make_person("ana"), make_person("bo")
    save(root, rule("refuse", persons=["ana"]), rule())
    assert denied(sign_in(ana).get(path))
    assert denied(sign_in(ana).post(path, headers={"X-Fragment": "1"}))
    assert sign_in(ana).head(path).data == b""
    assert not denied(sign_in(bo).get(path))


def test_whom_a_rule_refuses_is_nobody_on_what_is_open_to_nobody(root, sign_in):
    ana = make_person("ana")
    save(root, rule("refuse", persons=["ana"]), rule())
    page = sign_in(ana).get("/sign-in")
    assert page.status_code == 200
    assert 'name="password"' in page.text


def test_a_program_is_refused_like_its_person(root, api):
    ana = make_person("ana")
    asked = api(ana)
    save(root, rule("refuse", persons=["ana"]), rule())
    assert denied(asked.raw("GET", "/me"))


def test_signing_in_from_where_one_is_refused_looks_like_a_wrong_password(root, anonymous):
    make_person("ana", password=True)
    make_person("bo", password=True)
    save(root, rule("refuse", persons=["ana"]), rule())
    said = [
        anonymous.post("/sign-in", data={"login": login, "password": typed})
        for login, typed in (("ana", PASSWORD), ("bo", "wrong"), ("bo", PASSWORD))
    ]
    assert [one.status_code for one in said] == [422, 422, 303]
    shown = [one.text.replace("ana", "").replace("bo", "") for one in said[:2]]
    assert shown[0] == shown[1]


def test_reading_only_refuses_every_write_and_says_so(root, sign_in, api, listen):
    ana = make_person("ana")
    space = make_space(ana)
    post = make_post(ana, space)
    hears = listen(ana)
    save(root, rule("read_only"))
    browser, program = sign_in(ana), api(ana)
    assert browser.get("/").status_code == 200
    page = browser.post(f"/spaces/{space.id}/posts", data={"body": "No"})
    assert (page.status_code, "lire mais pas écrire" in page.text) == (403, True)
    for method, path in [("POST", f"/spaces/{space.id}/posts"), ("PATCH", f"/posts/{post.id}"),
                         ("DELETE", f"/posts/{post.id}"), ("PUT", f"/posts/{post.id}/pin")]:  # fmt: skip
        status, said = program(method, path, {"body": "No"} if method != "DELETE" else None)
        assert (status, said["code"]) == (403, "read_only"), path
    assert program("GET", f"/posts/{post.id}")[0] == 200
    assert hears.ask("typing", {"post_id": post.id}) == {"ok": False, "code": "read_only"}
    assert hears.ask("space.watch", {"id": space.id}) == {"ok": True}
    assert browser.post("/sign-out").status_code == 303


def test_a_second_factor_is_asked_of_sessions_without_one(root, sign_in, api):
    ana = make_person("ana")
    browser = sign_in(ana)
    save(root, rule("second_factor"))
    page = browser.get("/")
    assert (page.status_code, "second facteur" in page.text) == (403, True)
    assert "/sign-out" in page.text
    assert api(ana)("GET", "/me")[1]["code"] == "second_factor_required"
    db.session.execute(update(Session).values(second_factor_at=clock.now()))
    assert browser.get("/").status_code == 200


def test_who_is_asked_for_a_second_factor_gets_one_there(root, sign_in):
    ana = make_person("ana", password=True)
    make_space(ana, name="Projet secret", visibility="secret")
    browser = sign_in(ana)
    save(root, rule("second_factor"))
    page = browser.get("/me/second-factor").text
    assert "Projet secret" not in page
    secret = re.search(r"enrol__letters\">([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    assert browser.post("/me/second-factor", data={"token": token, "code": "000000"}).status_code == 422
    assert browser.get("/").status_code == 403
    code = pyotp.TOTP(secret).at(clock.now())
    assert browser.post("/me/second-factor", data={"token": token, "code": code}).status_code == 200
    assert browser.get("/").status_code == 200


def test_outside_of_working_hours_nothing_opens_but_for_those_on_duty(root, sign_in):
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    with clock.at(MONDAY):
        save(root, rule(), hours=OFFICE, access={"mode": "hard", "hours": "office", "roles": ["moderator"]})
        browsers = [sign_in(who) for who in (ana, mo, root)]
        assert [browser.get("/").status_code for browser in browsers] == [200, 200, 200]
    with clock.at(MONDAY + timedelta(hours=6)):
        closed, *others = [browser.get("/") for browser in browsers]
        assert (closed.status_code, [one.status_code for one in others]) == (403, [200, 200])
        assert "fermé" in closed.text
        assert "mardi 3 mars" in closed.text
        assert browsers[0].post("/sign-out").status_code == 303


def test_a_soft_end_of_work_is_said_on_every_page(root, sign_in):
    ana = make_person("ana")
    with clock.at(MONDAY):
        save(root, rule(), hours=OFFICE, access={"mode": "soft", "hours": "office"})
        browser = sign_in(ana)
        assert "resting" not in browser.get("/").text
    with clock.at(MONDAY + timedelta(hours=6)):
        page = browser.get("/")
        assert (page.status_code, "resting" in page.text) == (200, True)


@pytest.mark.parametrize("effect", ["refuse", "second_factor"])
def test_a_change_of_rules_cuts_open_sockets_of_those_concerned_only(root, listen, effect):
    ana, bo = make_person("ana"), make_person("bo")
    leaving, staying = listen(ana), listen(bo)
    save(root, rule(effect, persons=["ana"]), rule())
    assert "session.ended" not in staying.names()
    assert "session.ended" in leaving.names()
    assert (seated(ana), seated(bo)) == (False, True)


def test_an_hour_that_passes_cuts_open_sockets(root, listen):
    ana = make_person("ana")
    with clock.at(MONDAY):
        save(root, rule(hours="office"), hours=OFFICE)
        leaving, _staying = listen(ana), listen(root)
        sockets.reseat()
        assert seated(ana)
    with clock.at(MONDAY + timedelta(hours=6)):
        sockets.reseat()
    assert "session.ended" in leaving.names()
    assert (seated(ana), seated(root)) == (False, True)


def test_a_role_taken_away_cuts_what_stood_on_it(root, listen):
    from app.people.actions import set_roles
    from tests.make import person_of

    mo = make_person("mo", roles=["moderator"])
    save(root, rule(roles=["moderator"]))
    hears = listen(mo)
    set_roles(root, person_of(mo), [])
    assert "session.ended" in hears.names()
    assert not seated(mo)


def test_a_message_is_refused_before_the_sweep_comes_round(root, listen):
    ana = make_person("ana")
    hears = listen(ana)
    save(root, rule("refuse", persons=["ana"]), rule())
    assert hears.ask("presence") == {"ok": False, "code": "outside"}


def test_outside_of_the_hours_of_every_rule_the_wall_is_shut(root, anonymous):
    with clock.at(MONDAY):
        replace(root, {"rules": [rule(hours="office")], "hours": OFFICE}, address="127.0.0.1")
        assert anonymous.get("/sign-in").status_code == 200
    with clock.at(MONDAY + timedelta(hours=6)):
        assert denied(anonymous.get("/sign-in"))
        assert denied(anonymous.get("/static/js/app.js"))


def test_asking_costs_no_query(root, sign_in, count_queries):
    ana = make_person("ana")
    browser = sign_in(ana)
    browser.get("/notifications")
    with count_queries() as before:
        browser.get("/notifications")
    save(root, *[rule("refuse", sites=[f"site {n}"]) for n in range(150)], rule())
    browser.get("/notifications")
    with count_queries() as after:
        browser.get("/notifications")
    assert len(after) <= len(before)


# --- saving ------------------------------------------------------------------------------


def test_only_admins_save_rules():
    with pytest.raises(Forbidden):
        replace(make_person(), {"rules": [rule()]}, address="127.0.0.1")


@pytest.mark.parametrize("effect", ["refuse", "read_only", "second_factor"])
def test_whatever_keeps_its_author_from_working_is_asked_twice(root, effect):
    with pytest.raises(Invalid) as refused:
        replace(root, {"rules": [rule(effect), rule()]}, address="127.0.0.1")
    assert set(refused.value.fields) == {"confirm"}
    replace(root, {"rules": [rule(effect), rule()]}, address="127.0.0.1", confirmed=True)


def test_the_second_of_two_who_changed_the_same_rules_is_told(root):
    first = replace(root, {"rules": [rule()]}, address="127.0.0.1", version=0)
    with pytest.raises(Stale):
        replace(root, {"rules": [rule(name="Mine")]}, address="127.0.0.1", version=0)
    assert replace(root, {"rules": [rule(name="Mine")]}, address="127.0.0.1", version=first.number)


def test_rules_that_shut_out_their_author_give_way_even_when_no_job_runs(root, anonymous):
    replace(root, {"rules": [rule()]}, address="127.0.0.1")
    replace(root, {"rules": [{"network": "10.0.0.0/8"}]}, address="127.0.0.1", confirmed=True)
    assert denied(anonymous.get("/sign-in"))
    with clock.at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert anonymous.get("/sign-in").status_code == 200


def test_rules_kept_from_inside_stay(root):
    book = replace(root, {"rules": [{"network": "10.0.0.0/8"}]}, address="127.0.0.1", confirmed=True)
    with pytest.raises(Conflict):
        actions.settle(root, book.number - 1)
    with pytest.raises(Forbidden):
        actions.settle(make_person(), book.number)
    actions.settle(root, book.number)
    actions.settle(root, book.number)
    with clock.at(clock.now() + timedelta(minutes=11)):
        actions.give_back(book.number)
        from app.gate.queries import present

        assert [one.network for one in present().rules] == ["10.0.0.0/8"]


def test_what_gave_way_can_not_be_kept_afterwards(root):
    book = replace(root, {"rules": [{"network": "10.0.0.0/8"}]}, address="127.0.0.1", confirmed=True)
    with clock.at(clock.now() + timedelta(minutes=11)), pytest.raises(Conflict):
        actions.settle(root, book.number)


def test_the_console_resets_whatever_the_rules_say_and_the_log_knows(root, anonymous):
    from app.kernel.audit import AuditEntry

    replace(root, {"rules": [{"network": "10.0.0.0/8"}]}, address="127.0.0.1", confirmed=True)
    actions.reset()
    assert anonymous.get("/sign-in").status_code == 200
    last = db.session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
    assert (last.act, last.actor_id) == ("gate.changed", None)
    assert '"why":"reset"' in last.record


def test_a_network_allowed_from_the_console_comes_before_whatever_refuses(root, anonymous):
    replace(root, {"rules": [{"effect": "refuse"}]}, address="127.0.0.1", confirmed=True)
    assert denied(anonymous.get("/sign-in"))
    actions.allow("127.0.0.0/8")
    assert anonymous.get("/sign-in").status_code == 200


def test_a_token_is_made_for_whom_it_names(root):
    """What shows that a person named by login is the one who is meant after a save."""
    ana = make_person("ana")
    save(root, rule(persons=["ana"]))
    from app.gate.queries import document, present

    assert present().rules[1].persons == {ana.id}
    assert document()["rules"][1]["persons"] == ["ana"]
    with pytest.raises(Invalid) as refused:
        save(root, rule(persons=["nobody"]))
    assert set(refused.value.fields) == {"rules.1.persons"}
    assert auth.make_token(ana, ana.id, name="t")
