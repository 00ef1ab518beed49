"""What holds for every number, every text and every way through the life of a rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.charter.rulebook.inputs import Written
from app.charter.rulebook.precision import Precision, wilson
from app.charter.rulebook.states import OVER, STANDING, TRANSITIONS
from app.kernel.errors import Invalid

WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
)


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bound_never_promises_more_than_was_seen(pair):
    right, n = pair
    assert 0 <= wilson(right, n) <= right / n
    if right < n:
        assert wilson(right, n) < wilson(right + 1, n)
    assert wilson(right, n) <= wilson(right * 2, n * 2)  # more of the same is surer


@given(st.integers(0, 300), st.integers(0, 100), st.integers(0, 100))
def test_nothing_that_is_not_measured_may_stop_messages(read, right, wrong):
    hits = right + wrong
    measured = Precision(read, hits, right, hits)
    assert measured.allows("flag")
    assert measured.allows("nudge")
    if measured.allows("block"):
        assert measured.allows("hold")
    if measured.allows("hold") and hits:
        assert right / hits >= 0.5


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=12))
def test_no_way_leads_to_force_but_through_a_cap_or_an_emergency(names):
    state, seen = "draft", []
    for name in names:
        step = TRANSITIONS[name]
        if state in step.sources:
            state, seen = step.target, [*seen, name]
    if state == "live":
        assert "emergency" in seen or {"test", "dry_run", "cap", "go_live"} <= set(seen)
    if state in STANDING:
        assert set(seen) & {"cap", "emergency"}
    if state in OVER:
        assert seen[-1] in {"retire", "expire"}


@given(
    st.lists(WORDS, max_size=6),
    st.dictionaries(st.sampled_from(["p_terms", "p_inflect", "spaces", "events", "c_value[]"]), WORDS),
)
def test_no_form_breaks_the_reader(terms, more):
    form = {
        "key": "lex.a",
        "kind": "phrases",
        "action": "flag",
        "clause": "3.1",
        "p_terms": "\n".join(terms),
        **more,
    }
    try:
        written = Written.read(form)
    except Invalid:
        return
    assert written.content.params["terms"]
    assert all(term if isinstance(term, str) else "t" in term for term in written.content.params["terms"])
