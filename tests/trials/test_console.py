"""`flask charter backtest` and `check`, as an admin uses them."""

from __future__ import annotations

import json

import pytest

from app.charter.actions import save_rule
from tests.make import make_post
from tests.rulebook.world import make_world, propose


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()
    return lambda *command: runner.invoke(args=list(command))


def test_a_rule_is_tried_here_and_now(flask):
    world = make_world()
    for body in ("Quel bouffon", "Bonjour"):
        make_post(world.author, world.space, body)
    propose(world.owner)
    done = flask("charter", "backtest", "lex.test", "--months", "1")
    told = json.loads(done.stdout.splitlines()[-1])
    assert done.exit_code == 0
    assert (told["state"], told["read"], told["hits"], told["authors"]) == ("done", 2, 1, 1)
    assert list(told["weeks"].values()) == [[2, 1]]
    assert flask("charter", "backtest", "lex.none").exit_code == 1


def test_check_names_what_can_not_be_applied_and_what_fails_its_examples(flask):
    make_world()
    assert flask("charter", "check").exit_code == 0
    save_rule(None, "broken", kind="pattern", action="flag", clause="3.1", params={"pattern": "("})
    examples = {"forbidden": ["clown"], "allowed": []}
    words = {"terms": ["bouffon"]}
    save_rule(None, "wrong", examples=examples, kind="phrases", action="flag", clause="3.1", params=words)
    said = flask("charter", "check")
    assert said.exit_code == 1
    assert "broken" in said.output
    assert "wrong" in said.output
