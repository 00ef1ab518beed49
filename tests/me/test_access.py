import re

from sqlalchemy import select

from app.auth.models import ApiToken
from app.auth.queries import sessions_of, tokens_of
from app.kernel.db import db
from app.kernel.idempotency import Answer
from tests.make import PASSWORD, make_person


def test_a_device_is_cut_off_at_once(sign_in, listen):
    ana = make_person("ana")
    here, there = sign_in(ana), sign_in(ana)
    assert here.get("/me/sessions").status_code == 200
    current = here.get("/me/sessions").get_data(as_text=True)
    ends = re.findall(r"/me/sessions/(\d+)/end", current)
    assert len(ends) == 1
    assert here.post(f"/me/sessions/{ends[0]}/end").status_code == 303
    assert there.get("/me").status_code == 303
    assert there.get("/me").location.startswith("/sign-in")
    assert here.get("/me").status_code == 200


def test_all_other_devices_at_once(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    here, *others, stranger = sign_in(ana), sign_in(ana), sign_in(ana), sign_in(bo)
    here.post("/me/sessions/end-others")
    assert [browser.get("/me").status_code for browser in (here, *others, stranger)] == [200, 303, 303, 200]


def test_nobody_ends_the_sessions_of_others(sign_in):
    ana, root = make_person("ana"), make_person("root", roles=["admin"])
    victim = sign_in(ana)
    theirs = sessions_of(ana.id)[0].id
    assert sign_in(root).post(f"/me/sessions/{theirs}/end").status_code == 404
    assert sign_in(root).post("/me/sessions/12345/end").status_code == 404
    assert victim.get("/me").status_code == 200


def test_a_token_is_shown_once_and_kept_nowhere(sign_in):
    ana = make_person("ana")
    browser = sign_in(ana)
    page = browser.post("/me/tokens", data={"name": "Robot", "days": "30"})
    secret = re.search(r"pvs_[\w-]+", page.get_data(as_text=True)).group()
    assert page.status_code == 200
    assert "pvs_" not in browser.get("/me/tokens").get_data(as_text=True)
    assert all(secret.encode() not in answer.body for answer in db.session.scalars(select(Answer)))
    headers = {"Authorization": f"Bearer {secret}"}
    assert browser.application.test_client().get("/api/v1/me", headers=headers).status_code == 200
    token = db.session.scalar(select(ApiToken).where(ApiToken.person_id == ana.id))
    assert token.expires_at is not None
    browser.post(f"/me/tokens/{token.id}/revoke")
    assert tokens_of(ana.id) == []
    assert browser.application.test_client().get("/api/v1/me", headers=headers).status_code == 401


def test_tokens_of_others_are_missing(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    sign_in(ana).post("/me/tokens", data={"name": "Robot", "days": "30"})
    token = tokens_of(ana.id)[0]
    assert sign_in(bo).post(f"/me/tokens/{token.id}/revoke").status_code == 404
    assert len(tokens_of(ana.id)) == 1


def test_a_token_needs_a_name_and_a_length(sign_in):
    ana = make_person("ana")
    for wrong in (
        {"name": "", "days": "30"},
        {"name": "x", "days": "36500"},
        {"name": "x" * 81, "days": "30"},
    ):
        assert sign_in(ana).post("/me/tokens", data=wrong).status_code == 422
    assert tokens_of(ana.id) == []


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(sign_in):
    ana = make_person("ana", password=True)
    here, there = sign_in(ana), sign_in(ana)
    new = "another good sentence"
    for wrong in (
        {"current": "nope nope nope", "new": new, "again": new},
        {"current": PASSWORD, "new": "short", "again": "short"},
        {"current": PASSWORD, "new": new, "again": "something else"},
        {"current": PASSWORD, "new": new},
    ):
        refused = here.post("/me/password", data=wrong)
        assert refused.status_code == 422, wrong
        assert PASSWORD not in refused.get_data(as_text=True)
    assert there.get("/me").status_code == 200
    changed = here.post("/me/password", data={"current": PASSWORD, "new": new, "again": new})
    assert (changed.status_code, changed.location) == (303, "/me/password?done=password")
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303


def test_guessing_the_present_password_is_slowed_down(sign_in):
    ana = make_person("ana", password=True)
    browser = sign_in(ana)
    wrong = {"current": "nope nope nope", "new": "another good sentence", "again": "another good sentence"}
    answers = [browser.post("/me/password", data=wrong).status_code for _n in range(7)]
    assert answers[0] == 422
    assert answers[-1] == 429
