from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, func, select

from app.kernel import clock
from app.kernel.action import action, release
from app.kernel.db import db
from app.kernel.policy import require
from app.labelling import queries, strata
from app.labelling.policy import can_judge
from app.people.actor import Actor
from app.relevance import actions as relevance
from app.relevance import queries as models
from app.relevance.classifier.apart import train_apart
from app.relevance.classifier.features import FEWEST_WORDS, count_words
from app.relevance.classifier.model import TASKS, WORK
from app.relevance.models import Label, ModelVersion, Sample

DRAWN_A_NIGHT, LOOKS_BACK, TWICE_EVERY = 40, timedelta(days=30), 5


@action
def judge(actor: Actor, revision_id: int, task: str, *, value: bool) -> Label:
    """Say of a text that was drawn what it is; NotFound for one that isn't the actor's to judge."""
    entry = queries.get_judgeable(actor, revision_id)
    require(can_judge(actor, entry))
    return relevance.label(actor, task, revision_id, value=value)


@action
def draw_sample(*, count: int = DRAWN_A_NIGHT, chance: random.Random | None = None) -> int:
    """Draw published texts by lot, fairly between kinds of space, languages and scores; how many. For the
    job: what waits already counts, so that nothing piles up.
    """
    judged = exists().where(Label.revision_id == Sample.revision_id)
    waiting = db.session.scalar(select(func.count()).select_from(Sample).where(~judged)) or 0
    since = clock.micros(clock.now() - LOOKS_BACK)
    groups: dict[tuple[str, str, str], list[int]] = {}
    entry_of = {}
    for revision_id, entry_id, kind, title, body in queries.undrawn(since):
        text = f"{title}\n{body}".strip()
        if count_words(text) < FEWEST_WORDS:
            continue
        entry_of[revision_id] = entry_id
        model = models.model_in_force(WORK)
        score = model.score(text) if model else None
        group = (kind, strata.language_of(text), strata.band_of(score))
        groups.setdefault(group, []).append(revision_id)
    chance = chance or random.SystemRandom()
    drawn = strata.draw(groups, max(0, count - waiting), chance)
    for number, (revision_id, group) in enumerate(drawn, start=1):
        db.session.add(
            Sample(
                revision_id=revision_id,
                entry_id=entry_of[revision_id],
                stratum="/".join(group),
                wanted=2 if number % TWICE_EVERY == 0 else 1,
            )
        )
    return len(drawn)


def learn(task: str, actor: Actor | None = None) -> ModelVersion:
    """Learn from every label there is, beside this process, and keep the model. Nobody listens to it yet."""
    return _learn(actor, task, queries.lesson(task))


def learn_what_is_new() -> list[ModelVersion]:
    """A lesson for each judgement whose labels are others than those of its newest version. For the job."""
    made = []
    for task in TASKS:
        newest = next(iter(models.versions(task, 1)), None)
        labels = queries.lesson(task)
        if labels and (newest is None or newest.mark != _mark(labels)):
            made.append(_learn(None, task, labels))
    return made


def _learn(actor: Actor | None, task: str, labels: Sequence[tuple[str, bool]]) -> ModelVersion:
    release()
    return relevance.keep_model(actor, train_apart(task, labels), mark=_mark(labels))


def _mark(labels: Sequence[tuple[str, bool]]) -> str:
    return hashlib.sha256(repr(labels).encode()).hexdigest()[:32]
