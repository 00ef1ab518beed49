"""The table of abilities is what the policies say, all of them; and duties stay apart."""

import importlib
import inspect

import pytest

from app.admin.abilities import ABILITIES, kinds, someone, table
from app.assembly import FEATURES
from app.gate.actions import replace
from app.kernel.errors import AppError, Conflict
from app.people.actions import deactivate, set_roles
from app.posts.queries import get_post
from app.spaces.queries import get_space
from tests.make import make_person, make_post, make_space, person_of


def policies_about_nothing():
    """Every rule in the house that depends on who asks and on nothing else."""
    for feature in FEATURES:
        try:
            module = importlib.import_module(f"app.{feature}.policy")
        except ModuleNotFoundError:
            continue
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            of_one = list(inspect.signature(rule).parameters) == ["actor"]
            if rule.__module__ == module.__name__ and of_one and name.startswith(("can_", "is_")):
                yield rule


def test_every_rule_that_depends_on_the_role_alone_has_its_line():
    assert set(policies_about_nothing()) <= {ability.policy for ability in ABILITIES}


def test_each_cell_is_what_the_policy_answers():
    for ability, line in zip(ABILITIES, table(), strict=True):
        assert line.has == tuple(ability.policy(someone(kind), *ability.about()) for kind in kinds())


def test_duties_are_apart():
    can = {
        ability.policy.__name__ + str(number): {
            kind for kind, has in zip(kinds(), line.has, strict=True) if has
        }
        for number, (ability, line) in enumerate(zip(ABILITIES, table(), strict=True))
    }
    by = lambda name: set().union(*(who for key, who in can.items() if key.startswith(name)))  # noqa: E731
    assert by("can_manage_gate") == by("can_manage_people") == {"admin"}
    moderators = {"moderator", "senior_moderator"}
    assert not moderators & (by("can_manage_charter") | by("can_manage_gate") | by("can_read_audit"))
    assert by("can_review") == by("is_reviewer") == moderators
    assert can["can_read4"] == set(), "nobody reads a closed space without belonging to it"
    assert "client" not in set().union(*can.values())


@pytest.mark.parametrize("role", ["admin", "auditor", "charter_owner", "staff_representative"])
def test_who_writes_rules_reads_neither_closed_spaces_nor_what_is_held(role):
    from tests.make import accept, make_mixing_rule, make_organisation

    make_mixing_rule()
    make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    ana, other = make_person("ana"), make_person(roles=[role])
    accept(ana)
    closed, open_ = make_space(ana, visibility="closed"), make_space(ana)
    secret = make_post(ana, closed, "Between us")
    held = make_post(ana, open_, "Boulonex delivers to Acme")
    assert held.state == "held"
    for entry in (secret, held):
        with pytest.raises(AppError):
            get_post(other, entry.id)
    assert get_space(other, open_.id)


def test_moderators_do_not_change_rules(sign_in):
    mo = make_person(roles=["moderator", "senior_moderator"])
    with pytest.raises(AppError):
        replace(mo, {"rules": [{"network": "127.0.0.0/8"}]}, address="127.0.0.1")


def test_somebody_always_can_administer():
    root = make_person("root", roles=["admin"])
    with pytest.raises(Conflict):
        set_roles(root, person_of(root), [])
    with pytest.raises(Conflict):
        deactivate(root, person_of(root))


def test_the_table_is_read_by_admins_in_both_languages(sign_in):
    for locale, said in (("fr", "Dire qui peut entrer"), ("en", "Say who may enter")):
        page = sign_in(make_person(roles=["admin"], locale=locale)).get("/admin/roles")
        assert (page.status_code, said in page.text) == (200, True)
    assert sign_in(make_person(roles=["auditor"])).get("/admin/roles").status_code == 403
