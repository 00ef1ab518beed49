"""The company's directory opens, changes and closes accounts, by the words of SCIM 2.0."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.auth import actions as auth
from app.auth.scim import actions
from app.auth.scim.models import ProvisioningKey
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.people import actions as people
from app.people.models import Person, Team
from app.people.queries import by_login, get_person
from tests.make import actor, make_organisation, make_person, person_of
from tests.provisioning.conftest import ENTERPRISE, SCIM, USER

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def known(told):
    return db.session.get(Person, int(told["id"]), populate_existing=True)


def refused(answer, status, kind=None):
    told = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype) == (status, SCIM), answer.text
    assert (told["schemas"], told["status"], told.get("scimType")) == ([ERROR], str(status), kind), told
    return told["detail"]


# --- what is said of a person ----------------------------------------------------------------------------


def test_a_new_account_has_all_that_the_directory_says(directory):
    boss = directory.add("boss@acme.example")
    ana = directory.add(
        "Ana.Duval@acme.example",
        externalId="E-1",
        name={"givenName": "Ana", "familyName": "Duval"},
        title="Welder",
        preferredLanguage="en-GB",
        timezone="Europe/Lisbon",
        emails=[
            {"value": "private@x.example"},
            {"value": "Ana@acme.example", "type": "work", "primary": True},
        ],
        **{ENTERPRISE: {"department": "Workshop", "manager": {"value": boss["id"]}}},
    )
    person = known(ana)
    assert (person.login, person.name, person.email) == ("ana.duval", "Ana Duval", "ana@acme.example")
    assert (person.title, person.locale, person.time_zone) == ("Welder", "en", "Europe/Lisbon")
    assert (person.segment, person.roles, person.deactivated_at) == ("employee", [], None)
    assert person.manager_id == int(boss["id"])
    assert db.session.get(Team, person.team_id).name == "Workshop"
    assert ana["meta"]["location"].endswith(f"/scim/v2/Users/{ana['id']}")
    assert (ana["externalId"], ana["active"]) == ("E-1", True)
    assert ana[ENTERPRISE]["manager"]["displayName"] == "boss@acme.example"
    assert by_login("boss@acme.example").id == int(boss["id"]), "who has no address has their user name"


def test_what_people_changed_of_their_own_profile_stays_until_the_directory_changes_its_word(directory):
    ana = directory.add("ana", title="Welder", preferredLanguage="fr")
    people.change_profile(actor(int(ana["id"])), known(ana), title="Master welder", locale="en")
    again = {"schemas": [USER], "userName": "ana", "title": "Welder", "preferredLanguage": "fr"}
    assert directory("PUT", f"/Users/{ana['id']}", {**again, "displayName": "Ana D."}).status_code == 200
    assert (known(ana).title, known(ana).locale, known(ana).name) == ("Master welder", "en", "Ana D.")
    directory("PUT", f"/Users/{ana['id']}", {**again, "title": "Foreman"})
    assert (known(ana).title, known(ana).locale) == ("Foreman", "en")


def test_every_form_of_path_of_a_change(directory):
    ana = directory.add("ana", emails=[{"value": "a@x.example", "type": "work"}])
    path = f"/Users/{ana['id']}"
    for operation in (
        {"op": "Add", "value": {"title": "One", "name": {"familyName": "Duval"}}},
        {"op": "Replace", "path": "name.givenName", "value": "Ana"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "b@x.example"},
        {"op": "add", "path": "emails", "value": [{"value": "c@x.example", "type": "home"}]},
        {"op": "replace", "path": 'emails[type eq "other"].value', "value": "d@x.example"},
        {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Forge"},
        {"op": "replace", "value": {f"{ENTERPRISE}:employeeNumber": "7"}},
        {"op": "replace", "path": f"{USER}:displayName", "value": "Ana the welder"},
        {"op": "remove", "path": 'emails[type eq "home"]'},
        {"op": "remove", "path": "title"},
        {"op": "replace", "path": "active", "value": "True"},
        {"op": "add", "path": "nickName", "value": "unheard of, and left out"},
    ):
        answer = directory.patch(path, operation)
        assert answer.status_code == 200, (operation, answer.text)
    now = directory("GET", path).get_json(force=True)
    assert {one["value"] for one in now["emails"]} == {"b@x.example", "d@x.example"}
    assert (now["name"], now["displayName"]) == (
        {"familyName": "Duval", "givenName": "Ana"},
        "Ana the welder",
    )
    assert (now[ENTERPRISE], "title" in now) == ({"employeeNumber": "7", "department": "Forge"}, False)
    assert (known(ana).email, known(ana).title) == ("b@x.example", "")


def test_operations_hold_all_or_none(directory):
    ana = directory.add("ana", title="Welder")
    answer = directory.patch(
        f"/Users/{ana['id']}",
        {"op": "replace", "path": "title", "value": "Foreman"},
        {"op": "remove", "path": "userName"},
    )
    refused(answer, 400, "mutability")
    assert directory("GET", f"/Users/{ana['id']}").get_json(force=True) == ana


@pytest.mark.parametrize("bare", [True, False])
def test_a_manager_is_named_by_a_bare_identifier_too(directory, bare):
    boss, ana = directory.add("boss"), directory.add("ana")
    value = boss["id"] if bare else {"value": boss["id"]}
    path = f"{ENTERPRISE}:manager"
    assert (
        directory.patch(f"/Users/{ana['id']}", {"op": "add", "path": path, "value": value}).status_code == 200
    )
    assert known(ana).manager_id == int(boss["id"])
    turned = directory.patch(
        f"/Users/{boss['id']}", {"op": "add", "path": path, "value": {"value": ana["id"]}}
    )
    refused(turned, 400, "invalidValue")
    directory.patch(f"/Users/{ana['id']}", {"op": "remove", "path": path})
    assert known(ana).manager_id is None


def test_a_login_follows_its_user_name_and_an_address_does_not_become_one(directory):
    ana = directory.add("ana")
    directory.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "userName", "value": "ana.duval"})
    assert known(ana).login == "ana.duval"
    directory.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "userName", "value": "ana@acme.example"})
    assert (known(ana).login, known(ana).email) == ("ana.duval", "ana@acme.example")


# --- who is who ------------------------------------------------------------------------------------------


def test_an_employee_is_recognised_once_by_login_or_address(directory):
    ana, bo = make_person("ana", roles=["auditor"]), make_person("bo", email="bo@acme.example")
    assert int(directory.add("ANA", displayName="Ana Duval")["id"]) == ana.id
    assert int(directory.add("b.o@acme.example", emails=[{"value": "BO@acme.example"}])["id"]) == bo.id
    assert (person_of(ana).name, person_of(ana).roles) == ("Ana Duval", ["auditor"])
    refused(
        directory("POST", "/Users", {"schemas": [USER], "userName": "bo@acme.example"}), 409, "uniqueness"
    )


def test_partners_are_neither_recognised_nor_told_of(directory):
    acme = make_organisation("Acme")
    cli = make_person("cli", segment="client", organisation_id=acme.id, email="cli@client.example")
    made = directory.add("cli")
    assert (int(made["id"]) != cli.id, known(made).login, known(made).segment) == (True, "cli2", "employee")
    refused(directory("GET", f"/Users/{cli.id}"), 404)
    refused(directory.patch(f"/Users/{cli.id}", {"op": "replace", "path": "active", "value": False}), 404)
    assert directory.found(f'/Users?filter=id eq "{cli.id}"') == []
    assert actor(cli.id).organisation_id == acme.id


def test_whom_the_directory_does_not_keep_it_neither_sees_nor_touches(directory):
    ana = make_person("ana", roles=["admin"])
    path, gone = f"/Users/{ana.id}", "/Users/404404"
    body = {"schemas": [USER], "userName": "x"}
    for method, sent in (("GET", None), ("PUT", body), ("DELETE", None)):
        there, nowhere = directory(method, path, sent), directory(method, gone, sent)
        refused(there, 404)
        assert (there.data, list(there.headers)) == (nowhere.data, list(nowhere.headers))
    assert directory.found("/Users") == []
    assert actor(ana.id).is_admin


def test_the_same_person_twice_is_refused_and_changes_nothing(directory):
    ana = directory.add("ana", title="Welder")
    for name in ("ana", "ANA"):
        answer = directory("POST", "/Users", {"schemas": [USER], "userName": name, "title": "Other"})
        refused(answer, 409, "uniqueness")
    other = directory.add("bo", emails=[{"value": "bo@acme.example"}])
    taken = {"schemas": [USER], "userName": "eve", "emails": [{"value": "Bo@acme.example"}]}
    refused(directory("POST", "/Users", taken), 409, "uniqueness")
    renamed = directory.patch(f"/Users/{other['id']}", {"op": "replace", "path": "userName", "value": "Ana"})
    refused(renamed, 409, "uniqueness")
    assert [one["title"] for one in directory.found("/Users") if one["userName"] == "ana"] == ["Welder"]
    assert directory("GET", f"/Users/{ana['id']}").get_json(force=True) == ana


# --- closing ---------------------------------------------------------------------------------------------


@pytest.fixture
def seated(directory, sign_in, api, listen):
    """Somebody whom the directory keeps, signed in with a browser, a program and a socket."""
    ana = directory.add("ana")
    who = actor(int(ana["id"]))
    browser, program, hears = sign_in(who), api(who), listen(who)
    assert (browser.get("/spaces").status_code, program("GET", "/me")[0]) == (200, 200)
    return ana, browser, program, hears


def cut(browser, program, hears):
    """Whether the browser must sign in, what the program gets, whether the socket was told to end."""
    return (
        browser.get("/spaces").status_code == 303,
        program("GET", "/me")[0],
        "session.ended" in hears.names(),
    )


@pytest.mark.parametrize("how", ["PATCH", "PUT", "DELETE", "value", "text"])
def test_who_is_deactivated_is_cut_off_at_once(directory, seated, listen, how):
    (ana, *held), bystander = seated, listen(make_person())
    path = f"/Users/{ana['id']}"
    if how == "PUT":
        answer = directory("PUT", path, {"schemas": [USER], "userName": "ana", "active": False})
    elif how == "DELETE":
        answer = directory("DELETE", path)
    elif how == "PATCH":
        answer = directory.patch(path, {"op": "replace", "path": "active", "value": False})
    elif how == "value":
        answer = directory.patch(path, {"op": "replace", "value": {"active": False}})
    else:
        answer = directory.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert answer.status_code == (204 if how == "DELETE" else 200), answer.text
    assert cut(*held) == (True, 401, True)
    assert "session.ended" not in bystander.names()
    assert known(ana).deactivated_at is not None


def test_who_comes_back_signs_in_anew_and_old_programs_stay_out(directory, seated):
    ana, browser, program, hears = seated
    directory.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": False})
    directory.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": True})
    assert known(ana).deactivated_at is None
    assert cut(browser, program, hears) == (True, 401, True)
    assert auth.make_token(None, int(ana["id"]), name="new")


def test_who_was_removed_is_unknown_and_can_be_named_again(directory):
    ana = directory.add("ana", externalId="E-1")
    assert directory("DELETE", f"/Users/{ana['id']}").status_code == 204
    for method in ("GET", "DELETE"):
        refused(directory(method, f"/Users/{ana['id']}"), 404)
    assert directory.found('/Users?filter=externalId eq "E-1"') == []
    again = directory.add("ana")
    assert (again["id"], again["active"], known(again).deactivated_at) == (ana["id"], True, None)


def test_what_an_admin_closed_by_hand_no_directory_opens(directory):
    root = make_person("root", roles=["admin"])
    ana = directory.add("ana")
    people.deactivate(root, known(ana))
    sent = {"schemas": [USER], "userName": "ana", "active": True}
    now = directory("PUT", f"/Users/{ana['id']}", sent).get_json(force=True)
    assert (now["active"], known(ana).deactivated_at is not None) == (False, True)
    directory("DELETE", f"/Users/{ana['id']}")
    assert directory.add("ana")["active"] is False


def test_saying_nothing_of_active_leaves_it_as_it_is(directory):
    ana = directory.add("ana", active=False)
    assert (ana["active"], known(ana).deactivated_at is not None) == (False, True)
    now = directory("PUT", f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana"}).get_json(force=True)
    assert now["active"] is False


def test_the_last_admin_is_not_cut_off(directory):
    ana = directory.add("ana")
    people.set_roles(None, get_person(int(ana["id"])), ["admin"])
    path = f"/Users/{ana['id']}"
    refused(directory.patch(path, {"op": "replace", "path": "active", "value": False}), 409)
    refused(directory("DELETE", path), 409)
    assert (known(ana).deactivated_at, directory("GET", path).status_code) == (None, 200)
    make_person("root", roles=["admin"])
    assert directory("DELETE", path).status_code == 204


# --- keys ------------------------------------------------------------------------------------------------


def test_only_a_key_for_provisioning_opens_anything(app, directory, anonymous, sign_in):
    root = make_person("root", roles=["admin"])
    token = auth.make_token(None, root.id, name="api")
    addresses = ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Users", "/Groups", "/Users/1"]
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": "Basic eDp5"},
    ):
        for path in addresses:
            answer = sign_in(root).get(f"/scim/v2{path}", headers=dict(headers))
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            refused(answer, 401)
    assert (
        anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {directory.secret}"}).status_code
        == 401
    )
    stored = db.session.scalars(select(ProvisioningKey.secret_hash)).all()
    assert directory.secret not in str(stored)


def test_a_key_ends_by_revocation_and_by_its_date(connect):
    from datetime import timedelta

    from app.kernel import clock

    first, second = connect("first"), connect("second")
    key = db.session.scalar(select(ProvisioningKey).where(ProvisioningKey.name == "first"))
    actions.revoke_key(None, key.id)
    refused(first("GET", "/Users"), 401)
    assert second("GET", "/Users").status_code == 200
    first.secret = actions.make_key(None, name="short", days=1)
    assert first("GET", "/Users").status_code == 200
    with clock.at(clock.now() + timedelta(days=2)):
        refused(first("GET", "/Users"), 401)
    actions.note_used()
    used = db.session.scalars(select(ProvisioningKey.used_at).where(ProvisioningKey.name == "second")).one()
    assert used is not None


def test_everything_is_in_the_log_as_done_by_provisioning(directory):
    directory.add_group("Staff", ana := directory.add("ana", title="Welder"))
    directory("DELETE", f"/Users/{ana['id']}")
    acts = {row.act: json.loads(row.record) for row in db.session.scalars(select(AuditEntry))}
    for act in (
        "person.added",
        "person.provisioned",
        "group.provisioned",
        "person.deactivated",
        "person.unprovisioned",
    ):
        assert (acts[act]["actor"], acts[act]["data"]["by"]) == (None, "provisioning"), act
    assert "by" not in acts["provisioning.key_made"]["data"]


# --- what can't be read ----------------------------------------------------------------------------------


def test_what_is_no_request_is_refused_in_the_words_of_the_protocol(directory, app):
    ana = directory.add("ana")
    path, bearer = f"/scim/v2/Users/{ana['id']}", {"Authorization": f"Bearer {directory.secret}"}
    send = lambda data, kind=SCIM, method="PUT": directory.client.open(  # noqa: E731
        path, method=method, data=data, content_type=kind, headers=dict(bearer)
    )
    for broken in (b"{", b"[]", b"7", b"\xff", b'{"userName": NaN}', b'{"a": 1, "a": 2}', b"[" * 20_000):
        refused(send(broken), 400, "invalidSyntax")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        refused(send(b"{}", kind), 415)
    refused(send(b'{"a": "' + b"x" * 1_100_000 + b'"}'), 413)
    refused(send(b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}"), 400, "invalidSyntax")
    refused(directory("GET", "/Nothing"), 404)
    refused(directory("DELETE", "/Users"), 405)
    refused(directory("GET", "/Users/²"), 404)
    refused(directory("GET", f"/Users/0{ana['id']}"), 404)
    many = [{"op": "replace", "path": "title", "value": "x"}] * 101
    refused(directory.patch(f"/Users/{ana['id']}", *many), 413)


@pytest.mark.parametrize(
    "wrong",
    [
        {"userName": ""},
        {"userName": None},
        {"userName": 7},
        {"userName": "\0"},
        {"userName": "x" * 255},
        {"title": "x" * 121},
        {"title": ["x"]},
        {"title": "x" * 5_000},
        {"active": "perhaps"},
        {"active": {}},
        {"emails": "x"},
        {"emails": [{"value": "x@y.example"}] * 11},
        {"emails": [{"value": "a@b.example", "primary": True}, {"value": "b@b.example", "primary": True}]},
        {"name": "Ana"},
        {"name": {"familyName": "x" * 121}},
        {"schemas": ["urn:x"]},
        {"schemas": 7},
        {ENTERPRISE: 7},
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_written(directory, wrong):
    sent = {"schemas": [USER], "userName": "ana", **wrong}
    answer = directory("POST", "/Users", sent)
    assert (answer.status_code, answer.mimetype) == (400, SCIM), answer.text
    assert answer.get_json(force=True)["scimType"] in {"invalidValue", "invalidSyntax"}
    assert directory.found("/Users") == []


def test_text_that_no_database_holds_is_left_out(directory):
    ana = directory.add("a\0na", title="W\0elder", displayName="\ud800Ana")
    assert (ana["userName"], ana["title"], ana["displayName"]) == ("ana", "Welder", "Ana")


def test_who_was_faster_is_told_by_versions(directory):
    ana = directory.add("ana")
    path, version = f"/Users/{ana['id']}", ana["meta"]["version"]
    first = directory("GET", path)
    assert first.headers["ETag"] == version
    assert directory("GET", path, If_None_Match=version).status_code == 304
    change = {"op": "replace", "path": "title", "value": "One"}
    assert directory.patch(path, change, If_Match=version).status_code == 200
    refused(directory.patch(path, {**change, "value": "Two"}, If_Match=version), 412)
    refused(directory("DELETE", path, If_Match=version), 412)
    sent = {"schemas": [USER], "userName": "ana"}
    refused(directory("PUT", path, sent, If_Match=version), 412)
    assert known(ana).title == "One"
    assert directory("GET", path, If_None_Match=version).status_code == 200
    assert directory("DELETE", path, If_Match="*").status_code == 204


def test_saying_the_same_again_changes_no_version(directory):
    ana = directory.add("ana", title="One")
    sent = {"schemas": [USER], "userName": "ana", "title": "One"}
    now = directory("PUT", f"/Users/{ana['id']}", sent).get_json(force=True)
    assert now == ana


def test_somebody_who_is_added_in_between_is_told_as_taken(directory, monkeypatch):
    """Free when it was looked for, taken when it was written: the answer of a race that was lost."""
    make_person("bo")
    monkeypatch.setattr(actions, "free_login", lambda _said: "bo")
    sent = {"schemas": [USER], "userName": "somebody@acme.example"}
    refused(directory("POST", "/Users", sent), 409, "uniqueness")
    assert (
        directory("GET", '/Users?filter=userName eq "somebody@acme.example"').get_json(force=True)[
            "totalResults"
        ]
        == 0
    )
