"""From a draft to a verdict: every rule in turn, each on its own, within a budget."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from .actions import ACTIONS, Action, capped, strictest
from .detectors import HOLD_ON_FAILURE, NEVER_ABOVE_FLAG, ONLY_EVENTS
from .draft import Draft
from .policy import CompiledRule, Policy
from .scan import Hit, Scan
from .spec import Exemption, RuleSpec, Scope
from .verdict import Degraded, Exempted, Finding, Verdict

DEGRADED: Final = "engine.degraded"
_CAPPED_STATES: Final = frozenset({"tripped", "live_soft"})
Timer = Callable[[], float]


def evaluate(policy: Policy, draft: Draft, now: datetime, *, timer: Timer = time.thread_time) -> Verdict:
    """What the charter answers to this draft at this moment. Never raises on any text."""
    return _Evaluation(policy, draft, now, timer).run()


def unevaluated(policy: Policy, draft: Draft, now: datetime, reason: str) -> Verdict:
    """The answer when nothing could be evaluated at all: each rule that applies fails as its mode says."""
    return _Evaluation(policy, draft, now, time.thread_time).give_up(reason)


class _Evaluation:
    def __init__(self, policy: Policy, draft: Draft, now: datetime, timer: Timer) -> None:
        self.policy, self.draft, self.now, self.timer = policy, draft, now, timer
        self.scan = Scan(policy, _limited(draft, policy.limits.longest), now)
        self.findings: list[Finding] = []
        self.exempted: list[Exempted] = []
        self.degraded: list[Degraded] = []

    def run(self) -> Verdict:
        end = self.timer() + self._budget()
        if self.scan.draft is not self.draft:
            self._fail("", "flag", "longer than what is read")
        silent = self._silent_patterns()
        for rule in self.policy.rules:
            if rule.spec.key in silent or (rule.limited and not applies(rule.spec, self.draft)):
                continue
            if self.timer() > end:
                self._give_up(rule.spec, "over budget")
            else:
                self._apply(rule)
        return self._verdict()

    def give_up(self, reason: str) -> Verdict:
        for rule in self.policy.rules:
            if applies(rule.spec, self.draft):
                self._give_up(rule.spec, reason)
        self.findings = list({finding.action: finding for finding in reversed(self.findings)}.values())
        return self._verdict()

    def _silent_patterns(self) -> frozenset[str]:
        """Pattern rules that match nowhere: one look at all of them spares trying each."""
        try:
            silent = self.policy.pattern_rules - self.scan.matching_patterns
        except Exception:  # noqa: BLE001 - each rule then reports it for itself
            return frozenset()
        self.scan.found.update((key, []) for key in silent)
        return silent

    def _budget(self) -> float:
        limits = self.policy.limits
        return limits.budget_ms / 1000 * max(1.0, _size(self.scan.draft) / limits.free_chars)

    def _apply(self, rule: CompiledRule) -> None:
        try:
            hits = list(rule.detect(self.scan))
        except Exception as problem:  # noqa: BLE001 - a broken rule must not silence the others
            self._give_up(rule.spec, f"{type(problem).__name__}: {problem}")
            return
        self.scan.found[rule.spec.key] = hits
        for missing in dict.fromkeys(hit.missing for hit in hits if hit.missing):
            self.degraded.append(Degraded(rule.spec.key, f"not evaluable: {missing}"))
        for key, group in _by_key(rule.spec.key, hits).items():
            self._record(_finding(rule.spec, key, group, self.draft.event), rule.spec)

    def _record(self, finding: Finding, spec: RuleSpec) -> None:
        if self._is_exempt(finding):
            self.exempted.append(Exempted(finding.hit, finding.rule, "exempt", finding))
        elif spec.state == "dry_run":
            self.exempted.append(Exempted(finding.hit, finding.rule, "dry_run", finding))
        else:
            self.findings.append(finding)

    def _is_exempt(self, finding: Finding) -> bool:
        known = self.policy.exemptions
        return any(
            _covers(exemption, self.draft, self.now)
            for key in dict.fromkeys((finding.rule, finding.hit, "*"))
            for exemption in known.get(key, ())
        )

    def _give_up(self, spec: RuleSpec, reason: str) -> None:
        mode: Action = spec.fail_mode or ("hold" if spec.kind in HOLD_ON_FAILURE else "flag")
        if spec.state == "dry_run":
            self.degraded.append(Degraded(spec.key, reason))
            return
        self._fail(spec.key, _capped_for(spec, mode, self.draft.event), reason, spec.clause)

    def _fail(self, rule: str, action: Action, reason: str, clause: str = "") -> None:
        self.degraded.append(Degraded(rule, reason, action))
        self.findings.append(Finding(rule, clause, action, hit=DEGRADED, tags=("degraded",)))

    def _verdict(self) -> Verdict:
        ranked = sorted(self.findings, key=lambda finding: -ACTIONS.index(finding.action))
        action = strictest(finding.action for finding in ranked)
        return Verdict(action, tuple(ranked), tuple(self.exempted), tuple(self.degraded))


def _size(draft: Draft) -> int:
    return len(draft.body) + sum(len(file.text) for file in draft.attachments)


def _limited(draft: Draft, longest: int) -> Draft:
    """The same draft, or one of which only so much is left to read."""
    if _size(draft) <= longest:
        return draft
    left = longest - min(longest, len(draft.body))
    files = []
    for file in draft.attachments:
        files.append(replace(file, text=file.text[:left]))
        left -= len(files[-1].text)
    return replace(draft, body=draft.body[:longest], attachments=tuple(files))


def applies(spec: RuleSpec, draft: Draft) -> bool:
    """Whether the draft is within the rule's scope."""
    scope: Scope = spec.scope
    events = scope.events if scope.events is not None else ONLY_EVENTS.get(spec.kind)
    return (
        _within(events, draft.event)
        and _within(scope.objects, draft.object)
        and _within(scope.space_kinds, draft.space.kind)
        and _within(scope.spaces, draft.space.id)
        and _within(scope.segments, draft.author.segment)
    )


