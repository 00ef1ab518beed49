"""Cases in, answers out, one JSON object a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from .draft import Draft
from .evaluate import evaluate, iter_hits
from .fold import duplicate_key
from .policy import CompiledRule, Policy, compile_policy
from .profile import BadInput, case_draft, profile_spec
from .scan import Scan
from .spec import Exemption
from .verdict import Verdict

_REPLACING: Final = frozenset({"edit", "move", "attach"})
_FAILING: Final = ("rule_errors", "failing_rules", "failures", "engine_errors")
_BAD: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)


def evaluate_lines(profile: dict[str, Any], lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Answer each line; one that can't be read gets an object with `error`, the others are answered."""
    policies = _Policies(profile)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer(policies, line, number)


def _answer(policies: "_Policies", line: str, number: int) -> dict[str, Any]:
    identity: Any = None
    try:
        case = json.loads(line)
        if not isinstance(case, dict):
            raise BadInput("a case is an object")
        identity = case.get("id")
        if identity is None:
            raise BadInput("a case has an id")
        return evaluate_case(policies, case)
    except _BAD as problem:
        reason = f"{type(problem).__name__}: {problem}" if isinstance(problem, KeyError) else str(problem)
        return {"id": identity, "line": number, "error": reason}


def evaluate_case(policies: "_Policies", case: dict[str, Any]) -> dict[str, Any]:
    """The answer to one case."""
    context = case.get("context") or {}
    draft, now = case_draft(case, policies.profile)
    policy = policies.get(case.get("entities") or [], context)
    verdict = evaluate(policy, draft, now)
    answer: dict[str, Any] = {
        "id": case["id"],
        "action": verdict.action,
        "hits": list(iter_hits(verdict)),
        "tags": sorted({tag for finding in verdict.findings for tag in finding.tags}),
    }
    _add_override(answer, context, draft)
    _add_rest(answer, verdict, draft)
    return answer


def _add_override(answer: dict[str, Any], context: Mapping[str, Any], draft: Draft) -> None:
    """A nudge that was gone on with is published and recorded; anything stricter stays."""
    override = context.get("override") or context.get("nudge_override")
    if override and answer["action"] == "nudge" and _covers(override, answer["hits"], draft):
        answer["action"] = "allow"
        answer["override"] = "recorded"


def _covers(override: Any, hits: list[str], draft: Draft) -> bool:
    if not isinstance(override, Mapping):
        return True
    named = override.get("hits") or override.get("rules") or override.get("rule")
    names = {named} if isinstance(named, str) else set(named or hits)
    text = override.get("text")
    return set(hits) <= names and (text is None or duplicate_key(str(text)) == duplicate_key(draft.body))


def _add_rest(answer: dict[str, Any], verdict: Verdict, draft: Draft) -> None:
    if draft.event in _REPLACING:
        answer["visible"] = "new" if answer["action"] in ("allow", "flag") else "previous"
    if verdict.exempted:
        answer["logged"] = sorted({f"{one.why}:{one.hit}" for one in verdict.exempted})
    if verdict.degraded:
        answer["also"] = [f"{one.rule}: {one.reason}" for one in verdict.degraded]


class _Policies:
    """Compiled policies by what differs between cases: organisations, rule states, exemptions."""

    def __init__(self, profile: dict[str, Any]) -> None:
        self.profile = profile
        self._known: dict[str, Policy] = {}

    def get(self, entities: list[Any], context: Mapping[str, Any]) -> Policy:
        states = context.get("rule_states") or {}
        more = context.get("exemptions") or []
        failing = [rule for name in _FAILING for rule in (context.get(name) or ())]
        key = json.dumps([entities, states, more, failing], sort_keys=True)
        if key not in self._known:
            if len(self._known) > 200:
                self._known.clear()
            spec = profile_spec(self.profile, entities, states)
            spec = replace(spec, exemptions=(*spec.exemptions, *map(_exemption, more)))
            self._known[key] = _with_failures(compile_policy(spec), failing)
        return self._known[key]


def _exemption(item: Any) -> Exemption:
    if isinstance(item, str):
        return Exemption(item)
    until = item.get("until") or item.get("expires_at") or item.get("expires")
    return Exemption(
        rule=str(item.get("rule") or item.get("hit") or item.get("pair") or "*"),
        role=item.get("role"),
        person=item.get("person"),
        space=item.get("space"),
        space_kind=item.get("space_type") or item.get("space_kind"),
        until=datetime.fromisoformat(until) if until else None,
    )


def _with_failures(policy: Policy, failing: list[str]) -> Policy:
    """The policy with some rules broken on purpose, to see what their failure leads to."""
    if not failing:
        return policy
    rules = (CompiledRule(rule.spec, _fail) if rule.spec.key in failing else rule for rule in policy.rules)
    return replace(policy, rules=tuple(rules))


def _fail(_scan: Scan) -> list[Any]:
    raise RuntimeError("made to fail")
