"""The gate through the API: what admins state, with whom it would cut, and who changed it first."""

from tests.make import make_person

HERE = "127.0.0.0/8"
RULES = [
    {"network": HERE, "roles": ["admin"], "name": "Us"},
    {"effect": "refuse", "network": HERE, "persons": ["bo"]},
    {"places": ["Lyon"], "hours": "Work", "effect": "read_only", "segments": ["client"]},
]
MORE = {
    "places": [{"name": "Lyon", "networks": ["10.1.0.0/16"]}],
    "hours": [{"name": "Work", "windows": [{"days": ["mon"], "from": "08:00", "to": "18:00"}]}],
    "holidays": ["12-25"],
    "access": {"mode": "soft", "hours": "Work", "persons": ["bo"]},
    "time_zone": "Europe/Paris",
}


def test_rules_are_stated_and_read_back(api, world):
    root = api(world.root)
    status, told = root("PUT", "/gate/rules", {"rules": RULES, **MORE})
    assert (status, told["stated_by"], told["version"]) == (200, "admin", 1)
    assert told["rules"][1]["persons"] == ["bo"]
    assert told["rules"][2]["sentence"].startswith("Les clients peuvent entrer depuis Lyon")
    assert told["access"]["persons"] == ["bo"]
    stated = {key: told[key] for key in ("rules", *MORE)}
    for rule in stated["rules"]:
        rule.pop("sentence")
    status, again = root("PUT", "/gate/rules", stated)
    assert status == 200
    assert {**again, "version": 1} == root("GET", "/gate/rules")[1] | {"version": 1}


def test_a_change_of_another_version_is_refused(api, world):
    root = api(world.root)
    tag = root.raw("GET", "/gate/rules").headers["ETag"]
    assert root("PUT", "/gate/rules", {"rules": [{"network": HERE}]}, If_Match=tag)[0] == 200
    assert root("PUT", "/gate/rules", {"rules": [{"network": HERE}]}, If_Match=tag)[0] == 412
    assert root("PUT", "/gate/rules", {"rules": [{"network": HERE}]}, If_Match="1")[0] == 200


def test_what_is_wrong_is_said_by_its_place(api, world):
    root = api(world.root)
    wrong = {"rules": [{"network": HERE}, {"places": ["Nowhere"]}, {"effect": "allow"}, {"network": "x"}]}
    status, said = root("PUT", "/gate/rules", wrong)
    assert (status, set(said["fields"])) == (
        422, {"rules.1.places", "rules.2.places", "rules.3.network"},
    )  # fmt: skip
    assert root("PUT", "/gate/rules", {"rules": [{"network": HERE, "colour": "red"}]})[0] == 422


def test_proposed_rules_are_tried_on_people_and_on_sign_ins(api, world, sign_in):
    root = api(world.root)
    sign_in(world.bo)
    sign_in(world.ana)
    proposed = {"rules": [*RULES[:2], {"network": HERE}], **MORE}
    ask = {"address": "127.0.0.1", "person": "bo", "proposed": proposed}
    status, said = root("POST", "/gate/simulate", ask)
    assert (status, said["admitted"], said["effect"], said["rule"]) == (200, False, "refuse", 2)
    cut = said["forecast"]
    assert {one["person"]["id"] for one in cut["now"]} == {world.bo.id}
    assert {one["person"]["id"] for one in cut["past"]} == {world.bo.id}
    assert root("GET", "/gate/rules")[1]["stated_by"] == "operator"
    at_work = {"address": "10.1.0.7", "person": "ana", "proposed": proposed, "at": "2026-03-02T10:00+01:00"}
    assert root("POST", "/gate/simulate", at_work)[1]["admitted"] is False


def test_nobody_else_tries_or_settles(api, world):
    for who in (world.ana, world.mod, make_person(roles=["auditor"])):
        assert api(who)("POST", "/gate/simulate", {"address": "10.0.0.1", "person": "bo"})[0] == 403
        assert api(who)("POST", "/gate/rules/1/settle")[0] == 403
    assert api(world.root)("POST", "/gate/rules/1/settle")[0] == 409
