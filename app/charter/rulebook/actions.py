from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.charter.events import RulesChanged
from app.charter.models import Rule
from app.charter.rulebook import policy, queries, tally, trial
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.events import RuleMoved
from app.charter.rulebook.models import RuleAuthor, RuleExemption, RuleTally, RuleVersion
from app.charter.rulebook.states import (
    DRAFT,
    EMERGENCY,
    LIVE,
    LIVE_SOFT,
    OVER,
    RETIRED,
    STANDING,
    STOPPING,
    TRANSITIONS,
    Transition,
)
from app.charter.rulebook.versions import next_number, note_move, stand, write_down
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db, is_sqlite
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.policy import require
from app.people.actor import Actor

_NUMBERS = ("texts", "evaluated", "hits")


@action
def propose(actor: Actor, key: str, content: Content, examples: Examples, *, note: str = "") -> RuleVersion:
    """Write a rule, or the next version of one, as a draft. What stands goes on standing meanwhile.

    Invalid with a sentence per field when the engine can't take it.
    """
    require(policy.can_write_rules(actor))
    trial.check_content(key, content)
    rule = db.session.scalar(select(Rule).where(Rule.key == key).with_for_update())
    if rule is None:
        rule = Rule(key=key, version=0, state=DRAFT, **content.as_columns())
        db.session.add(rule)
        db.session.flush()
    version = write_down(
        rule,
        next_number(rule),
        DRAFT,
        by_id=actor.id,
        note=note,
        **content.as_columns(),
        **examples.as_columns(),
    )
    _leave_earlier_drafts(actor, rule, version)
    if rule.state not in STANDING:
        stand(rule, version)
    audit.record("rule.proposed", actor.id, f"rule:{key}", version=version.number)
    announce(RulesChanged())
    return version


@action
def move(actor: Actor | None, version: RuleVersion, name: str, *, note: str = "") -> RuleVersion:
    """Take a version one step through its life; nobody is the product itself (a breaker, a clock).

    Forbidden when the step isn't theirs, Conflict when it doesn't start here, Invalid when something is
    missing.
    """
    step = TRANSITIONS[name]
    require(policy.can_move(actor, version, name), _refusal(version, name))
    if version.state not in step.sources:
        raise Conflict
    if actor is not None:
        missing = trial.missing_for(version, step)
        if missing:
            raise Invalid(fields={"move": missing})
    before = version.state
    _change_state(version, step, actor)
    _follow(actor, version)
    note_move(version, name, before, by_id=actor.id if actor else None, note=note)
    rule = queries.rule_of(version)
    audit.record(
        f"rule.{name}", actor.id if actor else None, f"rule:{rule.key}", version=version.number, note=note
    )
    announce(RulesChanged())
    announce(
        RuleMoved(
            rule=rule.key,
            version_id=version.id,
            name=name,
            before=before,
            after=version.state,
            by_id=actor.id if actor else None,
        )
    )
    return version


