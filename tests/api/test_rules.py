"""The rulebook for programs: owners and staff representatives read it, nobody else knows of it."""

from __future__ import annotations

from tests.make import make_person
from tests.rulebook.world import make_live, make_world, propose


def test_rules_are_read_by_those_whom_they_concern(app, api):
    world = make_world()
    make_live(world)
    propose(world.owner, params={"terms": ["clown"]})
    for who in (world.owner, make_person("sara", roles=["staff_representative"])):
        status, answer = api(who)("GET", "/charter/rules")
        (rule,) = answer["items"]
        assert (status, rule["key"], rule["state"], rule["version"]) == (200, "lex.test", "live", 1)
        assert rule["coming"] == {"version": 2, "state": "draft"}
        status, whole = api(who)("GET", "/charter/rules/lex.test")
        assert [version["version"] for version in whole["versions"]] == [2, 1]
        assert whole["versions"][1]["must_find"] == ["Quel bouffon"]
    for path in ("/charter/rules", "/charter/rules/lex.test"):
        assert api(world.author)("GET", path)[0] == 404
    assert api(world.owner)("GET", "/charter/rules/none")[0] == 404
