"""Rules as a whole: states, exemptions, failures, budgets, places, combinations."""

import io
import json
import tarfile
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.charter.engine import (
    DEGRADED,
    Alias,
    Attachment,
    Author,
    Company,
    Contact,
    Draft,
    Exemption,
    Mention,
    Neighbour,
    OrganisationSpec,
    PastItem,
    Place,
    PolicySpec,
    RuleActivity,
    RuleSpec,
    Scope,
    Side,
    Space,
    Thread,
    alias_warnings,
    compile_policy,
    evaluate,
    evaluate_lines,
    failed_examples,
    fingerprint,
    inflected_forms,
    inspect_file,
    is_silent,
    is_token_valid,
    issue_token,
    iter_hits,
    profile_spec,
    should_trip,
    sides_of,
    token_id,
)

from .support import C1, PROFILE, S1, ask, short

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
WORD = RuleSpec("lex.word", "phrases", "hold", "art. 3", {"terms": ["zut"]})
MIX = RuleSpec("mix", "mixing", "hold", "art. 1")
ORGANISATIONS = (
    OrganisationSpec("C1", frozenset({"client"}), "Boréalis", domains=("borealis.example",)),
    OrganisationSpec(
        "S1",
        frozenset({"supplier"}),
        "Boulonex",
        contacts=(Contact("Léa Martin", emails=("lea@perso.example",)),),
    ),
)


def policy(*rules, **more):
    return compile_policy(PolicySpec(rules, **more))


def hits(verdict):
    return list(iter_hits(verdict))


def test_a_finding_says_where_and_under_which_clause():
    body = "Ah **zut** alors"
    (finding,) = evaluate(policy(WORD), Draft(body=body), NOW).findings
    assert (finding.rule, finding.clause, finding.action, finding.part) == (
        "lex.word",
        "art. 3",
        "hold",
        "body",
    )
    assert body[slice(*finding.span)] == "zut"


SPANS = [
    ("ah zut", "zut"),
    ("ah z<b>u</b>t", "z<b>u</b>t"),
    ("ah z\u200but", "z\u200but"),
    ("ah zu\u0301t", "zu\u0301t"),
    ("ah zut\u0301", "zut\u0301"),
    ("> - ah\n>   zut", "zut"),
    ("ﬁn de zut", "zut"),
    ("Œuf, zut", "zut"),
    ("&eacute; zut", "zut"),
    ("&#122;ut", "&#122;ut"),
    ("a\r\nb\r\n\r\nzut", "zut"),
    ("\tzut", "zut"),
    ("```\nx\nzut\n```", "zut"),
    ("# zut #", "zut"),
    ("[zut](https://a.example)", "zut"),
    ("![zut](https://a.example)", "zut"),
    ("[a](https://a.example 'zut')", "https://a.example"),
    ("`` zut ``", "zut"),
    ("\\*zut\\*", "zut"),
    ("<div>\nzut\n</div>", "zut"),
    ("*a* **b** zut", "zut"),
    ("İ zut", "zut"),
    ("ß zut", "zut"),
    ("😀 zut", "zut"),
    ("zzzut", "zzzut"),
]


@pytest.mark.parametrize(("body", "underlined"), SPANS)
def test_the_place_is_right_in_the_source(body, underlined):
    (finding,) = evaluate(policy(WORD), Draft(body=body), NOW).findings
    assert body[slice(*finding.span)] == underlined


def test_parts_are_named():
    draft = Draft(
        title="zut",
        body="zut",
        attachments=(Attachment("zut.pdf", text="zut", alt="zut"),),
        poll=("a", "zut"),
        hashtags=("zut",),
    )
    (finding,) = evaluate(policy(WORD), draft, NOW).findings
    parts = [place.part for place in finding.places]
    assert parts == [
        "title", "body", "attachment:0:name", "attachment:0:alt", "attachment:0:text", "poll:1", "hashtag:0",
    ]  # fmt: skip


def test_mixing_underlines_both_sides():
    body = "Boulonex pour **Boréalis**"
    (finding,) = evaluate(policy(MIX, organisations=ORGANISATIONS), Draft(body=body), NOW).findings
    assert [body[place.start : place.end] for place in finding.places] == ["Boulonex", "Boréalis"]


