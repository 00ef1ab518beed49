from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.labelling.policy import can_judge, judgeable_by
from app.people.actor import Actor
from app.posts.models import DELETED, PUBLISHED, Entry, Revision
from app.relevance.models import DESK, Label, Sample
from app.relevance.queries import file_labels
from app.spaces.models import Space

LONGEST_EXCERPT = 900
_NAMED = re.compile(r"(?<![\w@])@[\w.-]+")
_ADDRESSED = re.compile(r"\S+@\S+\.\w+")
_NUMBERED = re.compile(r"(?<!\w)\+?\d[\d .]{7,}\d")
_ERASED = (DELETED, "purged")


@dataclass(frozen=True)
class Excerpt:
    """A text to judge: where in general, and what; never whose."""

    revision_id: int
    space_kind: str
    title: str
    text: str
    is_cut: bool


@dataclass(frozen=True)
class Progress:
    """How far the reader is with what was drawn."""

    done: int
    left: int


@dataclass(frozen=True)
class Agreement:
    """Texts that two people judged, and those on which they said the same."""

    same: int
    of: int


def next_excerpt(actor: Actor, task: str, after: int = 0) -> Excerpt | None:
    """The next text drawn that waits for the actor's judgement; None when none is left."""
    rows = _waiting(actor, task).where(Sample.revision_id > after).order_by(Sample.revision_id).limit(1)
    row = db.session.execute(rows).first()
    return _excerpt(row) if row else None


def progress(actor: Actor, task: str) -> Progress:
    """What the actor judged, and what waits for them."""
    mine = select(func.count()).where(Label.task == task, Label.by_id == actor.id, Label.source == DESK)
    waiting = select(func.count()).select_from(_waiting(actor, task).subquery())
    return Progress(db.session.scalar(mine) or 0, db.session.scalar(waiting) or 0)


def last_label(actor: Actor, task: str) -> Label | None:
    """What the actor said last, to be taken back."""
    mine = select(Label).where(Label.task == task, Label.by_id == actor.id, Label.source == DESK)
    return db.session.scalar(mine.order_by(Label.id.desc()).limit(1))


def get_judgeable(actor: Actor, revision_id: int) -> Entry:
    """The entry whose text was drawn; NotFound when it wasn't, changed, or isn't for the actor to judge."""
    drawn = exists().where(Sample.revision_id == revision_id)
    rows = select(Entry).where(Entry.revision_id == revision_id, drawn).options(joinedload(Entry.space))
    entry = db.session.scalar(rows)
    if entry is None or not can_judge(actor, entry):
        raise NotFound
    return entry


def agreement(task: str) -> Agreement:
    """How often two people who judged the same text said the same."""
    first, second = aliased(Label), aliased(Label)
    pairs = (
        select(first.value, second.value)
        .join(second, (second.revision_id == first.revision_id) & (second.task == first.task))
        .where(first.task == task, first.by_id < second.by_id)
    )
    told = [a == b for a, b in db.session.execute(pairs)]
    return Agreement(sum(told), len(told))


def lesson(task: str) -> list[tuple[str, bool]]:
    """Every label with its text: those of files, and what most people said of each revision still there."""
    votes: dict[int | None, Counter[bool]] = defaultdict(Counter)
    texts: dict[int | None, str] = {}
    rows = (
        select(Label.revision_id, Label.value, Revision.title, Revision.body)
        .join(Revision, Revision.id == Label.revision_id)
        .join(Entry, Entry.id == Revision.entry_id)
        .where(Label.task == task, Entry.state.not_in(_ERASED))
        .order_by(Label.revision_id)
    )
    for revision_id, value, title, body in db.session.execute(rows):
        votes[revision_id][value] += 1
        texts[revision_id] = f"{title}\n{body}".strip()
    agreed = [
        (texts[at], said[True] > said[False]) for at, said in votes.items() if said[True] != said[False]
    ]
    return [*file_labels(task), *agreed]


def undrawn(since: int, most: int = 4_000) -> Sequence[Any]:
    """Published texts since a position that weren't drawn yet: revision, entry, kind of space, words."""
    drawn = exists().where(Sample.revision_id == Entry.revision_id)
    rows = (
        select(Entry.revision_id, Entry.id, Space.kind, Revision.title, Revision.body)
        .join(Revision, Revision.id == Entry.revision_id)
        .join(Space, Space.id == Entry.space_id)
        .where(Entry.state == PUBLISHED, Entry.position >= since, ~drawn)
        .order_by(Entry.position.desc())
        .limit(most)
    )
    return db.session.execute(rows).all()


def _waiting(actor: Actor, task: str) -> Select[int, str, str, str]:
    mine, others = aliased(Label), aliased(Label)
    said = exists().where(mine.task == task, mine.revision_id == Sample.revision_id, mine.by_id == actor.id)
    heard = (
        select(func.count())
        .where(others.task == task, others.revision_id == Sample.revision_id)
        .scalar_subquery()
    )
    return (
        select(Sample.revision_id, Space.kind, Revision.title, Revision.body)
        .join(Entry, Entry.revision_id == Sample.revision_id)
        .join(Revision, Revision.id == Sample.revision_id)
        .join(Space, Space.id == Entry.space_id)
        .where(judgeable_by(actor), ~said, heard < Sample.wanted)
    )


def _excerpt(row: Any) -> Excerpt:
    text = veiled(row.body)
    return Excerpt(
        row.revision_id, row.kind, veiled(row.title), text[:LONGEST_EXCERPT], len(text) > LONGEST_EXCERPT
    )


def veiled(text: str) -> str:
    """The text without the people in it: handles, addresses and telephone numbers."""
    return _NUMBERED.sub("…", _NAMED.sub("@…", _ADDRESSED.sub("…@…", text)))
