"""Admins make keys and say what groups give, on a page and at the console."""

from __future__ import annotations

import re

import pytest

from app.auth.scim import actions
from app.auth.scim.queries import key_of, standing_keys
from app.people import groups
from app.spaces.policy import role_in
from tests.make import make_person, make_space
from tests.provisioning.conftest import Directory

PAGE = "/admin/directory"


@pytest.fixture
def root():
    return make_person("root", roles=["admin"], locale="en")


def test_a_key_is_shown_once_and_works_until_it_is_revoked(app, root, sign_in):
    browser = sign_in(root)
    made = browser.post(f"{PAGE}/keys", data={"name": "Entra", "days": "365"})
    secret = re.search(r">(pvd_[\w-]+)<", made.text).group(1)
    assert secret not in browser.get(PAGE).text
    directory = Directory(app.test_client(), secret)
    assert directory("GET", "/Users").status_code == 200
    key = key_of(secret)
    assert (key.made_by_id, key.expires_at is not None) == (root.id, True)
    assert browser.post(f"{PAGE}/keys/{key.id}/revoke").status_code == 303
    assert directory("GET", "/Users").status_code == 401
    assert browser.post(f"{PAGE}/keys/{key.id}/revoke").status_code == 404


def test_what_is_typed_wrong_is_said_and_kept(root, sign_in):
    browser = sign_in(root)
    for form in ({"name": "", "days": "90"}, {"name": "x", "days": "7"}, {"name": "x" * 81, "days": ""}):
        assert browser.post(f"{PAGE}/keys", data=form).status_code == 422
    for number in range(actions.MOST_KEYS):
        actions.make_key(None, name=f"k{number}")
    assert browser.post(f"{PAGE}/keys", data={"name": "one more", "days": ""}).status_code == 422
    assert len(standing_keys()) == actions.MOST_KEYS
    for gives in ("", "role:king", "space:404404", "space:x", "admin", "space:" + "9" * 30):
        answer = browser.post(f"{PAGE}/grants", data={"group": "Typed <here>", "gives": gives})
        assert (answer.status_code, "Typed &lt;here&gt;" in answer.text) == (422, True), gives
    assert groups.grants() == []


def test_a_group_gives_a_place_and_takes_it_back(root, sign_in):
    ana, space = make_person("ana"), make_space(make_person(), visibility="closed", name="Forge")
    groups.apply_groups(ana.id, ["Welders"], "ldap")
    browser = sign_in(root)
    assert "Welders · 1" in browser.get(PAGE).text
    form = {"group": "welders", "gives": f"space:{space.id}"}
    assert browser.post(f"{PAGE}/grants", data=form).status_code == 303
    assert role_in(ana, space.id) == "member"
    (given,) = groups.grants()
    assert browser.post(f"{PAGE}/grants/{given.id}/withdraw").status_code == 303
    assert role_in(ana, space.id) is None


def test_a_secret_space_stays_one(root, sign_in):
    """Who doesn't know of it can't give places in it, nor see that a group gives them."""
    owner, browser = make_person("owner", roles=["admin"]), sign_in(root)
    space = make_space(owner, visibility="secret", name="Merger")
    form = {"group": "Board", "gives": f"space:{space.id}"}
    hidden = browser.post(f"{PAGE}/grants", data=form)
    missing = browser.post(f"{PAGE}/grants", data={**form, "gives": "space:404404"})
    said = re.compile(r'class="field__error"[^>]*>.*?</p>', re.S)
    assert said.findall(hidden.text) == said.findall(missing.text) != []
    assert (hidden.status_code, "Merger" in hidden.text) == (missing.status_code, False)
    assert sign_in(owner).post(f"{PAGE}/grants", data=form).status_code == 303
    (given,) = groups.grants()
    page = browser.get(PAGE).text
    assert "Merger" not in page
    assert "Board" not in page
    assert browser.post(f"{PAGE}/grants/{given.id}/withdraw").status_code == 404
    assert groups.grants() == [given]


def test_the_page_is_for_admins(sign_in):
    for role in ("moderator", "auditor", "charter_owner"):
        assert sign_in(make_person(roles=[role])).get(PAGE).status_code == 403


def test_the_log_names_provisioning(root, sign_in, directory):
    directory.add("ana")
    browser = sign_in(root)
    assert "Provisioning</span>" in browser.get("/admin/audit?act=person.added").text
    assert "<strong>Provisioning</strong>" in browser.get("/admin").text


def test_the_console_makes_lists_and_revokes_keys(app):
    run = app.test_cli_runner().invoke
    secret = run(args=["scim", "key", "Entra", "--days", "30"]).output.strip()
    key = key_of(secret)
    listed = run(args=["scim", "keys"]).output
    assert (str(key.id) in listed, "Entra" in listed, secret in listed) == (True, True, False)
    assert run(args=["scim", "revoke", str(key.id)]).exit_code == 0
    assert key_of(secret) is None
    assert run(args=["scim", "revoke", str(key.id)]).exit_code == 1


def test_who_asks_too_often_is_told_to_wait(app):
    directory = Directory(app.test_client(), actions.make_key(None, name="hasty"))
    try:
        answers = [directory("POST", "/Users", {}) for _ in range(241)]
    finally:
        for limiter in app.extensions["limiter"]:
            limiter.reset()
    assert (answers[0].status_code, answers[-1].status_code) == (400, 429)
    assert answers[-1].mimetype == "application/scim+json"
    assert int(answers[-1].headers["Retry-After"]) > 0