def test_the_strictest_decides_and_comes_first_and_all_are_reported():
    soft = RuleSpec("soft", "phrases", "nudge", params={"terms": ["zut"]})
    hard = RuleSpec("hard", "phrases", "block", params={"terms": ["zut"]})
    verdict = evaluate(policy(soft, WORD, hard), Draft(body="zut"), NOW)
    assert (verdict.action, hits(verdict)) == ("block", ["hard", "lex.word", "soft"])


SCOPES = [
    (Scope(objects=frozenset({"comment"})), Draft(body="zut"), False),
    (Scope(objects=frozenset({"comment"})), Draft(body="zut", object="comment"), True),
    (Scope(events=frozenset({"edit"})), Draft(body="zut"), False),
    (Scope(events=frozenset({"edit"})), Draft(body="zut", event="edit"), True),
    (Scope(space_kinds=frozenset({"client"})), Draft(body="zut"), False),
    (Scope(space_kinds=frozenset({"client"})), Draft(body="zut", space=Space(kind="client")), True),
    (Scope(spaces=frozenset({"7"})), Draft(body="zut", space=Space("8")), False),
    (Scope(spaces=frozenset({"7"})), Draft(body="zut", space=Space("7")), True),
    (Scope(spaces=frozenset({"7"})), Draft(body="zut"), False),
    (Scope(segments=frozenset({"supplier"})), Draft(body="zut"), False),
    (Scope(segments=frozenset({"supplier"})), Draft(body="zut", author=Author(segment="supplier")), True),
]


@pytest.mark.parametrize(("scope", "draft", "applies"), SCOPES)
def test_scope(scope, draft, applies):
    assert bool(evaluate(policy(replace(WORD, scope=scope)), draft, NOW).findings) is applies


STATES = [
    ("draft", "allow", 0), ("tested", "allow", 0), ("dry_run", "allow", 1), ("live_soft", "flag", 0),
    ("live", "hold", 0), ("paused", "allow", 0), ("tripped", "flag", 0), ("retired", "allow", 0),
    ("expired", "allow", 0),
]  # fmt: skip


@pytest.mark.parametrize(("state", "action", "unseen"), STATES)
def test_state(state, action, unseen):
    verdict = evaluate(policy(replace(WORD, state=state)), Draft(body="zut"), NOW)
    assert (verdict.action, len(verdict.exempted)) == (action, unseen)
    assert all(one.why == "dry_run" for one in verdict.exempted)


def test_a_cap_never_makes_an_action_stricter():
    mild = replace(WORD, action="nudge", state="tripped")
    assert evaluate(policy(mild), Draft(body="zut"), NOW).action == "nudge"


EXEMPTIONS = [
    (Exemption("lex.word", role="chair"), True),
    (Exemption("lex.word", role="clerk"), False),
    (Exemption("lex.word", person="7"), True),
    (Exemption("lex.word", person="8"), False),
    (Exemption("lex.word", space="3"), True),
    (Exemption("lex.word", space="4"), False),
    (Exemption("lex.word", space_kind="union"), True),
    (Exemption("lex.word", space_kind="union", role="clerk"), False),
    (Exemption("*", person="7"), True),
    (Exemption("other", person="7"), False),
    (Exemption("lex.word", person="7", until=NOW + timedelta(seconds=1)), True),
    (Exemption("lex.word", person="7", until=NOW), False),
]


@pytest.mark.parametrize(("exemption", "covers"), EXEMPTIONS)
def test_exemptions_are_recorded(exemption, covers):
    draft = Draft(body="zut", author=Author("7", frozenset({"chair"})), space=Space("3", "union"))
    verdict = evaluate(policy(WORD, exemptions=(exemption,)), draft, NOW)
    assert (verdict.action, [one.hit for one in verdict.exempted]) == (
        ("allow", ["lex.word"]) if covers else ("hold", [])
    )


def test_an_exemption_may_cover_one_pair_only():
    two = (*ORGANISATIONS, OrganisationSpec("C2", frozenset({"client"}), "Cordelia"))
    compiled = policy(MIX, organisations=two, exemptions=(Exemption("mix:C1+S1"),))
    verdict = evaluate(compiled, Draft(body="Boulonex, Boréalis, Cordelia"), NOW)
    assert (hits(verdict), [one.hit for one in verdict.exempted]) == (["mix:C2+S1"], ["mix:C1+S1"])


BROKEN = [
    {"pattern": "("},
    {"pattern": r"(a)\1"},
    {"pattern": "(?=a)"},
    {"pattern": "a*"},
    {"pattern": "x" * 501},
    {"pattern": ""},
    {"patterns": ["ok", "["]},
    {},
]


