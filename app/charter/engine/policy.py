"""A policy ready to be applied: compiled once for each revision, shared by every evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import re2

from .detectors import KINDS, ONLY_EVENTS, Build, Detector
from .detectors.patterns import options
from .matcher import Index
from .organisations import Registry, make_registry
from .spec import Exemption, Limits, PolicySpec, RuleSpec, Scope

CONTEXT_WORDS: Final = (
    "client", "cliente", "fournisseur", "société", "contrat", "commande", "facture", "compte",
    "SA", "SAS", "SARL", "customer", "supplier", "contract", "invoice", "order", "account",
)  # fmt: skip
_LOOKING_BACK: Final = frozenset({"rate", "duplicate"})
_APPLIED: Final = frozenset({"dry_run", "live_soft", "live", "tripped"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule set aside, with the reason; the others are not affected."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its condition; `limited` when it doesn't apply everywhere."""

    spec: RuleSpec
    detect: Detector
    limited: bool = True


@dataclass(slots=True)
class Policy:
    """What `evaluate` applies. Immutable once compiled, safe to share between threads."""

    spec: PolicySpec
    rules: tuple[CompiledRule, ...]
    registry: Registry
    index: Index
    zone: ZoneInfo
    exemptions: dict[str, tuple[Exemption, ...]]
    limits: Limits
    problems: tuple[Problem, ...] = ()
    pattern_rules: frozenset[str] = frozenset()
    _patterns: Any = None
    _pattern_owners: list[str] = field(default_factory=list)

    @property
    def asks_history(self) -> bool:
        """Whether some rule looks at what the author said before."""
        return any(rule.spec.kind in _LOOKING_BACK for rule in self.rules)

    def matching_patterns(self, text: str) -> frozenset[str]:
        """The keys of the pattern rules that match somewhere in folded text."""
        if self._patterns is None:
            return frozenset()
        return frozenset(self._pattern_owners[found] for found in self._patterns.Match(text) or ())


def compile_policy(spec: PolicySpec) -> Policy:
    """Compile every rule; one that can't be compiled is set aside and reported."""
    index = Index()
    words = spec.company.context_words or CONTEXT_WORDS
    registry = make_registry(spec.organisations, words, index)
    build = Build(index, spec.company, spec.organisations)
    rules, problems = _compile_rules(spec.rules, build)
    index.close()
    patterns, owners = _pattern_set(build.patterns)
    return Policy(
        spec,
        tuple(sorted(rules, key=_turn)),
        registry,
        index,
        _zone(spec.company.timezone, problems),
        _by_rule(spec.exemptions),
        spec.limits,
        tuple(problems),
        frozenset(owners),
        patterns,
        owners,
    )


def _compile_rules(specs: Iterable[RuleSpec], build: Build) -> tuple[list[CompiledRule], list[Problem]]:
    rules, problems = [], []
    for spec in specs:
        if spec.state not in _APPLIED:
            continue
        try:
            limited = spec.scope != Scope() or spec.kind in ONLY_EVENTS
            rules.append(CompiledRule(spec, KINDS[spec.kind](spec, build), limited))
        except KeyError as missing:
            reason = (
                f"unknown kind: {spec.kind}" if spec.kind not in KINDS else f"missing parameter: {missing}"
            )
            problems.append(Problem(spec.key, reason))
        except Exception as reason:  # noqa: BLE001 - a rule that can't be compiled silences no other
            problems.append(Problem(spec.key, str(reason) or type(reason).__name__))
    return rules, problems


def _turn(rule: CompiledRule) -> tuple[bool, bool]:
    """What only some spaces add comes last: it takes no time from what counts everywhere, nor changes what
    that sees.
    """
    return rule.spec.scope.spaces is not None, rule.spec.kind == "combination"


def _pattern_set(patterns: list[tuple[str, str]]) -> tuple[Any, list[str]]:
    if not patterns:
        return None, []
    together = re2.Set.SearchSet(_set_options())
    owners = []
    for key, pattern in patterns:
        together.Add(f"(?m){pattern}")
        owners.append(key)
    together.Compile()
    return together, owners


def _set_options() -> Any:
    chosen = options(case_sensitive=False)
    chosen.max_mem = 64 << 20
    return chosen


def _zone(name: str, problems: list[Problem]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(Problem("", f"unknown time zone: {name}"))
        return ZoneInfo("Europe/Paris")


def _by_rule(exemptions: Iterable[Exemption]) -> dict[str, tuple[Exemption, ...]]:
    grouped: dict[str, tuple[Exemption, ...]] = {}
    for exemption in exemptions:
        grouped[exemption.rule] = (*grouped.get(exemption.rule, ()), exemption)
    return grouped
