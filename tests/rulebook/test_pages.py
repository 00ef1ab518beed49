"""The rulebook as owners meet it in the browser, and what others get."""

from __future__ import annotations

import pytest

from app.charter.rulebook import actions
from app.kernel import jobs
from tests.make import make_person, make_post
from tests.rulebook.world import backtested, make_live, make_world, propose, rule, through

FORM = {
    "key": "lex.joke",
    "kind": "phrases",
    "action": "flag",
    "clause": "3.1",
    "p_terms": "clown\n=maïs\nlicenci*",
    "p_inflect": "fr",
    "space_kinds": "internal",
    "forbidden": "Quel clown\nDeux clowns",
    "allowed": "Bonjour",
    "note": "Demandé par l’équipe",
}


@pytest.fixture
def world(app):
    return make_world()


def test_an_owner_writes_a_rule_in_plain_words(world, sign_in):
    browser = sign_in(world.owner)
    answer = browser.post("/charter/rules", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/charter/rules/lex.joke?done=saved")
    page = browser.get("/charter/rules/lex.joke").text
    assert "clown" in page
    assert "lex.joke" in browser.get("/charter/rules").text
    assert rule("lex.joke").params["terms"] == ["clown", {"t": "maïs", "accent_sensitive": True}, "licenci*"]
    assert rule("lex.joke").scope == {"space_kinds": ["internal"]}


def test_the_test_box_keeps_nothing(world, sign_in):
    browser = sign_in(world.owner)
    tried = {**FORM, "act": "try", "try_text": "Voilà deux clowns ici"}
    page = browser.post("/charter/rules", data=tried).text
    assert "<mark>clowns</mark>" in page
    part = browser.post("/charter/rules", data=tried, headers={"X-Fragment": "1"}).text
    assert "<html" not in part
    assert "clownes" in part  # a form that it looks for
    assert browser.get("/charter/rules/lex.joke").status_code == 404


def test_a_bad_pattern_is_refused_with_its_reason_and_nothing_typed_is_lost(world, sign_in):
    form = {**FORM, "kind": "pattern", "p_patterns": "(clown", "p_on": "folded"}
    answer = sign_in(world.owner).post("/charter/rules", data=form)
    assert answer.status_code == 422
    assert "missing )" in answer.text
    assert "(clown" in answer.text
    assert "Quel clown" in answer.text


@pytest.mark.parametrize("kind", ["rate", "quiet", "work", "combination", "email", "link.deny", "mixing"])
def test_every_kind_of_form_is_read_and_shown_again(world, sign_in, kind):
    browser = sign_in(world.owner)
    fields = {
        "rate": {"p_limit": "4", "p_window_s": "10", "p_per": "space"},
        "quiet": {"p_from": "20:30", "p_to": "06:30", "p_weekend": "1", "p_exempt": "category incident"},
        "work": {"p_below": "0.3", "p_min_words": "8"},
        "combination": {
            "c_group[]": ["all", "none"],
            "c_fact[]": ["author_age_below_days", "has_link"],
            "c_value[]": ["7", "yes"],
        },
        "email": {"p_role_addresses": "support\nsales"},
        "link.deny": {"p_domains": "bad.example"},
        "mixing": {},
    }[kind]
    form = {**{k: v for k, v in FORM.items() if not k.startswith("p_")}, "kind": kind, **fields}
    assert browser.post("/charter/rules", data=form).status_code == 303
    wanted = {
        "rate": {"limit": 4, "window_s": 600, "per": "space"},
        "quiet": {"from": "20:30", "to": "06:30", "weekend": True, "exempt": ["category incident"]},
        "work": {"below": 0.3, "min_words": 8},
        "combination": {"all": [{"author_age_below_days": 7.0}], "none": [{"has_link": True}]},
        "email": {"role_addresses": ["support", "sales"]},
        "link.deny": {"domains": ["bad.example"]},
        "mixing": {},
    }[kind]
    assert rule("lex.joke").params == wanted
    page = browser.get("/charter/rules/lex.joke/edit")
    assert page.status_code == 200
    assert all(str(value).split("\n")[0] in page.text for value in fields.values() if isinstance(value, str))


def test_what_people_can_not_do_they_do_not_find(world, sign_in):
    propose(world.owner)
    stranger, staff = sign_in(world.author), sign_in(make_person("sara", roles=["staff_representative"]))
    for path in ("", "/new", "/lex.test", "/lex.test/edit", "/lex.test/versions/1"):
        assert stranger.get(f"/charter/rules{path}").status_code == 404
    assert staff.get("/charter/rules/lex.test").status_code == 200
    assert staff.post("/charter/rules", data=FORM).status_code == 403
    assert (
        staff.post("/charter/rules/lex.test/moves", data={"version": 1, "name": "emergency"}).status_code
        == 403
    )
    assert (
        stranger.post("/charter/rules/lex.test/moves", data={"version": 1, "name": "emergency"}).status_code
        == 404
    )
    assert rule().state == "draft"


def test_a_step_that_is_not_due_says_what_is_missing(world, sign_in):
    propose(world.owner)
    answer = sign_in(world.owner).post("/charter/rules/lex.test/moves", data={"version": 1, "name": "test"})
    assert answer.status_code == 422
    assert rule().state == "draft"


def test_from_idea_to_force_with_labels_and_two_people(world, sign_in):
    """The whole way, as two owners click it."""
    for n in range(25):
        make_post(world.author, world.space, f"Quel bouffon, numéro {n}")
    owner, other = sign_in(world.owner), sign_in(world.other)
    idea = {**FORM, "key": "lex.test", "p_terms": "bouffon", "action": "hold", "forbidden": "Quel bouffon"}
    assert owner.post("/charter/rules", data=idea).status_code == 303
    started = owner.post("/charter/rules/lex.test/backtests", data={"version": 1, "months": 3})
    while jobs.run_next():
        pass
    report = started.location
    assert "25" in owner.get(report).text
    assert "bouffon" not in owner.get(report + "/sample/0").text  # not before it is opened
    opened = owner.post(report + "/sample/0/opening", headers={"X-Fragment": "1"})
    assert "<mark>bouffon</mark>" in opened.text
    for place in range(25):
        answer = owner.post(f"{report}/sample/{place}/label", data={"label": "right"})
        assert answer.status_code == 303
    for who, name in (
        (owner, "test"),
        (owner, "dry_run"),
        (owner, "cap"),
        (owner, "ask"),
        (other, "go_live"),
    ):
        step = who.post("/charter/rules/lex.test/moves", data={"version": 1, "name": name})
        assert step.status_code == 303, (name, step.text[:2000])
    assert make_post(world.author, world.space, "Encore un bouffon").state == "held"


def test_versions_are_compared(world, sign_in):
    propose(world.owner)
    propose(world.owner, params={"terms": ["clown"], "inflect": "fr: s"})
    page = sign_in(world.owner).get("/charter/rules/lex.test/versions/2").text
    assert "<del>bouffon</del>" in page
    assert "<ins>clown</ins>" in page


def test_an_exemption_through_the_page(world, sign_in):
    make_live(world)
    browser = sign_in(world.owner)
    bad = browser.post("/charter/rules/lex.test/exemptions", data={"until": "2099-01-01", "reason": "x"})
    assert bad.status_code == 422
    form = {"login": "ana", "until": "2099-01-01", "reason": "Théâtre"}
    assert browser.post("/charter/rules/lex.test/exemptions", data=form).status_code == 303
    assert make_post(world.author, world.space, "Quel bouffon").state == "published"


def test_the_backtest_is_closed_to_others(world, sign_in):
    version = propose(world.owner)
    done = backtested(version, right=2)
    path = f"/charter/rules/lex.test/backtests/{done.id}"
    staff = sign_in(make_person("sara", roles=["staff_representative"]))
    for who in (sign_in(world.author), staff):
        for where in (path, path + "/sample/0"):
            assert who.get(where).status_code == 404
        assert who.post(path + "/sample/0/opening").status_code == 404
    assert sign_in(world.owner).get(path).status_code == 200


def test_a_rule_in_every_state_has_its_page(world, sign_in):
    browser = sign_in(world.owner)
    version = make_live(world)
    for name in ("pause", "resume", "retire"):
        through(world, version, name)
        assert browser.get("/charter/rules/lex.test").status_code == 200
    assert actions.actions_for(world.owner, version) == []
