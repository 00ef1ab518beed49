"""`flask charter train` and `score`, as scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.console import classify
from app.kernel.db import db
from app.labelling import actions as labelling
from app.relevance import queries
from app.relevance.classifier.model import TONE, WORK
from app.relevance.models import Label, ModelVersion
from tests.relevance.world import BUSINESS, CHATTER, make_model, tiny


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()
    return lambda *command, typed=None: runner.invoke(args=["charter", *command], input=typed)


@pytest.fixture
def quick(monkeypatch):
    """Lessons that take no time: what was asked of them, and a small model."""
    asked: list[tuple[str, int]] = []

    def learn(task, labels):
        labels = list(labels)
        asked.append((task, len(labels)))
        return tiny(task, labels=len(labels))

    monkeypatch.setattr(labelling, "train_apart", learn)
    monkeypatch.setattr(classify, "train_apart", learn)
    return asked


def lines(*told: dict) -> str:
    return "".join(json.dumps(one) + "\n" for one in told)


def scores(flask, *posts: dict):
    done = flask("score", typed=lines(*posts))
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_before_any_label_work_is_silent_and_tone_is_told_from_the_seed_set(flask, quick):
    status, (answer,) = scores(flask, {"id": 7, "lang": "fr", "text": CHATTER})
    assert (status, answer["id"], answer["work"]) == (0, 7, None)
    assert answer["tone"] > 0.9
    assert quick == [(TONE, 0)]


def test_work_speaks_from_200_labels(flask):
    make_model(TONE)
    make_model(WORK, labels=199)
    assert scores(flask, {"id": 1, "text": BUSINESS})[1][0]["work"] is None
    make_model(WORK, labels=200)
    status, answers = scores(
        flask,
        {"id": 1, "lang": "en", "text": BUSINESS},
        {"id": "x", "text": CHATTER},
        {"id": 2, "text": "Trop court"},
        {"id": 3, "lang": "de", "text": CHATTER},
    )
    assert status == 0
    assert [one["id"] for one in answers] == [1, "x", 2, 3]
    assert answers[0]["work"] > 0.8
    assert answers[1]["work"] < 0.2
    assert answers[2] == {"id": 2, "work": None, "tone": None}
    assert answers[3] == {"id": 3, "work": None, "tone": None}


def test_a_line_that_cannot_be_scored_is_answered_in_its_place(flask):
    make_model(TONE)
    done = flask("score", typed="nonsense\n\n" + lines({"id": 1, "text": CHATTER}))
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert told[0]["error"].startswith("line 1")
    assert told[1]["id"] == 1


def test_training_reports_bad_lines_and_learns_from_the_others(flask, quick, tmp_path: Path):
    file = tmp_path / "labels.jsonl"
    good = [{"lang": "fr", "text": f"Texte {n}", "work": n % 2, "tone": False} for n in range(4)]
    file.write_text("oops\n" + lines(*good), encoding="utf-8")
    done = flask("train", "--labels", str(file))
    assert done.exit_code == 1
    assert "line 1: not JSON" in done.stderr
    assert quick == [(WORK, 4), (TONE, 4)]
    assert queries.in_force(WORK).labels == 4


def test_a_later_file_takes_the_place_of_the_one_before_in_its_language(flask, quick, tmp_path: Path):
    def train(*told: dict, more=()):
        file = tmp_path / "labels.jsonl"
        file.write_text(lines(*told), encoding="utf-8")
        assert flask("train", "--labels", str(file), *more).exit_code == 0

    train({"lang": "fr", "text": "Un", "work": 1}, {"lang": "en", "text": "One", "work": 1})
    train({"lang": "fr", "text": "Deux", "work": 0}, {"lang": "fr", "text": "Trois", "work": 1})
    kept = sorted(db.session.scalars(select(Label.text)))
    assert kept == ["Deux", "One", "Trois"]
    assert quick == [(WORK, 2), (WORK, 3)]
    before = queries.in_force(WORK).id
    train({"lang": "fr", "text": "Quatre", "work": 0}, more=["--keep-current"])
    assert queries.in_force(WORK).id == before
    assert len(db.session.scalars(select(ModelVersion.id)).all()) == 3


def test_a_file_without_a_usable_line_changes_nothing(flask, quick, tmp_path: Path):
    file = tmp_path / "labels.jsonl"
    file.write_text('{"text": "a"}\n', encoding="utf-8")
    done = flask("train", "--labels", str(file))
    assert (done.exit_code, quick) == (1, [])
    assert "No line could be used." in done.stderr


@pytest.mark.slow
def test_a_real_lesson_tells_what_it_was_taught(flask, tmp_path: Path):
    """From a file to scores through the process that learns."""
    topics = (
        ["machine", "facture", "réunion", "client", "budget"],
        ["plage", "pizza", "mariage", "copains", "match"],
    )
    told = [
        {
            "lang": "fr",
            "text": f"Voici le message {n} qui parle de {word} et encore de {word}",
            "work": 1 - side,
        }
        for side, words in enumerate(topics)
        for word in words
        for n in range(20)
    ]
    file = tmp_path / "labels.jsonl"
    file.write_text(lines(*told), encoding="utf-8")
    done = flask("train", "--labels", str(file))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("work: 200 labels, AUC 1.0")
    make_model(TONE)
    _status, answers = scores(
        flask,
        {"id": 1, "text": "Un autre message qui parle surtout de machine et de facture"},
        {"id": 2, "text": "Un autre message qui parle surtout de plage et de mariage"},
    )
    assert answers[0]["work"] > 0.8
    assert answers[1]["work"] < 0.2
