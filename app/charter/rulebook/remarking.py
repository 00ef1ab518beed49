"""What owners and staff representatives say of a rule before it takes effect."""

from __future__ import annotations

from app.charter.rulebook import queries
from app.charter.rulebook.events import RuleRemarked
from app.charter.rulebook.models import RuleRemark, RuleVersion
from app.charter.rulebook.policy import can_remark_rule, can_write_rules
from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.policy import require
from app.people.actor import Actor


@action
def remark(actor: Actor, version: RuleVersion, *, body: str, parent_id: int | None = None) -> RuleRemark:
    """Comment on a version that doesn't count yet, or answer somebody who did."""
    require(can_remark_rule(actor, version))
    parent = queries.get_remark(actor, version, parent_id) if parent_id else None
    if parent is not None and parent.parent_id is not None:
        parent = queries.get_remark(actor, version, parent.parent_id)
    made = RuleRemark(
        version_id=version.id, parent_id=parent.id if parent else None, author_id=actor.id, body=body
    )
    db.session.add(made)
    db.session.flush()
    rule = queries.rule_of(version)
    audit.record("rule.remarked", actor.id, f"rule:{rule.key}", version=version.number, remark=made.id)
    announce(
        RuleRemarked(
            rule=rule.key,
            remark_id=made.id,
            author_id=actor.id,
            parent_author_id=parent.author_id if parent else None,
        )
    )
    return made


@action
def resolve(actor: Actor, version: RuleVersion, thread: RuleRemark, *, done: bool = True) -> None:
    """Owners say that a thread is dealt with, or that it isn't after all. Twice is once."""
    require(can_write_rules(actor))
    if (thread.resolved_at is not None) == done:
        return
    thread.resolved_at, thread.resolved_by_id = (clock.now(), actor.id) if done else (None, None)
    name = "rule.resolved" if done else "rule.unresolved"
    key = queries.rule_of(version).key
    audit.record(name, actor.id, f"rule:{key}", version=version.number, remark=thread.id)
