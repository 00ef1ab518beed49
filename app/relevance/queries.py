"""What models say of a text, and how they came to be."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.kernel import settings
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.relevance.classifier.features import FEWEST_WORDS, count_words, features
from app.relevance.classifier.model import TASKS, TONE, WORK, Model, Unreadable, from_bytes
from app.relevance.models import Label, ModelVersion

RELEVANCE_VERSION = "relevance_version"
_QUIET_KINDS = frozenset({"social", "union"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Advice:
    """Two scores; None where nothing is said."""

    work: float | None = None
    tone: float | None = None


class _Memory:
    stamp: object = None
    models: Mapping[str, Model] = MappingProxyType({})


def advise(text: str, space_kind: str) -> Advice:
    """What the models in force say of a text. Nothing in social and union spaces, of a few words, and before
    the company has labelled enough. Never an obstacle: whatever goes wrong is silence.
    """
    if space_kind in _QUIET_KINDS or count_words(text) < FEWEST_WORDS:
        return Advice()
    try:
        speaking = {task: model for task, model in _models().items() if model.speaks}
        if not speaking:
            return Advice()
        found = features(text)
        scores = {task: model.score_of(found) for task, model in speaking.items()}
    except Exception:  # noqa: BLE001 - advice that fails is no advice; posting goes on
        _log.exception("the classifiers gave no advice")
        return Advice()
    return Advice(scores.get(WORK), scores.get(TONE))


def explain(task: str, text: str) -> list[str]:
    """The words of a text that spoke most for what the rule noticed; none when no model is in force."""
    model = _models().get(task)
    if model is None:
        return []
    against = -1 if task == WORK else 1
    return [word for word, part in model.terms(text, 12) if part * against > 0 and len(word) > 2][:5]


def model_in_force(task: str) -> Model | None:
    """The model that is listened to, even while it has too few labels to speak."""
    return _models().get(task)


def is_unreadable(task: str) -> bool:
    """Whether the version promoted last can't be read, so that nothing is said."""
    return in_force(task) is not None and model_in_force(task) is None


def in_force(task: str) -> ModelVersion | None:
    """The version promoted last; None when none is."""
    rows = select(ModelVersion).where(ModelVersion.task == task, ModelVersion.promoted_at.is_not(None))
    return db.session.scalar(rows.order_by(ModelVersion.promoted_at.desc(), ModelVersion.id.desc()).limit(1))


def versions(task: str, most: int = 12) -> Sequence[ModelVersion]:
    """The newest versions of a model."""
    rows = select(ModelVersion).where(ModelVersion.task == task).order_by(ModelVersion.id.desc())
    return db.session.scalars(rows.limit(most)).all()


def get_version(version_id: int) -> ModelVersion:
    """One version, or NotFound."""
    found = db.session.get(ModelVersion, version_id)
    if found is None:
        raise NotFound
    return found


def label_counts() -> dict[str, dict[str, int]]:
    """For each judgement, how many labels came from where."""
    rows = select(Label.task, Label.source, func.count()).group_by(Label.task, Label.source)
    counts: dict[str, dict[str, int]] = {task: {} for task in TASKS}
    for task, source, count in db.session.execute(rows):
        counts[task][source] = count
    return counts


def file_labels(task: str) -> list[tuple[str, bool]]:
    """Labels that came in files, with their texts."""
    rows = select(Label.text, Label.value).where(Label.task == task, Label.text != "").order_by(Label.id)
    return [(text, value) for text, value in db.session.execute(rows)]


def forget() -> None:
    """Read the models afresh next time."""
    _Memory.stamp = None


def _models() -> Mapping[str, Model]:
    stamp = settings.get(RELEVANCE_VERSION, 0)
    if _Memory.stamp != stamp:
        _Memory.models = {task: model for task in TASKS if (model := _read(task)) is not None}
        _Memory.stamp = stamp
    return _Memory.models


def _read(task: str) -> Model | None:
    version = in_force(task)
    if version is None:
        return None
    rows = select(ModelVersion).where(ModelVersion.id == version.id).options(undefer(ModelVersion.content))
    content = db.session.scalars(rows.execution_options(populate_existing=True)).one().content
    try:
        return from_bytes(content)
    except Unreadable:
        _log.exception("the %s classifier can't be read and stays silent", task)
        return None
