"""What holds for any text whatever."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.charter.engine import (
    Attachment,
    Draft,
    PolicySpec,
    RuleSpec,
    Scope,
    Space,
    compile_policy,
    evaluate,
    is_at_least,
    iter_hits,
    profile_spec,
)
from app.charter.engine.fold import fold
from app.charter.engine.segments import own_document
from app.charter.engine.tokens import make_lane

from .support import C1, C2, C3, P1, PROFILE, S1

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
POLICY = compile_policy(profile_spec(PROFILE, [C1, C2, C3, S1, P1]))
ANY = st.text(st.characters(), max_size=200)
PARTS = [
    '[', '](', ')', '*', '_', '`', '```\n', '<', '<!--', '-->', '</b>', '> ', '- ', '\n', '\r\n',
    '\n\n', '    ', '\t', '&amp;', '&#0;', '&#x202e;', '\\', 'Boulonex', 'Boréalis', 'Mars',
    'https://', 'a.example', '@paul', '#', '| ', '\u200b', '́', 'c0nnard', 'c.o.n.n', 'aaa',
    '4111 1111', 'FR76', '06 12', '-\n', 'é', 'İ', 'ß', 'ﬁ', '😀', '\ud800', '\x00', '![', '[a]: ',
    '=\n', '1. ', '%6F', 'http://é', '~', '&', '{',
]  # fmt: skip
MARKED = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
TEXTS = ANY | MARKED
relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(ANY)
def test_folding_keeps_the_way_back(text):
    folded = fold(text)
    origin = list(folded.origin)
    assert len(origin) == len(folded.text) + 1
    assert origin == sorted(origin)
    assert all(0 <= at <= len(text) for at in origin)
    assert origin[-1] == len(text)


@relaxed
@given(ANY)
def test_folding_twice_changes_nothing_more(text):
    once = fold(text).text
    assert fold(once).text == once


@relaxed
@given(TEXTS)
def test_every_stretch_of_the_document_is_in_the_source(text):
    document = own_document(Draft(body=text))
    assert document.starts == sorted(document.starts)
    for piece in document.pieces:
        assert 0 <= piece.start <= piece.end <= len(document.text)
        assert 0 <= piece.at <= piece.stop <= len(text)
    exact = [p for p in document.pieces if p.role in ("text", "quote") and p.end - p.start == p.stop - p.at]
    for piece in exact:
        said = document.text[piece.start : piece.end]
        assert said.isspace() or "&" in text or "\0" in text or said == text[piece.at : piece.stop]


@relaxed
@given(TEXTS, TEXTS)
def test_any_text_is_answered_without_a_failing_rule(body, other):
    draft = Draft(title=other, body=body, attachments=(Attachment(other, text=body),), poll=(other,))
    verdict = evaluate(POLICY, draft, NOW, timer=lambda: 0.0)  # budgets are another matter
    assert verdict.degraded == ()
    for finding in verdict.findings:
        for place in finding.places:
            assert 0 <= place.start <= place.end
            assert place.part != "body" or place.end <= len(body)


@relaxed
@given(TEXTS)
def test_words_are_where_they_say(text):
    document = own_document(Draft(body=text))
    lane = make_lane(fold(document.text), document)
    for word, (start, end) in zip(lane.words, lane.spans, strict=True):
        assert lane.folded.text[start:end] == word


NAMES = st.sampled_from(["Boulonex", "boulonex", "BOULONEX"])
HIDDEN = st.sampled_from(["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d"])


def mixes(written):
    return "mix:C1+S1" in iter_hits(
        evaluate(POLICY, Draft(body=f"Chez {written} pour Boréalis"), NOW, timer=lambda: 0.0)
    )


@relaxed
@given(NAMES, HIDDEN, st.integers(1, 7))
def test_hidden_characters_hide_nothing(name, hidden, at):
    assert mixes(name[:at] + hidden + name[at:])


@relaxed
@given(NAMES, st.sampled_from([".", "-", "_", " ", "/", "·", "+"]))
def test_letters_set_apart_hide_nothing(name, gap):
    assert mixes(gap.join(name))


@relaxed
@given(NAMES, st.integers(0, 7), st.integers(2, 9))
def test_repeated_letters_hide_nothing(name, at, times):
    assert mixes(name[:at] + name[at] * (times + 1) + name[at + 1 :])


@relaxed
@given(NAMES, st.sets(st.sampled_from("oOeE"), min_size=1))
def test_look_alikes_hide_nothing(name, letters):
    table = str.maketrans({"o": "о", "O": "О", "e": "е", "E": "Е"})
    assert mixes("".join(char.translate(table) if char in letters else char for char in name))


@relaxed
@given(NAMES, st.sets(st.sampled_from("oOeE"), min_size=1))
def test_digits_for_letters_hide_nothing(name, letters):
    table = str.maketrans({"o": "0", "O": "0", "e": "3", "E": "3"})
    assert mixes("".join(char.translate(table) if char in letters else char for char in name))


@relaxed
@given(NAMES, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_normal_forms_are_all_the_same(name, form):
    assert mixes(unicodedata.normalize(form, name))


HOSTILE = {
    "brackets": "[" * 20_000,
    "links": "[a](" * 5_000,
    "quotes": ">" * 20_000,
    "quote lines": "> a\n" * 3_000,
    "stars": "*a " * 5_000,
    "tags": "<a " * 5_000,
    "comments": "<!--" * 5_000,
    "lists": "".join(" " * n + "- a\n" for n in range(200)),
    "ticks": "".join("`" * n + "a" for n in range(150)),
    "entities": "&amp;" * 4_000,
    "marks": "e" + "\u0301" * 20_000,
    "letters": "a " * 10_000,
    "one word": "a" * 20_000,
    "digits": "1 " * 10_000,
    "at signs": "a@" * 10_000,
    "dots": "a." * 10_000,
    "hosts": "www." * 5_000,
    "repeats": "aaabbbccc " * 2_000,
    "leet": "c0nn4rd " * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_structure_is_read_without_failing(name):
    text = HOSTILE[name] + "\n\nBoulonex et Boréalis"
    verdict = evaluate(POLICY, Draft(body=text), NOW, timer=lambda: 0.0)
    assert verdict.action in ("hold", "block")
    assert "mix:C1+S1" in iter_hits(verdict)


WIDE = (
    RuleSpec("lex.wide", "phrases", "hold", params={"terms": ["connard", "aaa"]}),
    RuleSpec("pat.wide", "pattern", "flag", params={"pattern": "[0-9]{4}"}),
    RuleSpec(
        "both.wide",
        "combination",
        "hold",
        params={"all": [{"hit": ["pat.wide"]}], "none": [{"hit": ["lex.here"]}]},
    ),
)
KINDS_HERE = st.sampled_from(
    [
        ("phrases", {"terms": ["aaa", "Boulonex", "connard"], "allow_phrases": ["a.example"]}),
        ("pattern", {"pattern": ".*"}),
        ("combination", {"none": [{"hit": ["lex.wide", "both.wide"]}]}),
        ("rate", {"max": 1, "window_s": 60}),
    ]
)
HERE = Scope(spaces=frozenset({"7"}))


@relaxed
@given(
    MARKED, st.lists(st.tuples(KINDS_HERE, st.sampled_from(["nudge", "flag", "hold", "block"])), max_size=4)
)
def test_what_a_space_adds_never_takes_from_what_counts_everywhere(text, added):
    keys = ["lex.here", *(f"here.{n}" for n in range(len(added)))]
    more = [
        RuleSpec(key, kind, action, params=params, scope=HERE)
        for key, ((kind, params), action) in zip(keys, added, strict=False)
    ]
    draft = Draft(body=text, space=Space("7"))
    alone = evaluate(compile_policy(PolicySpec(WIDE)), draft, NOW, timer=lambda: 0.0)
    together = evaluate(compile_policy(PolicySpec((*more, *WIDE))), draft, NOW, timer=lambda: 0.0)
    assert set(alone.findings) <= set(together.findings)
    assert is_at_least(together.action, alone.action)
    elsewhere = evaluate(
        compile_policy(PolicySpec((*more, *WIDE))), Draft(body=text, space=Space("8")), NOW, timer=lambda: 0.0
    )
    assert set(elsewhere.findings) == set(alone.findings)