@pytest.mark.parametrize("params", BROKEN)
def test_a_bad_pattern_is_set_aside_with_its_reason_and_nothing_else_is(params):
    compiled = policy(RuleSpec("bad", "pattern", "hold", params=params), WORD)
    assert [problem.rule for problem in compiled.problems] == ["bad"]
    assert compiled.problems[0].reason
    assert hits(evaluate(compiled, Draft(body="zut a"), NOW)) == ["lex.word"]


def test_other_rules_that_cannot_be_compiled_are_set_aside_too():
    wrong = [
        RuleSpec("a", "no such kind", "hold"),
        RuleSpec("b", "rate", "hold"),
        RuleSpec("c", "combination", "hold", params={"all": [{"no such fact": 1}]}),
        RuleSpec("d", "secret", "hold", params={"formats": ["no such format"]}),
    ]
    assert [problem.rule for problem in policy(*wrong, WORD).problems] == ["a", "b", "c", "d"]


def test_a_rule_that_fails_is_reported_and_the_others_go_on():
    quiet = RuleSpec("quiet", "quiet", "nudge", params={"from": "20:00", "to": "07:00"})
    draft = Draft(body="zut", mentions=(Mention("paul"),))
    verdict = evaluate(policy(quiet, WORD), draft, "not a time")  # type: ignore[arg-type]
    assert (verdict.action, hits(verdict)) == ("hold", ["lex.word", DEGRADED])
    assert [one.rule for one in verdict.degraded] == ["quiet"]


FAILING = [
    ("pii.card", "hold"),
    ("pii.nir", "hold"),
    ("pii.iban", "flag"),
    ("lex.insult", "flag"),
    ("mix", "flag"),
]


@pytest.mark.parametrize(("rule", "action"), FAILING)
def test_what_a_failure_leads_to(rule, action):
    answer = ask("Bonjour", rule_errors=[rule])
    assert (answer["action"], answer["hits"]) == (action, [DEGRADED])


def test_over_budget_the_rest_is_not_evaluated():
    clock = iter([0.0, 0.1, 0.25, 0.3])
    second = replace(WORD, key="second")
    third = replace(WORD, key="third", fail_mode="hold", action="nudge")
    verdict = evaluate(policy(WORD, second, third), Draft(body="rien"), NOW, timer=lambda: next(clock))
    assert [(one.rule, one.action) for one in verdict.degraded] == [("second", "flag"), ("third", "hold")]


def test_a_contact_who_left_stands_for_nobody():
    gone = (
        ORGANISATIONS[0],
        replace(ORGANISATIONS[1], contacts=(Contact("Léa Martin", valid_to=date(2026, 3, 9)),)),
    )
    body = Draft(body="Léa Martin chez Boréalis")
    assert evaluate(policy(MIX, organisations=gone), body, NOW).action == "allow"
    assert evaluate(policy(MIX, organisations=ORGANISATIONS), body, NOW).action == "hold"


def test_of_a_long_file_only_so_much_is_read():
    long = Draft(body="zut", attachments=(Attachment("a.txt", text="b " * 250_000),))
    verdict = evaluate(policy(WORD), long, NOW, timer=lambda: 0.0)
    assert hits(verdict) == ["lex.word", DEGRADED]


def test_a_text_longer_than_what_is_read_is_flagged():
    verdict = evaluate(policy(WORD), Draft(body="a " * 250_000), NOW, timer=lambda: 0.0)
    assert (verdict.action, hits(verdict)) == ("flag", [DEGRADED])


