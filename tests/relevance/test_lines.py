"""Label files as people write them."""

from __future__ import annotations

import json

import pytest

from app.relevance.classifier.lines import Bad, Labelled, read_labels, read_post


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ({"work": True}, {"work": True}),
        ({"work": 0, "tone": 1}, {"work": False, "tone": True}),
        ({"work": 1.0}, {"work": True}),
        ({"work": "oui", "tone": None}, {"work": True}),
        ({"label": "private"}, {"work": False}),
        ({"label": "insulting"}, {"tone": True}),
        ({"label": "Neutral"}, {"tone": False}),
        ({"label": 1, "task": "tone"}, {"tone": True}),
        ({"labels": ["work", "neutral"]}, {"work": True, "tone": False}),
        ({"labels": {"work": 0}}, {"work": False}),
    ],
)
def test_a_label_may_be_said_in_several_ways(line, values):
    (told,) = read_labels([json.dumps({"lang": "fr", "text": "Bonjour", **line})])
    assert told == Labelled("Bonjour", "fr", values)


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[]", "{}",
     '{"text": "a"}', '{"text": "a", "work": 2}', '{"text": "", "work": 1}', '{"work": 1}',
     '{"text": "a", "label": "banana"}', '{"text": "a", "label": 1}', '{"text": 5, "tone": 1}',
     "[" * 100_000],
)  # fmt: skip
def test_a_line_that_says_nothing_is_named_and_the_others_count(line):
    good = '{"text": "b", "work": 1}'
    told = list(read_labels([good, "", line, good]))
    assert [type(one) for one in told] == [Labelled, Bad, Labelled]
    assert told[1].number == 3
    assert told[1].why


def test_a_post_may_lack_everything_but_its_text():
    assert read_post('{"text": "a"}') == (None, "a", None)
    for line in ('{"id": 1}', '{"text": "a", "lang": 5}', "x"):
        with pytest.raises(ValueError):
            read_post(line)
