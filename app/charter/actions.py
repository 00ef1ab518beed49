from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from app.charter import queries
from app.charter.document.drafting import add_article_of
from app.charter.document.payload import seal
from app.charter.document.queries import tree
from app.charter.engine import Verdict
from app.charter.events import CharterAccepted, RulesChanged
from app.charter.learning import queries as learning
from app.charter.models import (
    IN_FORCE,
    SCHEDULED,
    SUPERSEDED,
    Acceptance,
    CharterVersion,
    Finding,
    Rule,
)
from app.charter.policy import can_manage_charter
from app.charter.rulebook.tightening import narrowing
from app.charter.rulebook.versions import next_number, write_down
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_id
from app.kernel.policy import require
from app.people.actor import Actor


@action
def accept(actor: Actor, version: CharterVersion, *, locale: str) -> None:
    """Accept the version in force, once. Conflict when another one took effect meanwhile, or while its
    questions wait.
    """
    present = queries.version_in_force()
    if present is None or present.id != version.id:
        raise Conflict(_("A new version of the charter took effect meanwhile. Please read that one."))
    if queries.acceptance(actor, version) is not None:
        return
    if learning.must_pass(actor, present):
        raise Conflict(_("Please answer the questions on the charter before you accept it."))
    _keep_acceptance(actor, present, locale)
    audit.record(
        "charter.accepted", actor.id, f"charter:{version.id}", locale=locale, text_hash=present.text_hash
    )
    announce(CharterAccepted(person_id=actor.id, version_id=version.id))


@action
def publish_version(
    actor: Actor | None, document: Mapping[str, Any], *, effective_at: datetime
) -> CharterVersion:
    """Put a whole charter into force at a time, from the console: nobody signs it. In both languages.

    `document`: title_fr, title_en, preamble_fr, preamble_en, articles [{number, title_fr, title_en, clauses
    [{number, title_fr, title_en, text_fr, text_en, message_fr, message_en, severity}]}].
    """
    require(actor is None or can_manage_charter(actor))
    last = (
        db.session.scalar(select(CharterVersion.number).order_by(CharterVersion.number.desc()).limit(1)) or 0
    )
    is_now = effective_at <= clock.now()
    if is_now:
        in_force = update(CharterVersion).where(CharterVersion.state == IN_FORCE)
        db.session.execute(in_force.values(state=SUPERSEDED))
    version = CharterVersion(
        number=last + 1,
        effective_at=effective_at,
        state=IN_FORCE if is_now else SCHEDULED,
        **{f: document.get(f, "") for f in ("title_fr", "title_en", "preamble_fr", "preamble_en")},
    )
    db.session.add(version)
    db.session.flush()
    for article in document["articles"]:
        add_article_of(version, article)
    db.session.flush()
    version = tree(version.id)
    version.text_hash = seal(version)
    audit.record(
        "charter.published", actor.id if actor else None, f"charter:{version.id}", hash=version.text_hash
    )
    announce(RulesChanged())
    return version


@action
def save_rule(
    actor: Actor | None, key: str, *, examples: Mapping[str, list[str]] | None = None, **fields: Any
) -> Rule:
    """Put a rule, or a new version of one, where it is at once: for the console and what it loads only.

    Fields: kind, action, clause, params, scope, state, message_fr, message_en. Examples: allowed, forbidden.
    People make rules in the rulebook, step by step.
    """
    require(actor is None)
    rule = db.session.scalar(select(Rule).where(Rule.key == key))
    if rule is None:
        rule = Rule(key=key, version=0, params={}, scope={}, state="live", message_fr="", message_en="")
        db.session.add(rule)
    elif refusal := narrowing(rule, fields.get("scope", rule.scope)):
        raise Invalid(fields={"spaces": refusal})
    for field, value in fields.items():
        setattr(rule, field, value)
    db.session.flush()
    rule.version = next_number(rule)
    write_down(rule, rule.version, rule.state, by_id=None, **(examples or {}))
    db.session.flush()
    audit.record("rule.saved", actor.id if actor else None, f"rule:{key}", version=rule.version)
    announce(RulesChanged())
    return rule


@action
def record_findings(revision_id: int, verdict: Verdict) -> None:
    """Keep what was found in a revision: rule, clause, place; never the text itself."""
    version = queries.version_in_force()
    rows = [
        {
            "id": new_id(),
            "revision_id": revision_id,
            "rule": finding.rule,
            "hit": finding.hit or finding.rule,
            "clause": finding.clause,
            "version_number": version.number if version else 0,
            "action": finding.action,
            "part": finding.part,
            "start": finding.span[0] if finding.span else None,
            "end": finding.span[1] if finding.span else None,
            "tags": list(finding.tags),
            "exempted": exempted,
        }
        for finding, exempted in _all(verdict)
    ]
    if rows:
        db.session.execute(insert(Finding), rows)


def _keep_acceptance(actor: Actor, version: CharterVersion, locale: str) -> None:
    """Two windows of one person may accept at once: the second finds it done."""
    row = {
        "person_id": actor.id,
        "version_id": version.id,
        "at": clock.now(),
        "locale": locale,
        "text_hash": version.text_hash,
    }
    db.session.execute(store.insert_into(Acceptance).values(row).on_conflict_do_nothing())


def _all(verdict: Verdict) -> Sequence[tuple[Any, bool]]:
    return [(f, False) for f in verdict.findings] + [(e.finding, True) for e in verdict.exempted]
