"""The questions on the charter, for programs."""

from __future__ import annotations

import pytest

from app.charter.learning import actions
from app.charter.queries import forget, version_in_force
from tests.make import make_charter, make_person


@pytest.fixture
def question(app):
    make_charter()
    asked = actions.Asked(
        "Qui lit ?", "Who reads?", ["Tous", "Nul"], ["All", "None"], 0, "Chacun.", "All.", "1.1"
    )
    made = actions.save_question(None, version_in_force(), asked)
    actions.require_quiz(None, version_in_force(), required=True)
    forget()
    return made


def reply(question, answer, version=1):
    return {"version": version, "answers": [{"question": question.id, "answer": answer}]}


def test_one_reads_answers_learns_and_only_then_accepts(question, api):
    ask = api(make_person())
    status, quiz = ask("GET", "/charter/quiz")
    assert (status, quiz["required"], quiz["passed"]) == (200, True, False)
    assert quiz["questions"] == [{"id": question.id, "text": "Qui lit ?", "answers": ["Tous", "Nul"]}]
    wrong = {"passed": False, "questions": [{"id": question.id, "is_right": False, "reason": "Chacun."}]}
    assert ask("POST", "/charter/quiz", reply(question, 1)) == (200, wrong)
    assert ask("POST", "/charter/acceptance", {"version": 1})[0] == 409
    for _again in range(2):
        assert ask("POST", "/charter/quiz", reply(question, 0))[1]["passed"]
    assert ask("GET", "/charter/quiz")[1]["passed"]
    assert ask("POST", "/charter/acceptance", {"version": 1})[0] == 204


def test_another_version_a_partial_answer_and_no_questions(question, api):
    ask = api(make_person())
    assert ask("POST", "/charter/quiz", reply(question, 0, version=2))[0] == 409
    assert not ask("POST", "/charter/quiz", {"version": 1, "answers": []})[1]["passed"]
    assert ask("POST", "/charter/quiz", {"version": 1})[0] == 422
    assert not ask("GET", "/charter/quiz")[1]["passed"]


def test_without_questions_there_is_no_quiz(app, api):
    make_charter()
    assert api(make_person())("GET", "/charter/quiz")[0] == 404
