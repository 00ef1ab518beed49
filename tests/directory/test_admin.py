"""What admins see of the directory, and what they may have it do."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directory.models import DONE
from app.directory.queries import last_runs
from app.directory.synchronising import synchronise
from app.kernel import jobs
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.people.queries import by_login
from tests.make import make_person

POSTS = ("check", "look-up", "synchronise")


@pytest.fixture
def root(sign_in):
    return sign_in(make_person("root", roles=["admin"], locale="en"))


def acts(name):
    return db.session.scalars(select(AuditEntry).where(AuditEntry.act == name)).all()


def test_the_page_says_what_is_set_up_and_what_was_changed(root, slapd, company):
    slapd.person("ana", title="Soudeuse")
    company(most_gone=7)
    synchronise(company(most_gone=7))
    page = root.get("/admin/ldap").text
    assert f"ldap://localhost:{slapd.port}" in page
    assert "7 %" in page
    assert "Account made" in page
    assert ">ana</code>" in page
    assert "service-of-the-test" not in page
    assert '/admin/ldap"' in root.get("/admin").text


def test_the_connection_is_tested_on_demand_and_trouble_is_said(root, slapd, company):
    assert "It answers" in root.post("/admin/ldap/check").text
    slapd.stop()
    said = root.post("/admin/ldap/check").text
    assert "No answer" in said
    assert "Connection refused" in said


def test_one_person_is_looked_up_and_that_is_in_the_log(root, slapd, company):
    slapd.person("ana", title="Soudeuse <b>", departmentNumber="Atelier")
    answer = root.post("/admin/ldap/look-up", data={"login": "ana"})
    assert (answer.status_code, "Soudeuse &lt;b&gt;" in answer.text) == (200, True)
    assert ["ana" in entry.record for entry in acts("directory.looked_up")] == [True]
    assert "finds nobody there" in root.post("/admin/ldap/look-up", data={"login": "*"}).text
    assert root.post("/admin/ldap/look-up", data={"login": ""}).status_code == 422
    slapd.stop()
    assert root.post("/admin/ldap/look-up", data={"login": "ana"}).status_code == 503
    assert by_login("ana") is None, "looking makes no account"


def test_a_synchronisation_is_done_beside_the_request(root, slapd, company):
    slapd.person("ana")
    answer = root.post("/admin/ldap/synchronise")
    assert (answer.status_code, last_runs()) == (303, [])
    while jobs.run_next():
        pass
    assert "ana" in {change[1] for change in last_runs()[0].changes}
    assert (last_runs()[0].outcome, last_runs()[0].by_id) == (DONE, by_login("root").id)
    assert len(acts("directory.synchronised")) == 1


@pytest.mark.parametrize("role", ["", "moderator", "auditor", "charter_owner"])
def test_nobody_but_admins_gets_near_it(sign_in, slapd, company, role):
    browser = sign_in(make_person("ana", roles=[role] if role else []))
    assert browser.get("/admin/ldap").status_code == 403
    assert {browser.post(f"/admin/ldap/{path}", data={"login": "x"}).status_code for path in POSTS} == {403}
    assert acts("directory.looked_up") == []


def test_without_a_directory_the_page_says_what_to_set_and_there_is_nothing_to_do(root):
    page = root.get("/admin/ldap")
    assert (page.status_code, "PARVIS_LDAP_URL" in page.text) == (200, True)
    assert {root.post(f"/admin/ldap/{path}", data={"login": "x"}).status_code for path in POSTS} == {404}