DAY = 86_400
COMBINATIONS = [
    ({"all": [{"hit": "lex.word"}, {"author_age_below_days": 30}]}, {}, True, 0),
    ({"all": [{"hit": "lex.word"}, {"author_age_below_days": 5}]}, {}, False, 0),
    ({"all": [{"hit": "lex.word"}, {"first_post": True}]}, {}, True, 0),
    ({"any": [{"hit": "lex.other"}, {"first_post": True}]}, {}, True, 0),
    ({"any": [{"hit": "lex.other"}, {"hit": "lex.word"}]}, {"body": "rien"}, False, 0),
    ({"none": [{"hit": "lex.other"}]}, {}, True, 0),
    ({"none": [{"hit": "lex.word"}]}, {}, False, 0),
    ({"all": [{"author_age_below_days": 30}]}, {"author": Author()}, False, 1),
    ({"all": [{"first_post": True}]}, {"author": Author()}, False, 1),
    ({"any": [{"first_post": True}, {"hit": "lex.word"}]}, {"author": Author()}, True, 1),
    ({"all": [{"hit": "no.such.rule"}]}, {}, False, 1),
    ({"all": [{"edited_within_s": 60}]}, {}, False, 0),
    (
        {"all": [{"edited_within_s": 60}]},
        {"event": "edit", "published_at": NOW - timedelta(seconds=59)},
        True,
        0,
    ),
    (
        {"all": [{"edited_within_s": 60}]},
        {"event": "edit", "published_at": NOW - timedelta(seconds=60)},
        False,
        0,
    ),
    ({"all": [{"edited_within_s": 60}]}, {"event": "edit"}, False, 1),
    ({"all": [{"count": {"hit": "lex.word", "window_s": DAY, "at_least": 3}}]}, {}, True, 0),
    ({"all": [{"count": {"hit": "lex.word", "window_s": DAY, "at_least": 4}}]}, {}, False, 0),
    ({"all": [{"count": {"hit": "lex.word", "window_s": 60, "at_least": 2}}]}, {}, False, 0),
    ({"all": [{"count": {"hit": "lex.other", "window_s": 60, "at_least": 1}}]}, {}, False, 1),
    ({"all": [{"any": [{"none": [{"hit": "lex.other"}]}]}]}, {}, True, 0),
    ({"all": [{"work_below": 0.2}]}, {"work_score": 0.1}, True, 0),
    ({"all": [{"work_below": 0.2}]}, {}, False, 1),
    ({"all": [{"space_kind": "internal"}, {"event": "create"}, {"object": "post"}]}, {}, True, 0),
    ({"all": [{"has_link": True}]}, {"body": "https://a.example"}, True, 0),
    ({"all": [{"has_attachment": True}]}, {}, False, 0),
]


@pytest.mark.parametrize(("when", "changes", "found", "unknown"), COMBINATIONS)
def test_combinations(when, changes, found, unknown):
    draft = Draft(
        body="zut",
        author=Author("1", joined_at=NOW - timedelta(days=10), published_count=0),
        past_hits={"lex.word": (NOW - timedelta(hours=1), NOW - timedelta(hours=2), NOW - timedelta(days=1))},
    )
    other = RuleSpec("lex.other", "phrases", "flag", params={"terms": ["flûte"]})
    both = RuleSpec("both", "combination", "hold", params=when)
    verdict = evaluate(policy(both, WORD, other), replace(draft, **changes), NOW)
    assert ("both" in hits(verdict)) is found
    assert len([one for one in verdict.degraded if one.reason.startswith("not evaluable")]) == unknown


def test_known_sides_of_a_thread_are_not_read_again():
    compiled = policy(MIX, organisations=ORGANISATIONS)
    root = Neighbour(text="rien à lire", sides=(Side("C1"),))
    said = Draft(object="comment", body="Boulonex", thread=Thread(root=root))
    assert hits(evaluate(compiled, said, NOW)) == ["mix:C1+S1"]
    weak = replace(said, thread=Thread(root=replace(root, sides=(Side("C1", weak=True),))))
    assert evaluate(compiled, weak, NOW).action == "flag"
    assert sides_of(compiled, Draft(body="Boulonex"), NOW) == (Side("S1"),)


def test_an_address_of_a_contact_stands_for_the_organisation():
    compiled = policy(MIX, organisations=ORGANISATIONS)
    assert hits(evaluate(compiled, Draft(body="lea@perso.example pour Boréalis"), NOW)) == ["mix:C1+S1"]


def test_an_organisation_counts_within_its_dates():
    dated = (ORGANISATIONS[0], replace(ORGANISATIONS[1], valid_from=date(2026, 3, 11)))
    compiled = policy(MIX, organisations=dated)
    assert evaluate(compiled, Draft(body="Boulonex, Boréalis"), NOW).action == "allow"
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert evaluate(compiled, Draft(body="Boulonex, Boréalis"), late).action == "hold"


def test_hundreds_of_names_in_one_text_stay_answerable():
    many = tuple(
        OrganisationSpec(f"O{n}", frozenset({"client" if n % 2 else "supplier"}), f"Nom{n}x")
        for n in range(600)
    )
    verdict = evaluate(policy(MIX, organisations=many), Draft(body=" ".join(o.name for o in many)), NOW)
    assert verdict.action == "hold"
    assert 1 <= len(verdict.findings) <= 100


