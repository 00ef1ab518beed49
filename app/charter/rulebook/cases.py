"""Examples that appeals propose: a text that a rule should have left alone, or should have found."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.charter.rulebook import actions, policy, queries
from app.charter.rulebook.models import RuleCase, RuleVersion
from app.charter.rulebook.versions import content_of, examples_of
from app.kernel import audit, clock, store
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.policy import require
from app.people.actor import Actor

LONGEST = 2_000


@action
def keep(rule: str, decision_id: int, *, must_find: bool, text: str) -> None:
    """Propose a text, on one line and without names, as an example of a rule. Twice is once."""
    line = " ".join(text.split())[:LONGEST]
    same = select(RuleCase.id).where(RuleCase.rule == rule, RuleCase.decision_id == decision_id)
    if line and db.session.scalar(same) is None:
        db.session.add(RuleCase(rule=rule, decision_id=decision_id, must_find=must_find, text=line))
        db.session.flush()


@action
def take(actor: Actor, case: RuleCase) -> RuleVersion:
    """Write a next version of the rule with this example; Conflict when somebody answered already."""
    _answer(actor, case, "taken")
    newest = queries.versions_of(queries.get_rule(actor, case.rule))[0]
    before = examples_of(newest)
    name = "forbidden" if case.must_find else "allowed"
    others = [text for text in getattr(before, name) if text != case.text]
    examples = replace(before, **{name: (*others, case.text)})
    return actions.propose(
        actor, case.rule, content_of(newest), examples, note=_("An appeal gave this example.")
    )


@action
def drop(actor: Actor, case: RuleCase) -> None:
    """This text is no example; Conflict when somebody answered already."""
    _answer(actor, case, "dropped")


def _answer(actor: Actor, case: RuleCase, state: str) -> None:
    require(policy.can_write_rules(actor))
    open_ = update(RuleCase).where(RuleCase.id == case.id, RuleCase.state == "proposed")
    if store.changed(open_.values(state=state, by_id=actor.id, answered_at=clock.now())) != 1:
        raise Conflict
    db.session.refresh(case)
    audit.record(f"rule.case_{state}", actor.id, f"rule:{case.rule}", case=case.id)
