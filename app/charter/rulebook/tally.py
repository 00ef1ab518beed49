"""What the rules were asked and answered in this process since it last wrote it down.

Counting must not cost a write per message: the numbers wait here, a minute at most; only a crash loses them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from app.charter.engine import Draft, Policy, RuleSpec, Verdict, applies
from app.charter.queries import TRIED
from app.charter.watch.queries import MARK
from app.kernel import clock, keys

Key = tuple[str, int, str, str]  # rule, version, state, day
_COUNTED = frozenset({"dry_run", "live_soft", "live", "tripped"})
_MOST_AUTHORS = 1_000


@dataclass
class Line:
    """The counts of one version in one state on one day."""

    texts: int = 0
    evaluated: int = 0
    hits: int = 0
    authors: set[str] = field(default_factory=set)


_lines: dict[Key, Line] = defaultdict(Line)


def note(policy: Policy, draft: Draft, verdict: Verdict) -> None:
    """A text was weighed on its way to being said."""
    day = clock.now().date().isoformat()
    found = {f.rule for f in verdict.findings if "degraded" not in f.tags}
    found |= {one.rule for one in verdict.exempted if one.why == "dry_run"}
    failed = {one.rule for one in verdict.degraded} | {problem.rule for problem in policy.problems}
    for spec in policy.spec.rules:
        if spec.state in _COUNTED and not spec.key.startswith(MARK) and applies(spec, draft):
            line = _lines[_key(spec, day)]
            line.texts += 1
            line.evaluated += spec.key not in failed
            if spec.key in found:
                line.hits += 1
                _note_author(line, spec, draft)


def take() -> dict[Key, Line]:
    """What was counted, once."""
    taken = dict(_lines)
    _lines.clear()
    return taken


def _key(spec: RuleSpec, day: str) -> Key:
    return spec.key.partition(TRIED)[0], spec.version, spec.state, day


def _note_author(line: Line, spec: RuleSpec, draft: Draft) -> None:
    if draft.author.id is not None and len(line.authors) < _MOST_AUTHORS:
        line.authors.add(keys.mac("rule-author", spec.key.partition(TRIED)[0], spec.version, draft.author.id))