def test_duplicates_may_be_told_by_their_key():
    from app.charter.engine import duplicate_key

    rule = RuleSpec("dup", "duplicate", "hold", params={"limit_spaces": 1, "window_s": 60})
    past = PastItem(NOW, "a", body_key=duplicate_key("Bonjour à tous"))
    draft = Draft(body="BONJOUR à tous !", space=Space("b"), history=(past,))
    assert hits(evaluate(policy(rule), draft, NOW)) == ["dup"]


def test_a_rate_may_be_counted_by_space():
    rule = RuleSpec("rate", "rate", "hold", params={"limit": 1, "window_s": 60, "per": "space"})
    draft = Draft(body="a", space=Space("b"), history=(PastItem(NOW, "a"),))
    assert not hits(evaluate(policy(rule), draft, NOW))
    assert hits(evaluate(policy(rule), replace(draft, space=Space("a")), NOW)) == ["rate"]


def test_links_with_a_label_of_another_host():
    rule = RuleSpec("label", "link.label", "flag")
    shown = "[https://a.example/x](https://b.example)"
    assert hits(evaluate(policy(rule), Draft(body=shown), NOW)) == ["label"]
    for honest in (
        "[https://a.example](https://a.example/x)",
        "[www.a.example](https://a.example)",
        "[ici](https://b.example)",
    ):
        assert not hits(evaluate(policy(rule), Draft(body=honest), NOW))


def test_only_listed_links():
    rule = RuleSpec("only", "link.allow", "hold", params={"domains": ["ok.example"]})
    compiled = policy(rule, company=Company("entreprise.example"))
    for text, found in (
        ("https://ok.example", []),
        ("https://x.entreprise.example", []),
        ("https://no.example", ["only"]),
    ):
        assert hits(evaluate(compiled, Draft(body=text), NOW)) == found


def nudged():
    compiled = policy(RuleSpec("n", "phrases", "nudge", params={"terms": ["zut"]}))
    draft = Draft(body="ah zut")
    return draft, evaluate(compiled, draft, NOW)


def test_a_nudge_may_be_gone_on_with_by_the_same_author_with_the_same_text_in_time():
    draft, verdict = nudged()
    token = issue_token(b"k", "7", draft, verdict, NOW, nonce="once")
    assert is_token_valid(b"k", token, "7", draft, verdict, NOW + timedelta(minutes=14, seconds=59))
    assert is_token_valid(b"k", token, "7", replace(draft, body="Ah ZUT"), verdict, NOW)
    for author, other, found, key, at in (
        ("8", draft, verdict, b"k", NOW),
        ("7", replace(draft, body="ah zut zut"), verdict, b"k", NOW),
        ("7", replace(draft, title="x"), verdict, b"k", NOW),
        ("7", draft, replace(verdict, findings=()), b"k", NOW),
        ("7", draft, verdict, b"other", NOW),
        ("7", draft, verdict, b"k", NOW + timedelta(minutes=15)),
    ):
        assert not is_token_valid(key, token, author, other, found, at)
    newer = tuple(replace(finding, version=2) for finding in verdict.findings)
    assert not is_token_valid(b"k", token, "7", draft, replace(verdict, findings=newer), NOW)
    for broken in ("", "x", "1.2", "1.2.3", "²." + token, token + "x", "é.é.é"):
        assert not is_token_valid(b"k", broken, "7", draft, verdict, NOW)
    assert token_id(token) != token_id(issue_token(b"k", "7", draft, verdict, NOW, nonce="twice"))


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_files_are_read_by_their_bytes():
    facts = inspect_file(zipped({"a.txt": b"bonjour", "x/outil.bin": b"MZ\x90\x00"}))
    assert [(member.name, member.magic[:2]) for member in facts.members] == [
        ("a.txt", "bo"),
        ("x/outil.bin", "MZ"),
    ]
    assert not facts.problems
    assert inspect_file(zipped({"word/vbaProject.bin": b"x"})).macros
    assert inspect_file(b"MZ\x90").magic.startswith("MZ")
    assert inspect_file(b"").magic == ""
    assert inspect_file(b"PK\x03\x04 broken").problems
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("outil.exe"))
    assert [member.name for member in inspect_file(stream.getvalue()).members] == ["outil.exe"]


