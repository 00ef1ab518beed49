from app.kernel.db import db
from app.organisations.queries import everything
from tests.make import make_organisation, make_person, make_space

ACME = {"name": "Acme", "is_client": "1", "siren": "732 829 320", "domains": "acme.example\n acme.test ", "valid_to": "2030-12-31",
        "alias_text[]": ["ACM", "", "Ac"], "alias_mode[]": ["cap", "plain", "plain"],
        "contact_name[]": ["Carla Roy", ""], "contact_email[]": ["carla@acme.example", ""]}  # fmt: skip


def test_an_organisation_is_registered_with_its_names(sign_in):
    keeper = sign_in(make_person(roles=["charter_owner"]))
    answer = keeper.post("/admin/organisations", data=ACME)
    (acme,) = everything()
    assert (answer.status_code, answer.location) == (303, f"/admin/organisations/{acme.id}?done=saved")
    assert (acme.roles, acme.siren, acme.domains) == (("client",), "732829320", ["acme.example", "acme.test"])
    assert [(a.text, a.mode) for a in acme.aliases] == [("ACM", "cap"), ("Ac", "plain")]
    assert [(c.name, c.email) for c in acme.contacts] == [("Carla Roy", "carla@acme.example")]
    saved = keeper.get(answer.location).text
    assert "732829320" in saved
    assert "“Ac”" in saved


def test_an_organisation_is_changed_and_removed(sign_in):
    keeper = sign_in(make_person(roles=["admin"]))
    acme = make_organisation("Acme")
    form = {"name": "Acme Group", "is_client": "1", "is_supplier": "1"}
    assert keeper.post(f"/admin/organisations/{acme.id}", data=form).status_code == 303
    db.session.expire_all()
    assert (everything()[0].name, everything()[0].roles) == ("Acme Group", ("client", "supplier"))
    assert keeper.post(f"/admin/organisations/{acme.id}/delete").status_code == 303
    assert everything() == []
    assert keeper.get(f"/admin/organisations/{acme.id}").status_code == 404


def test_an_organisation_that_is_needed_stays(sign_in):
    who = make_person(roles=["admin"])
    acme = make_organisation("Acme")
    make_space(who, kind="client", organisation_id=acme.id)
    assert sign_in(who).post(f"/admin/organisations/{acme.id}/delete").status_code == 409
    assert [one.name for one in everything()] == ["Acme"]


def test_a_refusal_shows_the_form_as_it_was_typed(sign_in):
    keeper = sign_in(make_person(roles=["admin"]))
    wrong = {**ACME, "siren": "123456789", "is_client": ""}
    answer = keeper.post("/admin/organisations", data=wrong)
    assert answer.status_code == 422
    assert 'value="Carla Roy"' in answer.text
    assert keeper.post("/admin/organisations", data={**ACME, "valid_to": "soon"}).status_code == 422
    assert everything() == []


def test_the_registry_is_found_by_name_alias_domain_and_role(sign_in):
    keeper = sign_in(make_person(roles=["admin"]))
    make_organisation("Acme", "client", aliases=[("Wile", "plain")], domains=["acme.example"])
    make_organisation("Boulonex", "supplier")
    for query, found in [("q=acm", "Acme"), ("q=wile", "Acme"), ("q=acme.example", "Acme"), ("role=supplier", "Boulonex")]:
        page = keeper.get(f"/admin/organisations?{query}").text
        assert ("Acme" in page, "Boulonex" in page) == (found == "Acme", found == "Boulonex")
