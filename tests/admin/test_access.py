import pytest

from tests.make import make_organisation, make_person

PAGES = ["/admin", "/admin/people", "/admin/people/new", "/admin/organisations", "/admin/organisations/new",
         "/admin/gate", "/admin/company", "/admin/audit", "/admin/sessions"]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "open_to_them"),
    [
        ("admin", {"/admin", "/admin/people", "/admin/organisations", "/admin/organisations/new",
                   "/admin/gate", "/admin/company", "/admin/audit", "/admin/sessions"}),
        ("auditor", {"/admin/audit"}),
        ("charter_owner", {"/admin/organisations", "/admin/organisations/new"}),
        ("senior_moderator", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_each_role_sees_its_own_screens(sign_in, role, open_to_them):
    browser = sign_in(make_person(roles=[role] if role else []))
    assert {page for page in PAGES if browser.get(page).status_code == 200} == open_to_them


def test_a_partner_sees_none_of_it(sign_in):
    acme = make_organisation("Acme")
    eve = sign_in(make_person(segment="client", organisation_id=acme.id))
    assert {eve.get(page).status_code for page in PAGES} <= {403, 404}


def test_those_with_one_screen_are_brought_there(sign_in):
    assert sign_in(make_person(roles=["auditor"])).get("/admin").location == "/admin/audit"
    assert b"/admin/gate" not in sign_in(make_person(roles=["auditor"])).get("/admin/audit").data


@pytest.mark.parametrize(
    "path",
    ["/people", "/people/1", "/people/1/password", "/people/1/sessions/end", "/people/1/deactivate",
     "/people/1/reactivate", "/organisations", "/organisations/1", "/organisations/1/delete", "/gate",
     "/gate/reset", "/company", "/audit/verify", "/sessions/1/end"],
)  # fmt: skip
def test_nobody_else_changes_anything(sign_in, anonymous, path):
    who = sign_in(make_person())
    assert who.post(f"/admin{path}", data={"name": "x"}).status_code in {403, 404}
    assert anonymous.post(f"/admin{path}").status_code == 401
