"""Lists that are imported, entries that are merged, names that are weighed before they surprise anybody."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.organisations import actions
from app.organisations.importing import read_list
from app.organisations.models import Alias, Organisation, RegistryImport
from app.organisations.queries import everything
from app.people.models import Person
from app.spaces.models import Space
from app.trials.impact import impacts
from tests.make import make_organisation, make_person, make_post, make_space

GOOD = """name;roles;aliases;domains;siren;contacts;valid_to
Acme;client;Acme SA|ACM:ctx;acme.example;732 829 320;Carla Roy <carla@acme.example>;
Boulonex;supplier;;boulonex.example;;;2030-12-31
Dualix;both;;;;;
"""
BAD = (
    GOOD
    + """;client;;;;;
Zed;friend;;;;;
Acme;client;;;;;
Wrong;client;;not a domain;123456789;<x>;someday
"""
)


@pytest.fixture
def keeper(app):
    return make_person("ola", roles=["charter_owner"])


def names() -> list[str]:
    return [one.name for one in everything()]


def test_a_list_is_looked_at_before_it_counts(keeper, sign_in):
    browser = sign_in(keeper)
    sent = browser.post("/admin/organisations/import", data={"file": (io.BytesIO(BAD.encode()), "list.csv")})
    page = browser.get(sent.location).text
    assert names() == []
    assert page.count("ligne ") + page.count("line ") >= 4
    assert browser.post(f"{sent.location}/apply").status_code == 303
    assert names() == ["Acme", "Boulonex", "Dualix"]
    acme = everything()[0]
    assert sorted((a.text, a.mode) for a in acme.aliases) == [("ACM", "ctx"), ("Acme SA", "plain")]
    assert (acme.siren, acme.domains) == ("732829320", ["acme.example"])
    assert [(c.name, c.email) for c in acme.contacts] == [("Carla Roy", "carla@acme.example")]
    assert browser.post(f"{sent.location}/apply").status_code == 303  # twice is once
    assert len(names()) == 3


def test_every_bad_line_is_told_with_its_number():
    read = read_list(BAD.encode(), ())
    assert [line for line, _sentence in read.problems] == [5, 6, 7, 8]
    assert len(read.rows) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"name",
        b"roles;name\n",
        b"name;roles\n" + b'"' * 3,
        "nom;rôle\nÉ;client".encode("cp1252"),
    ],
)
def test_nonsense_is_refused_line_by_line(content):
    assert read_list(content, ()).rows == []


def test_other_writings_of_the_same_list_are_read():
    told = "name,roles\r\nCrème,client\r\n"
    assert read_list(told.encode("cp1252"), ()).rows[0]["name"] == "Crème"
    assert read_list(b"\xef\xbb\xbf" + told.encode(), ()).rows[0]["name"] == "Crème"


def test_what_is_known_is_completed_and_loses_nothing(keeper):
    make_organisation("acme", "client", aliases=[("Vieux nom", "plain")], domains=["old.example"])
    actions.apply_import(keeper, actions.prepare_import(keeper, GOOD.encode()))
    (acme,) = [one for one in everything() if one.name == "acme"]
    assert {alias.text for alias in acme.aliases} == {"Vieux nom", "Acme SA", "ACM"}
    assert acme.domains == ["acme.example", "old.example"]


def test_a_failure_leaves_nothing_half_written(keeper, monkeypatch):
    prepared = actions.prepare_import(keeper, GOOD.encode())
    monkeypatch.setattr(actions, "announce", lambda _event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.apply_import(keeper, prepared)
    assert names() == []
    monkeypatch.undo()
    db.session.expire_all()
    actions.apply_import(keeper, db.session.get(RegistryImport, prepared.id))
    assert len(names()) == 3


def test_lists_are_their_senders_and_keepers_only(keeper, sign_in):
    prepared = actions.prepare_import(keeper, GOOD.encode())
    other, nobody = make_person("adm", roles=["admin"]), make_person("bo")
    assert sign_in(other).get(f"/admin/organisations/imports/{prepared.id}").status_code == 404
    with pytest.raises(Forbidden):
        actions.apply_import(other, prepared)
    with pytest.raises(Forbidden):
        actions.prepare_import(nobody, b"")


def test_two_entries_become_one(keeper, sign_in):
    gone = make_organisation("Boréalis SA", "client", domains=["borealis.example"], aliases=[("BSA", "ctx")])
    kept = make_organisation("Boréalis", "supplier")
    owner = make_person("ana")
    partner = make_person("cli", segment="client", organisation_id=gone.id)
    space = make_space(owner, kind="client", organisation_id=gone.id, visibility="closed")
    path = f"/admin/organisations/{gone.id}/merge"
    assert sign_in(keeper).post(path, data={"into": "Nobody"}).status_code == 422
    assert sign_in(make_person("bo")).post(path, data={"into": "Boréalis"}).status_code in {403, 404}
    assert sign_in(keeper).post(path, data={"into": "Boréalis"}).status_code == 303
    db.session.expire_all()
    (one,) = everything()
    assert (one.id, one.roles, one.domains) == (kept.id, ("client", "supplier"), ["borealis.example"])
    assert {alias.text for alias in one.aliases} == {"Boréalis SA", "BSA"}
    assert db.session.get(Person, partner.id).organisation_id == kept.id
    assert db.session.get(Space, space.id).organisation_id == kept.id
    assert db.session.scalar(select(func.count()).where(AuditEntry.act == "organisation.merged")) == 1
    assert db.session.scalar(select(func.count()).select_from(Alias)) == 2
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_a_name_shows_what_it_would_have_hit(keeper, sign_in):
    ana = make_person("ana")
    space, other = make_space(ana), make_space(ana)
    for body in ("Le mars prochain", "Rendez-vous chez Mars jeudi", "Rien"):
        make_post(ana, space, body)
    make_post(ana, other, "Mars encore")
    plain, capital = impacts([("Mars", "plain"), ("Mars", "cap")])
    assert (plain.messages, plain.spaces, plain.warnings) == (3, 2, ("common",))
    assert (capital.messages, capital.warnings) == (2, ())
    (short,) = impacts([("SA", "plain")])
    assert "short" in short.warnings
    form = {"name": "Mars Conseil", "is_client": "1", "alias_text[]": ["Mars"], "alias_mode[]": ["plain"]}
    browser = sign_in(keeper)
    page = browser.get(browser.post("/admin/organisations", data=form).location).text
    assert 'id="impact"' in page
