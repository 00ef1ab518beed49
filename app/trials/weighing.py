"""One version of a rule on a chunk of the past: pure reading, in small steps so that others are answered."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import cast

from app.charter import compiled
from app.charter import queries as charter
from app.charter.engine import Event, Finding, Policy, PolicySpec, compile_policy, evaluate
from app.charter.rulebook import queries as rulebook
from app.charter.rulebook.models import Backtest, RuleVersion
from app.kernel import keys, settings
from app.kernel.action import release
from app.kernel.db import db
from app.trials import reading
from app.trials.reading import Past

CHUNK = 250
_STEP = 8


@dataclass
class Chunk:
    """What became of some entries: up to which, how many, how many hits when and where."""

    after: int
    cursor: int
    read: int = 0
    weeks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    spaces: Counter[str] = field(default_factory=Counter)
    hits: list[tuple[Past, Finding]] = field(default_factory=list)
    cpu_ms: int = 0


def policy_for(version: RuleVersion) -> Policy:
    """The version alone, as if it were live; what it is combined of comes with it."""
    return _policy(version.id, settings.get(charter.POLICY_VERSION, 0))


@lru_cache(maxsize=4)
def _policy(version_id: int, _stamp: int) -> Policy:
    version = db.session.get_one(RuleVersion, version_id)
    key = rulebook.rule_of(version).key
    one = compiled.spec_of(key, version, state="live")
    others = tuple(
        spec
        for spec in charter.current_policy().spec.rules
        if version.kind == "combination"
        and spec.key != key
        and spec.state in ("live", "live_soft", "tripped")
    )
    names = compiled.registry() if {"mixing", "combination"} & {version.kind} else ()
    return compile_policy(PolicySpec((*others, one), names, company=compiled.company()))


def next_chunk(trial: Backtest, version: RuleVersion, *, size: int = CHUNK) -> Chunk | None:
    """Weigh the entries after the cursor; None when there are none left."""
    began = time.thread_time()
    policy = policy_for(version)
    found = reading.rows(after=trial.cursor, upto=trial.last, since=trial.since, limit=size)
    if not found:
        return None
    past = reading.drafts(found, policy.spec.rules, _event_of(version), policy)
    key = rulebook.rule_of(version).key
    release()
    chunk = Chunk(after=trial.cursor, cursor=found[-1].id)
    weigh(chunk, past, policy, key)
    chunk.cpu_ms = int((time.thread_time() - began) * 1000)
    return chunk


def weigh(chunk: Chunk, past: Sequence[Past], policy: Policy, key: str) -> None:
    """Evaluate each; let others be answered every few."""
    for number, one in enumerate(past, 1):
        found = [
            f for f in evaluate(policy, one.draft, one.at).findings if f.rule == key and not _is_failure(f)
        ]
        week = chunk.weeks[monday(one)]
        week[0] += 1
        chunk.read += 1
        if found:
            week[1] += 1
            chunk.spaces[str(one.space_id)] += 1
            chunk.hits.append((one, found[0]))
        if number % _STEP == 0:
            time.sleep(0)


def _event_of(version: RuleVersion) -> Event:
    """As if it were said now, or as the rule wants it."""
    events = sorted(version.scope.get("events") or ["create"])
    return cast(Event, "create" if "create" in events else events[0])


def monday(one: Past) -> str:
    """The first day of the week in which it was said."""
    day: date = one.at.date()
    return (day - timedelta(days=day.weekday())).isoformat()


def author_seal(trial: Backtest, author_id: int) -> str:
    """Who wrote, for this trial alone."""
    return keys.mac("backtest-author", trial.id, author_id)


def overlap(trial: Backtest, key: str, numbers: Sequence[int]) -> Mapping[str, int]:
    """How many of these texts other rules in force find too."""
    policy = charter.current_policy()
    found = reading.rows_of(numbers)
    counted: Counter[str] = Counter()
    for number, one in enumerate(reading.drafts(found, policy.spec.rules, "create", policy), 1):
        draft = replace(one.draft, event="create")
        others = {f.rule for f in evaluate(policy, draft, one.at).findings if not _is_failure(f)}
        counted.update(others - {key})
        if number % _STEP == 0:
            time.sleep(0)
    return counted


def _is_failure(finding: Finding) -> bool:
    return "degraded" in finding.tags
