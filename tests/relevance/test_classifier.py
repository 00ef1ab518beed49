"""A model scores the same everywhere, within bounds, and says nothing where it knows nothing."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.relevance.classifier import figures
from app.relevance.classifier.features import features, tokenise
from app.relevance.classifier.model import TONE, WORK, Model, Unreadable, from_bytes, to_bytes
from app.relevance.classifier.seed import seed_lines

pytestmark = pytest.mark.one_database


@cache
def seed_model(task: str) -> Model:
    from app.relevance.classifier.train import Sample, train

    lines = [line for line in seed_lines() if task in line]
    return train(task, [Sample(x["text"], bool(x[task]), True, bool(x.get("work"))) for x in lines])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from([None, "fr", "en", "fr-FR"]))
def test_any_text_gets_a_score_within_bounds_or_none_and_always_the_same(text, lang):
    model = seed_model(TONE)
    score = model.score(text, lang)
    assert score is None or 0 <= score <= 1
    assert score == from_bytes(to_bytes(model)).score(text, lang) == model.score(text, lang)


def test_few_words_and_other_languages_get_none():
    model = seed_model(TONE)
    assert model.score("Tu es un gros idiot") is None
    assert model.score("Tu es un gros idiot mon pauvre", "fr") is not None
    assert model.score("Du bist wirklich ein ganz großer Idiot", "de") is None
    assert model.score("1234 5678 91011 !!! ??? ... 22 33") is None


def test_insults_score_above_blunt_professional_words():
    model = seed_model(TONE)
    insults = [
        "Mais quel pauvre idiot celui-là, ferme-la enfin",
        "You are such a pathetic loser, shut up now",
    ]
    blunt = [
        "Ce devis est inacceptable, refaites-le avant demain midi",
        "This build is broken again, please fix it today",
    ]
    assert min(map(model.score, insults)) > 0.5 > max(map(model.score, blunt))


def test_blunt_professional_texts_of_the_seed_set_hardly_ever_alarm_when_unseen():
    """The false alarms that the trial saw: at one half, at most one in two hundred."""
    model = seed_model(TONE)
    told = model.shape.figures
    assert told["auc"] > 0.95
    assert told["right"] == told["caught"] > 20


def test_the_words_that_weighed_are_named():
    terms = dict(seed_model(TONE).terms("Merci de relire ce rapport, espèce de crétin, avant demain"))
    assert terms["cretin"] > 0 > terms["merci"]


def test_accents_case_and_disguises_make_no_difference():
    assert tokenise("RÉUNION à 14 h…") == tokenise("reunion a 9 h...")
    assert features("Crétiiiiin").words == features("cretiin").words


def test_what_is_no_model_is_refused():
    whole = to_bytes(seed_model(WORK))
    for bytes_ in (b"", b"\x80\x04", whole[:-9], whole[:40], whole.replace(b'"task"', b'"tusk"')):
        with pytest.raises(Unreadable):
            from_bytes(bytes_)


def test_scoring_needs_no_heavy_library():
    """A web process that scores must not pay for what learns."""
    said = "import sys, app.relevance.queries; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_few_own_labels_of_one_kind_still_make_a_model():
    from app.relevance.classifier.train import Sample, train

    lines = [line for line in seed_lines() if WORK in line]
    seeds = [Sample(x["text"], bool(x[WORK]), True) for x in lines]
    model = train(WORK, [Sample("Compte rendu de la réunion de chantier de ce jour", True), *seeds])
    assert model.shape.labels == 1
    assert not model.shape.figures["on_own"]
    assert not model.speaks


def test_training_twice_gives_the_same_model():
    from app.relevance.classifier.train import Sample, train

    samples = [Sample(x["text"], bool(x[WORK]), True) for x in seed_lines() if WORK in x]
    assert to_bytes(train(WORK, samples)) == to_bytes(train(WORK, samples))


def test_auc_is_the_share_of_pairs_in_order():
    assert figures.auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert figures.auc([1, 1, 1], [True, False, True]) == 0.5
    assert figures.auc([1, 2], [True, True]) == 0.5


def test_bounds_of_a_share():
    low, high = figures.wilson(9, 10)
    assert 0.59 < low < 0.6
    assert 0.98 < high < 0.99
    assert figures.wilson(0, 0) == (0.0, 1.0)


def test_the_seed_set_is_whole():
    """Every line says what it is in both languages; nothing stands twice."""
    lines = seed_lines()
    assert len({line["text"] for line in lines}) == len(lines) > 400
    for line in lines:
        assert line["lang"] in {"fr", "en"}
        assert line["tone"] in {0, 1}
        assert line.get("work", 0) in {0, 1}
        assert len(line["text"].split()) >= 4
