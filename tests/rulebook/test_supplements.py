"""What only some spaces add to the rules, and everything that would make it less than it is."""

from __future__ import annotations

import pytest

from app.charter import actions as charter
from app.charter.rulebook.content import Examples
from app.charter.rulebook.versions import next_number, write_down
from app.kernel.action import action
from app.kernel.errors import Invalid
from app.posts.models import HELD, PUBLISHED
from tests.make import make_post, make_space
from tests.rulebook.test_pages import FORM
from tests.rulebook.world import INSULT, backtested, make_live, make_world, propose, rule, through

PITRE = {"terms": ["pitre"]}
WELD = {"terms": ["soudure"]}
WELDING = Examples(("Bonjour",), ("La soudure tient",))


@pytest.fixture
def world(app):
    return make_world()


def only(space) -> dict:
    return {"spaces": [str(space.id)]}


def test_a_space_adds_a_rule_that_stops_there_and_nowhere_else(world):
    other = make_space(world.author, world.reader)
    make_live(world, params=WELD, scope=only(world.space), examples=WELDING)
    assert make_post(world.author, world.space, "La soudure tient").state == HELD
    assert make_post(world.author, other, "La soudure tient").state == PUBLISHED


def test_a_rule_that_counts_everywhere_does_not_become_one_for_some_spaces(world, sign_in):
    make_live(world)
    browser = sign_in(world.owner)
    form = {**FORM, "action": "hold", "p_terms": "bouffon", "forbidden": "Quel bouffon", "space_kinds": []}
    answer = browser.post("/charter/rules/lex.test", data={**form, "spaces": str(world.space.id)})
    assert answer.status_code == 422
    assert "Cette règle vaut partout." in answer.text
    assert rule().version == 1
    elsewhere = make_space(world.author, world.reader)
    assert make_post(world.author, elsewhere, "Quel bouffon").state == HELD
    # Without the space the next version is written.
    assert browser.post("/charter/rules/lex.test", data=form).status_code == 303


def test_one_written_before_the_rule_counted_everywhere_does_not_take_its_place(world):
    """Both were drafts; the wide one stands by the time the narrow one would."""
    wide = propose(world.owner, action="flag")
    backtested(wide, right=30)
    through(world, wide, "test", "dry_run", "cap")
    narrow = propose_unchecked(world)
    with pytest.raises(Invalid) as refusal:
        through(world, narrow, "cap")
    assert "partout" in refusal.value.fields["move"]
    assert rule().version == wide.number


def propose_unchecked(world):
    """A version for one space as it was written when that was still allowed."""

    @action
    def write():
        scope = only(world.space)
        more = {"scope": scope, "allowed": ["Bonjour"], "forbidden": ["Quel bouffon"]}
        return write_down(rule(), next_number(rule()), "dry_run", by_id=world.owner.id, **more)

    return write()


def test_a_milder_twin_of_what_counts_everywhere_is_refused(world, sign_in):
    make_live(world)
    with pytest.raises(Invalid) as refusal:
        propose(world.owner, "lex.here", action="flag", scope=only(world.space))
    assert "lex.test" in refusal.value.fields["action"]
    assert sign_in(world.owner).get("/charter/rules/lex.here").status_code == 404
    # A stricter one, or another one, may be added.
    propose(world.owner, "lex.here", action="block", scope=only(world.space))
    propose(world.owner, "lex.other", action="flag", params={"terms": ["pitre"]}, scope=only(world.space))


def test_from_the_console_neither(world):
    charter.save_rule(None, "lex.wide", kind="phrases", action="hold", clause="3.1", params=INSULT)
    with pytest.raises(Invalid):
        charter.save_rule(None, "lex.wide", scope=only(world.space))
    assert rule("lex.wide").scope == {}
    charter.save_rule(None, "lex.new", kind="phrases", action="hold", clause="3.1", params=PITRE,
                      scope=only(world.space))  # fmt: skip


def test_a_supplement_that_finds_something_silences_nothing_that_counts_everywhere(world):
    """A rule of everywhere that looks for the absence of a supplement's hit still acts."""
    unless = {"any": [{"object": ["post"]}], "none": [{"hit": ["lex.here"]}]}
    charter.save_rule(None, "all.wide", kind="combination", action="hold", clause="3.1", params=unless)
    charter.save_rule(None, "lex.here", kind="phrases", action="nudge", clause="3.1", params=PITRE,
                      scope=only(world.space))  # fmt: skip
    assert make_post(world.author, world.space, "Quel pitre").state == HELD


def test_the_space_says_what_it_adds_and_the_charter_says_what_counts_everywhere(world, sign_in):
    other = make_space(world.author, world.reader)
    more = {"scope": only(world.space), "message_fr": "Pas de soudure ici."}
    make_live(world, params=WELD, examples=WELDING, **more)
    browser = sign_in(world.author)
    assert "Pas de soudure ici." in browser.get(f"/spaces/{world.space.id}/about").text
    assert "Pas de soudure ici." not in browser.get(f"/spaces/{other.id}/about").text
    assert "Pas de soudure ici." not in browser.get("/charter").text


def test_spaces_that_an_owner_does_not_know_of_stay_in_the_rule(world, sign_in):
    secret = make_space(world.author, visibility="secret")
    form = {**FORM, "spaces": str(world.space.id)}
    propose(world.other, "lex.joke", params={"terms": ["clown"]}, scope={"spaces": [str(secret.id)]})
    assert sign_in(world.owner).post("/charter/rules/lex.joke", data=form).status_code == 303
    assert set(rule("lex.joke").scope["spaces"]) == {str(secret.id), str(world.space.id)}