@action
def exempt(
    actor: Actor,
    rule: str,
    *,
    until: datetime,
    reason: str,
    role: str | None = None,
    person_id: int | None = None,
    space_id: int | None = None,
) -> RuleExemption:
    """A rule (or `*`) doesn't act for a role, a person or a space until then; its findings are recorded."""
    require(policy.can_write_rules(actor))
    if not (role or person_id or space_id):
        raise Invalid(fields={"whom": _("Say for whom: a role, a person or a space.")})
    if until <= clock.now():
        raise Invalid(fields={"until": _("Give a day to come.")})
    made = RuleExemption(
        rule=rule,
        role=role,
        person_id=person_id,
        space_id=space_id,
        until=until,
        reason=reason,
        by_id=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("rule.exempted", actor.id, f"rule:{rule}", exemption=made.id, until=until.isoformat())
    announce(RulesChanged())
    return made


@action
def end_exemption(actor: Actor, exemption: RuleExemption) -> None:
    """The rule acts again for them. Twice is once."""
    require(policy.can_write_rules(actor))
    ended = update(RuleExemption).where(RuleExemption.id == exemption.id, RuleExemption.ended_at.is_(None))
    if store.changed(ended.values(ended_at=clock.now())):
        db.session.refresh(exemption)
        audit.record("rule.exemption_ended", actor.id, f"rule:{exemption.rule}", exemption=exemption.id)
        announce(RulesChanged())


def expire_due() -> int:
    """Emergencies whose hours are over end; how many did."""
    due = queries.expired_versions()
    for version in due:
        move(None, version, "expire")
    return len(due)


@action
def write_counts(counted: Mapping[tally.Key, tally.Line]) -> None:
    """Add what a process counted to what is known."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    for (rule, version, state, day), line in sorted(counted.items()):
        place = {"rule": rule, "version": version, "state": state}
        added = insert(RuleTally).values(
            **place, day=day, texts=line.texts, evaluated=line.evaluated, hits=line.hits
        )
        db.session.execute(
            added.on_conflict_do_update(
                index_elements=["rule", "version", "state", "day"],
                set_={name: getattr(RuleTally, name) + added.excluded[name] for name in _NUMBERS},
            )
        )
        if line.authors:
            seen = [{**place, "author": author} for author in sorted(line.authors)]
            db.session.execute(insert(RuleAuthor).on_conflict_do_nothing(), seen)


def note_counts() -> None:
    """Write down what this process counted since the last time."""
    if counted := tally.take():
        write_counts(counted)


def _refusal(version: RuleVersion, name: str) -> str:
    if name == "go_live" and version.action in STOPPING:
        return _("Another charter owner than the one who asks puts this rule into force.")
    return ""


def _change_state(version: RuleVersion, step: Transition, actor: Actor | None) -> None:
    """One conditional UPDATE: two people can't take the same step twice."""
    now = clock.now()
    values: dict[str, Any] = {"state": step.target, "since": now, "asked_by_id": None, "asked_at": None}
    if step.name == "ask" and actor is not None:
        values |= {"since": version.since, "asked_by_id": actor.id, "asked_at": now}
    if step.target in (LIVE, LIVE_SOFT) and version.live_at is None:
        values["live_at"] = now
    if step.name == "emergency":
        values["expires_at"] = now + EMERGENCY
    expected = update(RuleVersion).where(RuleVersion.id == version.id, RuleVersion.state == version.state)
    asked = RuleVersion.asked_by_id
    expected = expected.where(
        asked.is_(None) if version.asked_by_id is None else asked == version.asked_by_id
    )
    if store.changed(expected.values(**values)) != 1:
        raise Conflict
    db.session.refresh(version)


def _follow(actor: Actor | None, version: RuleVersion) -> None:
    """The rule is what its standing version is; another version that stood leaves its place."""
    rule = queries.rule_of(version, lock=True)
    if rule.version != version.number:
        if version.state not in STANDING:
            return
        for other in queries.versions_of(rule):
            if other.id != version.id and other.state not in OVER and other.number <= version.number:
                _retire(actor, other, _("Version %(number)s took its place.", number=version.number))
    stand(rule, version)


def _leave_earlier_drafts(actor: Actor, rule: Rule, version: RuleVersion) -> None:
    for other in queries.versions_of(rule):
        if other.id != version.id and other.state not in OVER and other.state not in STANDING:
            _retire(actor, other, _("Version %(number)s took its place.", number=version.number))


def _retire(actor: Actor | None, version: RuleVersion, note: str) -> None:
    before, version.state, version.since = version.state, RETIRED, clock.now()
    note_move(version, "retire", before, by_id=actor.id if actor else None, note=note)


def actions_for(actor: Actor, version: RuleVersion) -> Sequence[str]:
    """The moves that are theirs from here, whether or not something is still missing."""
    return [
        step.name
        for step in TRANSITIONS.values()
        if version.state in step.sources and policy.can_move(actor, version, step.name)
    ]


__all__ = ["Forbidden", "actions_for", "end_exemption", "exempt", "expire_due", "move", "propose"]
