"""What the person who writes a rule or registers a name is told before it is saved."""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from .detectors.phrases import suffixes
from .draft import Draft, Side
from .evaluate import evaluate
from .fold import fold_text
from .matcher import inflected
from .policy import CONTEXT_WORDS, Policy, compile_policy
from .scan import Scan
from .spec import Alias, Company, OrganisationSpec, PolicySpec, RuleSpec
from .tokens import split_words

_SHORT: Final = 4


@dataclass(frozen=True, slots=True)
class FailedExample:
    """A rule's own example that it answers wrongly."""

    text: str
    wanted: bool
    problem: str = ""


def inflected_forms(term: str, inflect: object = ()) -> tuple[str, ...]:
    """Every form of a term that a list would look for."""
    words, _ = split_words(fold_text(term.rstrip("*")))
    if not words:
        return ()
    if term.endswith("*"):
        return (" ".join(words) + "*",)
    return tuple(dict.fromkeys(" ".join(form) for form in inflected(tuple(words), suffixes(inflect))))


def failed_examples(
    rule: RuleSpec,
    company: Company,
    now: datetime,
    *,
    allowed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    organisations: tuple[OrganisationSpec, ...] = (),
) -> tuple[FailedExample, ...]:
    """The rule's own examples that it fails; a version with any can't leave draft."""
    alone = PolicySpec((replace(rule, state="live"),), organisations, company=company)
    policy = compile_policy(alone)
    if policy.problems:
        return (FailedExample("", wanted=True, problem=policy.problems[0].reason),)
    tried = [(text, False) for text in allowed] + [(text, True) for text in forbidden]
    return tuple(FailedExample(text, wanted) for text, wanted in tried if _fires(policy, text, now) != wanted)


def _fires(policy: Policy, text: str, now: datetime) -> bool:
    return bool(evaluate(policy, Draft(body=text), now).findings)


def alias_warnings(alias: Alias, common_words: Collection[str] = ()) -> tuple[str, ...]:
    """Why a name may hit too much: `empty`, `short`, `common` or `context`. Codes, for the screen to word."""
    words, _ = split_words(fold_text(alias.text))
    if not words:
        return ("empty",)
    found = []
    if sum(map(len, words)) < _SHORT and alias.mode == "plain":
        found.append("short")
    if len(words) == 1 and alias.mode == "plain" and words[0] in common_words:
        found.append("common")
    if len(words) == 1 and words[0] in {fold_text(word) for word in CONTEXT_WORDS}:
        found.append("context")
    return tuple(found)


def sides_of(policy: Policy, draft: Draft, now: datetime) -> tuple[Side, ...]:
    """The organisations that a draft brings, to be kept with it and given as a neighbour's `sides`."""
    sides: dict[str, bool] = {}
    for trace in Scan(policy, draft, now).traces:
        sides[trace.organisation] = sides.get(trace.organisation, True) and trace.weak
    for mention in draft.mentions:
        if mention.organisation in policy.registry.specs:
            sides[mention.organisation] = False
    return tuple(Side(organisation, weak) for organisation, weak in sides.items())


def fingerprint(salt: bytes, value: str) -> str:
    """What a log may keep of a value that was found: enough to tell that it is the same, never what it is."""
    return hmac.new(salt, fold_text(value).encode("utf-8", "replace"), hashlib.sha256).hexdigest()