def _within(allowed: frozenset[str] | None, value: str | None) -> bool:
    return allowed is None or value in allowed


def _by_key(rule: str, hits: list[Hit]) -> dict[str, list[Hit]]:
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        if not hit.missing:
            groups.setdefault(hit.key or rule, []).append(hit)
    return groups


def _finding(spec: RuleSpec, key: str, hits: list[Hit], event: str) -> Finding:
    """One finding per reported key, with every place; strong if one of its hits is."""
    weak = all(hit.weak for hit in hits)
    action = capped(spec.action, "flag") if weak else spec.action
    final = _capped_for(spec, action, event)
    places = tuple(dict.fromkeys(place for hit in hits for place in hit.places))
    first = places[0] if places else None
    return Finding(
        rule=spec.key,
        clause=spec.clause,
        action=final,
        span=(first.start, first.end) if first else None,
        part=first.part if first else "",
        tags=tuple(sorted({tag for hit in hits for tag in hit.tags})),
        hit=key,
        places=places,
        version=spec.version,
        weak=weak,
        capped=final != spec.action,
    )


def _capped_for(spec: RuleSpec, action: Action, event: str) -> Action:
    if event == "rescan" or spec.state in _CAPPED_STATES or spec.kind in NEVER_ABOVE_FLAG:
        return capped(action, "flag")
    return action


def _covers(exemption: Exemption, draft: Draft, now: datetime) -> bool:
    if exemption.until is not None and now >= exemption.until:
        return False
    wanted = (
        (exemption.role, draft.author.roles),
        (exemption.person, {draft.author.id}),
        (exemption.space, {draft.space.id}),
        (exemption.space_kind, {draft.space.kind}),
    )
    return all(value is None or value in facts for value, facts in wanted)


def iter_hits(verdict: Verdict) -> Iterator[str]:
    """The reported keys, each once, strictest first."""
    return iter(dict.fromkeys(finding.hit for finding in verdict.findings))
