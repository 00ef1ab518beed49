from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, NotFound
from app.kernel.policy import require
from app.people.actor import Actor
from app.relevance import policy, queries
from app.relevance.classifier.lines import Labelled
from app.relevance.classifier.model import from_bytes
from app.relevance.events import AdviceChanged
from app.relevance.models import DECISION, DESK, FILE, Label, ModelVersion


@action
def label(actor: Actor, task: str, revision_id: int, *, value: bool) -> Label:
    """Say what a text is; saying it again changes one's mind."""
    require(policy.can_label(actor))
    row = _put(task, revision_id, actor.id, value=value, source=DESK)
    audit.record("relevance.labelled", actor.id, f"revision:{revision_id}", task=task)
    return row


@action
def take_back(actor: Actor, label_id: int) -> Label:
    """Undo a label of one's own; NotFound for anybody else's."""
    require(policy.can_label(actor))
    row = db.session.scalar(
        select(Label).where(Label.id == label_id, Label.by_id == actor.id, Label.source == DESK)
    )
    if row is None:
        raise NotFound
    db.session.delete(row)
    db.session.flush()
    audit.record("relevance.label_undone", actor.id, f"revision:{row.revision_id}", task=row.task)
    return row


@action
def learn_from_decision(task: str, revision_id: int, by_id: int, *, value: bool) -> None:
    """A moderator's decision on what a model noticed is a label like another."""
    _put(task, revision_id, by_id, value=value, source=DECISION)


@action
def keep_file_labels(actor: Actor | None, labelled: Iterable[Labelled]) -> dict[str, int]:
    """Labels from a file take the place of those that came before in the same language; how many of each."""
    require(actor is None or policy.can_promote(actor))
    rows = [
        Label(task=task, value=value, source=FILE, lang=one.lang, text=one.text)
        for one in labelled
        for task, value in one.values.items()
    ]
    for task, lang in {(row.task, row.lang) for row in rows}:
        db.session.execute(delete(Label).where(Label.source == FILE, Label.task == task, Label.lang == lang))
    db.session.add_all(rows)
    db.session.flush()
    counts = {task: sum(row.task == task for row in rows) for task in dict.fromkeys(row.task for row in rows)}
    audit.record("relevance.imported", actor.id if actor else None, "relevance:labels", **counts)
    return counts


@action
def keep_model(actor: Actor | None, content: bytes, *, mark: str = "") -> ModelVersion:
    """A model that was learnt, as a version that nobody listens to yet; `mark` stands for its labels."""
    require(actor is None or policy.can_promote(actor))
    shape = from_bytes(content).shape
    row = ModelVersion(
        task=shape.task,
        labels=shape.labels,
        figures=shape.figures,
        content=content,
        mark=mark,
        made_by_id=actor.id if actor else None,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("relevance.learnt", row.made_by_id, f"model:{row.id}", task=row.task, labels=row.labels)
    return row


@action
def promote(actor: Actor | None, version: ModelVersion) -> None:
    """Listen to this version from now on; an earlier one may come back this way. Twice is once."""
    require(actor is None or policy.can_promote(actor))
    current = queries.in_force(version.task)
    if current is not None and current.id == version.id:
        return
    by_id, now = (actor.id if actor else None), clock.now()
    if current is not None and current.promoted_at is not None and current.promoted_at >= now:
        raise Conflict
    version.promoted_at, version.promoted_by_id = now, by_id
    db.session.flush()
    audit.record("relevance.promoted", by_id, f"model:{version.id}", task=version.task, labels=version.labels)
    announce(AdviceChanged(task=version.task))


@action
def silence(actor: Actor, task: str) -> None:
    """Listen to no model for this judgement until one is promoted again."""
    require(policy.can_promote(actor))
    spoke = update(ModelVersion).where(ModelVersion.task == task, ModelVersion.promoted_at.is_not(None))
    if store.changed(spoke.values(promoted_at=None, promoted_by_id=None)):
        audit.record("relevance.silenced", actor.id, f"relevance:{task}")
        announce(AdviceChanged(task=task))


def _put(task: str, revision_id: int, by_id: int, *, value: bool, source: str) -> Label:
    mine = select(Label).where(Label.task == task, Label.revision_id == revision_id, Label.by_id == by_id)
    row = db.session.scalar(mine.with_for_update())
    if row is None:
        try:
            with db.session.begin_nested():
                row = Label(task=task, revision_id=revision_id, by_id=by_id, value=value, source=source)
                db.session.add(row)
        except IntegrityError:  # the same person, from another window, a moment ago
            row = db.session.scalars(mine).one()
    row.value, row.source = value, source
    db.session.flush()
    return row
