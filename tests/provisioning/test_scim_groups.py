"""The directory's groups: roles and places come and go with them, in the same transaction."""

from __future__ import annotations

from app.people import groups
from app.spaces.policy import role_in
from tests.make import actor, make_person, make_space
from tests.provisioning.conftest import GROUP
from tests.provisioning.test_people import refused


def test_roles_and_places_follow_every_change_of_a_group(directory):
    space = make_space(make_person(), visibility="closed")
    groups.grant(None, name="Welders", space_id=space.id)
    groups.grant(None, name="Moderation", role="moderator")
    ana, bo = directory.add("ana"), directory.add("bo")
    who = {"ana": int(ana["id"]), "bo": int(bo["id"])}

    def held():
        return {name: (sorted(actor(n).roles), role_in(actor(n), space.id)) for name, n in who.items()}

    nothing, place, role = ([], None), ([], "member"), (["moderator"], None)
    group = directory.add_group("Welders", ana)
    path = f"/Groups/{group['id']}"
    assert held() == {"ana": place, "bo": nothing}
    directory.patch(path, {"op": "add", "path": "members", "value": [{"value": bo["id"]}]})
    assert held() == {"ana": place, "bo": place}
    directory.patch(path, {"op": "remove", "path": f'members[value eq "{ana["id"]}"]'})
    assert held() == {"ana": nothing, "bo": place}
    directory.patch(path, {"op": "replace", "path": "displayName", "value": "moderation"})
    assert held() == {"ana": nothing, "bo": role}
    sent = {"schemas": [GROUP], "displayName": "Welders", "members": [{"value": ana["id"]}]}
    directory("PUT", path, sent)
    assert held() == {"ana": place, "bo": nothing}
    directory.patch(path, {"op": "remove", "path": "members", "value": [{"value": ana["id"]}]})
    assert held() == {"ana": nothing, "bo": nothing}
    directory.patch(
        path, {"op": "replace", "path": "members", "value": [{"value": ana["id"]}, {"value": bo["id"]}]}
    )
    assert held() == {"ana": place, "bo": place}
    assert directory("DELETE", path).status_code == 204
    assert held() == {"ana": nothing, "bo": nothing}
    refused(directory("GET", path), 404)


def test_who_leaves_the_directory_leaves_its_groups(directory):
    groups.grant(None, name="Law", role="charter_owner")
    ana = directory.add("ana")
    group = directory.add_group("Law", ana)
    directory("DELETE", f"/Users/{ana['id']}")
    now = directory("GET", f"/Groups/{group['id']}").get_json(force=True)
    assert "members" not in now
    assert now["meta"]["version"] != group["meta"]["version"]
    directory.add("ana")
    assert actor(int(ana["id"])).roles == set()


def test_a_person_shows_their_groups(directory):
    ana = directory.add("ana")
    group = directory.add_group("Law", ana)
    now = directory("GET", f"/Users/{ana['id']}").get_json(force=True)
    assert [(one["value"], one["display"]) for one in now["groups"]] == [(group["id"], "Law")]
    assert now["meta"]["version"] != ana["meta"]["version"]
    refused(directory.patch(f"/Users/{ana['id']}", {"op": "remove", "path": "groups"}), 400, "mutability")


def test_members_are_people_whom_the_directory_keeps(directory):
    ana, mine = make_person("ana"), directory.add("mine")
    group = directory.add_group("Law", mine)
    for wrong in (str(ana.id), "404404", "x", "", group["id"], "9" * 30):
        told = [{"value": mine["id"]}, {"value": wrong}]
        sent = {"schemas": [GROUP], "displayName": "Other", "members": told}
        refused(directory("POST", "/Groups", sent), 400, "invalidValue")
        add = {"op": "add", "path": "members", "value": [{"value": wrong}]}
        refused(directory.patch(f"/Groups/{group['id']}", add), 400, "invalidValue")
    nested = {"op": "add", "path": "members", "value": [{"value": group["id"], "type": "Group"}]}
    refused(directory.patch(f"/Groups/{group['id']}", nested), 400, "invalidValue")
    assert len(directory("GET", f"/Groups/{group['id']}").get_json(force=True)["members"]) == 1


def test_a_name_stands_for_one_group(directory):
    directory.add_group("Law")
    refused(directory("POST", "/Groups", {"schemas": [GROUP], "displayName": " law "}), 409, "uniqueness")
    other = directory.add_group("Order")
    renamed = directory.patch(
        f"/Groups/{other['id']}", {"op": "replace", "path": "displayName", "value": "LAW"}
    )
    refused(renamed, 409, "uniqueness")
    refused(directory("POST", "/Groups", {"schemas": [GROUP]}), 400, "invalidValue")
    assert len(directory.found("/Groups")) == 2


def test_the_last_admin_keeps_the_role_when_their_group_ends(directory):
    groups.grant(None, name="Root", role="admin")
    ana = directory.add("ana")
    group = directory.add_group("Root", ana)
    assert directory("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert actor(int(ana["id"])).is_admin