def test_bombs_are_reported_and_not_opened():
    assert inspect_file(zipped({"zeros": b"\0" * (8 << 20)})).problems == ("unpacks to too much",)
    many = inspect_file(zipped({f"{n}": b"" for n in range(1_200)}))
    assert many.problems == ("too many members",)
    assert len(many.members) == 1_000


def test_the_breaker():
    assert should_trip(RuleActivity(evaluations=50, hits=5, authors_hit=1, active_authors=100))
    assert not should_trip(RuleActivity(evaluations=50, hits=4, authors_hit=4, active_authors=10))
    assert not should_trip(RuleActivity(evaluations=100, hits=5, authors_hit=1, active_authors=100))
    assert should_trip(RuleActivity(evaluations=1_000, hits=10, authors_hit=10, active_authors=100))
    assert not should_trip(RuleActivity(evaluations=1_000, hits=10, authors_hit=9, active_authors=100))
    assert is_silent(RuleActivity(0, 0, 0, 0), texts=20)
    assert is_silent(RuleActivity(5, 0, 0, 0, failures=5), texts=20)
    assert not is_silent(RuleActivity(0, 0, 0, 0), texts=3)
    assert not is_silent(RuleActivity(20, 0, 0, 0), texts=20)


def test_what_the_author_of_a_rule_is_told():
    assert inflected_forms("fou", ["fr"]) == ("fou", "fous", "foue", "foues", "foux")
    assert inflected_forms("licenci*", ["fr"]) == ("licenci*",)
    assert inflected_forms("…") == ()
    failed = failed_examples(WORD, Company(), NOW, allowed=["zut", "rien"], forbidden=["zut", "oups"])
    assert [(one.text, one.wanted) for one in failed] == [("zut", False), ("oups", True)]
    broken = failed_examples(RuleSpec("p", "pattern", "hold", params={"pattern": "("}), Company(), NOW)
    assert broken[0].problem
    assert alias_warnings(Alias("NM")) == ("short",)
    assert alias_warnings(Alias("NM", "ctx")) == ()
    assert alias_warnings(Alias("Client")) == ("context",)
    assert alias_warnings(Alias("Pierre"), {"pierre"}) == ("common",)
    assert alias_warnings(Alias("--")) == ("empty",)
    assert fingerprint(b"s", "FR76") == fingerprint(b"s", "fr76") != fingerprint(b"t", "FR76")


def test_a_bad_line_is_reported_and_the_others_are_answered():
    good = json.dumps({"id": "ok", "text": "connard"})
    bad = [
        "{", "[]", "1", '{"text": "x"}', '{"id": 1}', '{"id": 1, "text": 2}',
        '{"id": 1, "text": "x", "context": 3}',
        '{"id": 1, "text": "x", "context": {"event": "dance"}}',
        '{"id": 1, "text": "x", "context": {"at": "yesterday"}}',
        '{"id": 1, "text": "x", "context": {"at": "2026-03-10T10:00:00"}}',
        '{"id": 1, "text": "x", "entities": [{"id": "C1"}]}',
        '{"id": 1, "text": "x", "entities": 4}',
        '{"id": 1, "text": "x", "context": {"rule_states": {"mix": "odd"}}}',
        '{"id": 1, "text": "x", "context": {"attachments": [3]}}',
        '{"id": 1, "text": "x", "context": {"history": [{"at": 5}]}}',
    ]  # fmt: skip
    answers = list(evaluate_lines(PROFILE, [good, *bad, "", good]))
    assert ["error" in answer for answer in answers] == [False, *[True] * len(bad), False]
    assert answers[-1]["hits"] == ["lex.insult"]


def test_a_profile_that_names_its_kinds():
    own = {
        "rules": {
            "a": {"action": "flag", "kind": "phrases", "terms": ["zut"]},
            "b": {"action": "hold", "all": [{"hit": "a"}, {"role": "employee"}]},
        }
    }
    at = "2026-03-10T10:00:00+01:00"
    assert short(ask("zut", profile=own, at=at)) == "hold a b"
    assert profile_spec({}).rules == ()


def test_place_is_part_of_the_answer_for_every_kind():
    verdict = evaluate(compile_policy(profile_spec(PROFILE, [C1, S1])), Draft(body="06 39 98 12 34"), NOW)
    assert verdict.findings[0].places == (Place("body", 0, 14),)
