"""What stands is read again when a rule comes into force or a name is added: found, flagged, never hidden."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from app.charter import queries as charter
from app.charter.actions import record_findings
from app.charter.engine import Finding, Policy, Verdict, evaluate
from app.charter.models import Finding as Known
from app.charter.rulebook.models import DONE, QUEUED, RUNNING, Rescan
from app.kernel import clock, store
from app.kernel.action import action, announce, release
from app.kernel.db import db
from app.kernel.ids import id_at
from app.posts.events import EntryFlagged
from app.posts.models import HELD, PUBLISHED, Entry
from app.trials import reading
from app.trials.reading import Past

BACK = timedelta(days=90)
CHUNK = 200
_STEP = 8


@action
def plan(rule: str | None) -> Rescan | None:
    """Read again what was said in ninety days: for a rule, or (None) for names. One that waits is enough."""
    if db.session.scalar(select(Entry.id).limit(1)) is None:
        return None
    same = Rescan.rule.is_(None) if rule is None else Rescan.rule == rule
    waiting = db.session.scalar(select(Rescan).where(same, Rescan.state == QUEUED).limit(1))
    if waiting is not None:
        return None
    since = clock.now() - BACK
    planned = Rescan(rule=rule, since=since, cursor=id_at(clock.micros(since)) - 1, state=QUEUED)
    db.session.add(planned)
    db.session.flush()
    return planned


def advance(again: Rescan) -> bool:
    """Read a chunk and flag what is found; whether there is more."""
    policy = _policy(again)
    if again.state not in (QUEUED, RUNNING):
        return False
    found = reading.rows(
        after=again.cursor, upto=2**53, since=again.since, limit=CHUNK, states=(PUBLISHED, HELD)
    )
    if not found or not policy.rules:
        return _keep(again, again.cursor, 0, [], is_last=True)
    past = reading.drafts(found, [rule.spec for rule in policy.rules], "rescan", policy)
    approved = {row.id: frozenset(row.approved_pairs) for row in found}
    release()
    hits = _weigh(policy, past, approved)
    return _keep(again, found[-1].id, len(found), hits, is_last=False)


def _policy(again: Rescan) -> Policy:
    """The rules concerned, as they count now."""
    whole = charter.current_policy()
    rules = tuple(
        rule
        for rule in whole.rules
        if (rule.spec.kind == "mixing" if again.rule is None else rule.spec.key == again.rule)
        and rule.spec.state != "dry_run"
    )
    silent = whole.pattern_rules & {rule.spec.key for rule in rules}
    return replace(whole, rules=rules, pattern_rules=silent)


def _weigh(
    policy: Policy, past: Sequence[Past], approved: dict[int, frozenset[str]]
) -> list[tuple[Past, tuple[Finding, ...]]]:
    hits = []
    for number, one in enumerate(past, 1):
        verdict = evaluate(policy, replace(one.draft, approved=approved[one.entry_id]), clock.now())
        found = tuple(f for f in verdict.findings if "degraded" not in f.tags)
        if found:
            hits.append((one, found))
        if number % _STEP == 0:
            time.sleep(0)
    return hits


@action
def _keep(
    again: Rescan,
    cursor: int,
    read: int,
    hits: Sequence[tuple[Past, tuple[Finding, ...]]],
    *,
    is_last: bool,
) -> bool:
    """Take the chunk, unless another worker did; each new finding once."""
    taken = update(Rescan).where(
        Rescan.id == again.id, Rescan.cursor == again.cursor, Rescan.state.in_((QUEUED, RUNNING))
    )
    values = {
        "cursor": cursor,
        "read": again.read + read,
        "state": DONE if is_last else RUNNING,
        "finished_at": clock.now() if is_last else None,
    }
    if store.changed(taken.values(**values)) == 1:
        added = sum(_flag(past, found) for past, found in hits)
        db.session.refresh(again)
        again.found += added
        db.session.flush()
    db.session.refresh(again)
    return again.state == RUNNING


def _flag(past: Past, found: Sequence[Finding]) -> bool:
    """Write down what wasn't known of this text. What is published gets a look; what waits shows it there."""
    known = set(
        db.session.scalars(
            select(Known.hit).where(Known.revision_id == past.revision_id, Known.exempted.is_(False))
        )
    )
    fresh = tuple(f for f in found if (f.hit or f.rule) not in known)
    entry = db.session.get(Entry, past.entry_id, populate_existing=True)
    if not fresh or entry is None or entry.revision_id != past.revision_id:
        return False
    record_findings(past.revision_id, Verdict("flag", fresh))
    if entry.state == PUBLISHED:
        announce(
            EntryFlagged(
                entry_id=entry.id,
                thread_id=entry.thread_id,
                space_id=entry.space_id,
                author_id=entry.author_id,
                revision_id=past.revision_id,
            )
        )
    return True
