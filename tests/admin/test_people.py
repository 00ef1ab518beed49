import re

from app.auth import actions as auth
from app.auth.queries import sessions_of
from app.people.queries import by_login
from tests.make import make_organisation, make_person, person_of, turn_on_partners


def test_a_new_account_gets_a_password_shown_once(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    form = {
        "login": "Ana.Lopez",
        "name": "Ana Lopez",
        "email": "",
        "segment": "employee",
        "roles[]": ["auditor"],
    }
    answer = boss.post("/admin/people", data=form)
    password = re.search(r'class="secret__text"[^>]*>([^<]+)<', answer.text)[1]
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    who = auth.check_password("ana.lopez", password, address="127.0.0.1")
    assert (who.name, who.roles) == ("Ana Lopez", frozenset({"auditor"}))
    assert password not in boss.get("/admin/people").text


def test_a_refused_account_keeps_what_was_typed(sign_in):
    boss = sign_in(make_person("boss", roles=["admin"]))
    answer = boss.post("/admin/people", data={"login": "boss", "name": "Other Boss", "segment": "employee"})
    assert (answer.status_code, by_login("boss").name) == (422, "Boss")
    assert 'value="Other Boss"' in answer.text
    wrong = {"login": "né", "name": "", "segment": "king", "organisation": "x", "roles[]": ["root"]}
    assert boss.post("/admin/people", data=wrong).status_code == 422


def test_a_partner_belongs_to_an_organisation(sign_in):
    turn_on_partners()
    acme = make_organisation("Acme")
    boss = sign_in(make_person(roles=["admin"]))
    form = {"login": "carla", "name": "Carla", "segment": "client"}
    assert boss.post("/admin/people", data=form).status_code == 422
    assert boss.post("/admin/people", data={**form, "organisation": str(acme.id)}).status_code == 201
    assert by_login("carla").organisation_id == acme.id
    assert "Acme" in boss.get(f"/admin/people/{by_login('carla').id}").text


def test_accounts_are_found_by_name_state_and_role(sign_in):
    boss = sign_in(make_person("boss", roles=["admin"]))
    make_person("zoe", name="Zoé Élan", roles=["senior_moderator"])
    left = make_person("leo", name="Léo Parti")
    boss.post(f"/admin/people/{left.id}/deactivate")
    assert "Zoé Élan" in boss.get("/admin/people?q=zoe+elan").text
    assert "Zoé Élan" not in boss.get("/admin/people?role=moderator").text
    assert "Zoé Élan" in boss.get("/admin/people?role=senior_moderator").text
    assert "Léo Parti" not in boss.get("/admin/people").text
    assert "Léo Parti" in boss.get("/admin/people?state=left").text
    assert "Zoé" not in boss.get("/admin/people?q=%25").text


def test_the_list_goes_on_page_after_page(sign_in, monkeypatch):
    monkeypatch.setattr("app.admin.queries.PAGE", 2)
    boss = sign_in(make_person("a-boss", roles=["admin"]))
    for letter in "bcd":
        make_person(f"{letter}-person", name=f"{letter.upper()} Person")
    first = boss.get("/admin/people").text
    onward = re.search(r'href="([^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")
    assert "C Person" in boss.get(onward).text
    assert boss.get("/admin/people?after=rubbish").status_code == 422


def test_an_account_is_changed_unless_somebody_was_faster(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    ana, leo = make_person("ana"), make_person("leo")
    form = {"name": "Ana Ruiz", "email": "ana@company.example", "title": "Buyer", "site": "Lyon", "team": "",
            "manager": "leo", "roles[]": ["moderator"], "version": "1"}  # fmt: skip
    assert boss.post(f"/admin/people/{ana.id}", data=form).status_code == 303
    changed = person_of(ana)
    assert (changed.name, changed.title, changed.manager_id, changed.roles) == (
        "Ana Ruiz",
        "Buyer",
        leo.id,
        ["moderator"],
    )
    assert boss.post(f"/admin/people/{ana.id}", data=form).status_code == 409
    again = {**form, "version": str(changed.version)}
    assert (
        boss.post(f"/admin/people/{leo.id}", data={**again, "version": "1", "manager": "ana"}).status_code
        == 422
    )
    assert boss.post(f"/admin/people/{ana.id}", data={**again, "manager": "nobody"}).status_code == 422
    assert boss.post(f"/admin/people/{ana.id}", data={**again, "team": "99"}).status_code == 422


def test_the_last_admin_stays_one(sign_in):
    who = make_person(roles=["admin"])
    boss = sign_in(who)
    form = {"name": "Boss", "version": "1"}
    assert boss.post(f"/admin/people/{who.id}", data=form).status_code == 409
    assert boss.post(f"/admin/people/{who.id}/deactivate").status_code == 409
    assert person_of(who).roles == ["admin"]


def test_a_reset_password_ends_every_session(sign_in):
    boss, ana = sign_in(make_person(roles=["admin"])), make_person("ana", password=True)
    browser = sign_in(ana)
    answer = boss.post(f"/admin/people/{ana.id}/password")
    password = re.search(r'class="secret__text"[^>]*>([^<]+)<', answer.text)[1]
    assert browser.get("/").status_code == 303
    assert auth.check_password("ana", password, address="127.0.0.1")


def test_somebody_is_cut_off_deactivated_and_brought_back(sign_in):
    boss, ana = sign_in(make_person(roles=["admin"])), make_person("ana")
    sign_in(ana)
    assert "1 session" in boss.get(f"/admin/people/{ana.id}").text
    boss.post(f"/admin/people/{ana.id}/sessions/end")
    assert sessions_of(ana.id) == []
    boss.post(f"/admin/people/{ana.id}/deactivate")
    assert person_of(ana).deactivated_at is not None
    boss.post(f"/admin/people/{ana.id}/reactivate")
    assert person_of(ana).deactivated_at is None
    assert boss.get("/admin/people/99").status_code == 404
