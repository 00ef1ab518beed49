"""A version on trial before it counts: does the engine take it, do its examples hold, was it measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from flask_babel import gettext as _

from app.charter import compiled
from app.charter import queries as charter
from app.charter.engine import (
    ACTIONS,
    KINDS,
    NEVER_ABOVE_FLAG,
    Draft,
    FailedExample,
    Finding,
    OrganisationSpec,
    PolicySpec,
    RuleSpec,
    Scope,
    Space,
    Verdict,
    compile_policy,
    evaluate,
    failed_examples,
)
from app.charter.engine import Policy as EnginePolicy
from app.charter.rulebook import queries, tightening
from app.charter.rulebook.content import Content
from app.charter.rulebook.models import RuleVersion
from app.charter.rulebook.states import STANDING, STOPPING, Transition
from app.charter.rulebook.versions import content_of, examples_of
from app.kernel import clock, settings
from app.kernel.errors import Invalid

KEY = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
LONGEST_KEY = 50
# What a text alone can't show: who writes when, what is attached, what a model thinks.
NOT_BY_TEXT = frozenset(
    {
        "rate",
        "duplicate",
        "quiet",
        "work",
        "tone",
        "consent",
        "attachment.type",
        "attachment.macro",
        "combination",
    }
)


@dataclass(frozen=True)
class Tried:
    """What a rule makes of one text."""

    findings: Sequence[Finding]
    pieces: Sequence[tuple[str, bool]]
    action: str
    problem: str = ""


def check_content(key: str, content: Content) -> None:
    """Invalid with a sentence per field unless the engine can apply it and the charter knows its clause."""
    problems: dict[str, str] = {}
    if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        problems["key"] = _("Small letters, digits and dots, such as lex.insult: at most 50.")
    if content.kind not in KINDS:
        problems["kind"] = _("Choose one of the values offered.")
    if content.action not in ACTIONS[1:]:
        problems["action"] = _("Choose one of the values offered.")
    elif content.kind in NEVER_ABOVE_FLAG and content.action in STOPPING:
        problems["action"] = _("A model only advises: this kind of rule flags at most.")
    if content.clause not in {clause.number for clause in charter.clauses_in_force()}:
        problems["clause"] = _("Choose a clause of the charter in force.")
    if not problems and (reason := problem_of(key, content)):
        problems["condition"] = reason
    problems = problems or tightening.loosening(key, content)
    if problems:
        raise Invalid(fields=problems)


def problem_of(key: str, content: Content) -> str:
    """Why the engine can't take this condition; empty when it can."""
    policy = compile_policy(PolicySpec((spec(key, content),), company=compiled.company()))
    return policy.problems[0].reason if policy.problems else ""


def spec(key: str, content: Content) -> RuleSpec:
    """The content as the engine reads it, applied."""
    shown = RuleVersion(**content.as_columns(), number=1, state="live")
    return compiled.spec_of(key, shown, state="live")


def failures(key: str, version: RuleVersion) -> Sequence[FailedExample]:
    """The version's own examples that it fails now."""
    told, examples = content_of(version), examples_of(version)
    if not examples.allowed and not examples.forbidden:
        return ()
    return failed_examples(
        replace(spec(key, told), scope=Scope()),
        compiled.company(),
        clock.now(),
        allowed=examples.allowed,
        forbidden=examples.forbidden,
        organisations=_registry(settings.get(charter.POLICY_VERSION, 0)) if told.kind == "mixing" else (),
    )


def missing_for(version: RuleVersion, step: Transition) -> str:
    """What has to be done before this step, as a sentence; empty when nothing is."""
    rule = queries.rule_of(version)
    if step.target in STANDING and (narrowed := tightening.narrowing(rule, version.scope)):
        return narrowed
    if step.examples and (wrong := _examples_missing(rule.key, version)):
        return wrong
    if step.backtest and queries.finished_backtest(version) is None:
        return _("Try it on past messages first.")
    if step.measured and version.action in STOPPING:
        return _measure_missing(version)
    return ""


def _examples_missing(key: str, version: RuleVersion) -> str:
    if problem := problem_of(key, content_of(version)):
        return _("The rule can’t be applied: %(reason)s", reason=problem)
    if version.kind not in NOT_BY_TEXT and not (version.allowed and version.forbidden):
        return _("Give it at least one text that it must find and one that it must leave alone.")
    if failures(key, version):
        return _("It fails its own examples. Correct the rule or the examples.")
    return ""


def _measure_missing(version: RuleVersion) -> str:
    measured = queries.precision(version)
    if measured is None:
        return _("Try it on past messages first.")
    if not measured.is_measured:
        if not measured.hits:
            return _("It never hit in too few messages to tell. Try it on a longer time.")
        return _("Label %(n)s of its hits first: right or wrong.", n=measured.wanted)
    if not measured.allows(version.action):
        return _(
            "It is wrong too often to stop messages. Leave it capped at flag, or write a better version."
        )
    return ""


def try_text(key: str, content: Content, text: str) -> Tried:
    """What this rule alone makes of a text posted in a space of the company, now."""
    policy = alone(key, content)
    if policy.problems:
        return Tried((), ((text, False),), "allow", policy.problems[0].reason)
    verdict = evaluate(policy, Draft(body=text, space=Space(work_only=True)), clock.now())
    return Tried(verdict.findings, pieces(text, verdict), verdict.action)


def alone(key: str, content: Content) -> EnginePolicy:
    """A policy of this rule and what it needs, wherever it applies."""
    one = replace(spec(key, content), scope=Scope())
    names = _registry(settings.get(charter.POLICY_VERSION, 0)) if content.kind == "mixing" else ()
    return compile_policy(PolicySpec((one,), names, company=compiled.company()))


def pieces(text: str, verdict: Verdict) -> Sequence[tuple[str, bool]]:
    """The text cut where something was found, each piece with whether it was."""
    places = sorted(
        (place.start, place.end) for f in verdict.findings for place in f.places if place.part == "body"
    )
    cut: list[tuple[str, bool]] = []
    at = 0
    for start, end in places:
        if start < at or end <= start:
            continue
        cut += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [one for one in [*cut, (text[at:], False)] if one[0]]


@lru_cache(maxsize=2)
def _registry(_version: int) -> tuple[OrganisationSpec, ...]:
    return compiled.registry()
