"""What moderators decide teaches the models. INSIDE: together with the decision, or not at all."""

from __future__ import annotations

from app.charter import queries as charter
from app.charter.models import Finding
from app.kernel.db import db
from app.moderation.events import DecisionTaken
from app.moderation.models import NO_VIOLATION, REJECT, RELEASE, REMOVE, RETURN, Decision
from app.relevance import actions as relevance
from app.relevance.classifier.model import TASKS, TONE, WORK

_STANDS, _FALLS = frozenset({NO_VIOLATION, RELEASE}), frozenset({REMOVE, REJECT, RETURN})


def learn_from_decision(event: DecisionTaken) -> None:
    """A text that a model noticed and a person let stand is work, and no insult; one that fell under the
    same clause is what the model took it for. Anything else says nothing about the model.
    """
    decision = db.session.get_one(Decision, event.decision_id)
    for finding in charter.findings(decision.revision_id):
        task = charter.kind_of(finding.rule)
        if task not in TASKS:
            continue
        noticed = _was_right(decision, finding)
        if noticed is not None:
            value = {WORK: not noticed, TONE: noticed}[task]
            relevance.learn_from_decision(task, decision.revision_id, decision.decider_id, value=value)


def _was_right(decision: Decision, finding: Finding) -> bool | None:
    if decision.outcome in _STANDS:
        return False
    return True if decision.outcome in _FALLS and decision.clause == finding.clause else None
