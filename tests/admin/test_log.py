from sqlalchemy import text

from app.kernel import settings
from app.kernel.db import db
from tests.make import make_organisation, make_person


def test_the_log_is_read_by_person_act_and_subject(sign_in):
    who = make_person("boss", name="Big Boss", roles=["admin"])
    boss = sign_in(who)
    boss.post("/admin/company", data={"name": "Arc", "accent": "#112233", "time_zone": "Europe/Paris"})
    make_organisation("Acme")
    page = boss.get("/admin/audit").text
    assert ">company.changed<" in page
    assert "#112233" in page
    for query, shown in [("actor=boss", True), ("actor=nobody", False), ("act=company.changed", True), ("act=x", False),
                         ("subject=company", True), ("subject=gate", False)]:  # fmt: skip
        assert ("log__act\">company.changed" in boss.get(f"/admin/audit?{query}").text) is shown


def test_the_log_is_verified_and_the_result_kept(sign_in):
    auditor = sign_in(make_person(roles=["auditor"]))
    make_organisation("Acme")
    assert "notice--good" in auditor.post("/admin/audit/verify").text
    assert settings.get("audit_checked")["is_whole"] is True


def test_an_altered_entry_is_found(sign_in):
    auditor = sign_in(make_person(roles=["auditor"]))
    make_organisation("Acme")
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER IF EXISTS audit_entries_no_update"))
    try:
        db.session.execute(text("UPDATE audit_entries SET record = replace(record, 'client', 'clients')"))
    except Exception:  # the database itself refuses
        db.session.rollback()
        return
    page = auditor.post("/admin/audit/verify").text
    assert "notice--bad" in page


def test_the_overview_says_how_it_goes(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    page = boss.get("/admin").text
    assert "health__one--good" in page
    assert "health__one--bad" not in page


def test_sessions_are_listed_and_cut(sign_in):
    boss, ana = sign_in(make_person(roles=["admin"])), make_person("ana", name="Ana Ruiz")
    browser = sign_in(ana)
    page = boss.get("/admin/sessions?q=ana").text
    assert "Ana Ruiz" in page
    number = page.split("/admin/sessions/")[-1].split("/end")[0]
    assert boss.post(f"/admin/sessions/{number}/end").status_code == 303
    assert browser.get("/").status_code == 303
    assert "Ana Ruiz" not in boss.get("/admin/sessions?q=ana").text
