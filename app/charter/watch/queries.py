from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.charter.engine import RuleSpec
from app.charter.watch.models import WatchHit, WatchWord
from app.charter.watch.policy import can_keep_watch, knows_word
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.actor import Actor

MARK = "watch:"  # before the number of a watched word, where the engine names a rule


def words(actor: Actor) -> Sequence[WatchWord]:
    """What is watched, or will be, the newest first; NotFound for whom it doesn't concern."""
    _keeper(actor)
    rows = select(WatchWord).where(WatchWord.ended_at.is_(None)).order_by(WatchWord.id.desc())
    return db.session.scalars(rows).all()


def get_word(actor: Actor, word_id: int) -> WatchWord:
    """One of them, ended or not; NotFound for whom it doesn't concern."""
    _keeper(actor)
    found = db.session.get(WatchWord, word_id)
    if found is None:
        raise NotFound
    return found


def present(now: datetime) -> Sequence[WatchWord]:
    """What is watched at a moment."""
    rows = select(WatchWord).where(
        WatchWord.ended_at.is_(None),
        or_(WatchWord.since.is_(None), WatchWord.since <= now),
        or_(WatchWord.until.is_(None), WatchWord.until > now),
    )
    return db.session.scalars(rows.order_by(WatchWord.id)).all()


def next_change(now: datetime) -> datetime | None:
    """When a word begins or ends to be watched by itself."""
    rows = db.session.execute(
        select(WatchWord.since, WatchWord.until).where(
            WatchWord.ended_at.is_(None), or_(WatchWord.since > now, WatchWord.until > now)
        )
    )
    return min((at for row in rows for at in row if at and at > now), default=None)


def spec_of(word: WatchWord) -> RuleSpec:
    """As the engine reads it: found like every list of words, and never acting."""
    return RuleSpec(
        key=f"{MARK}{word.id}",
        kind="phrases",
        action="flag",
        params={"terms": list(word.terms), "inflect": list(word.languages)},
        state="dry_run",
    )


def labels(actor: Actor, entry_id: int) -> Sequence[str]:
    """The watched words that stand in an entry, as far as the actor may know them."""
    rows = select(WatchWord).join(WatchHit, WatchHit.word_id == WatchWord.id)
    found = db.session.scalars(rows.where(WatchHit.entry_id == entry_id).order_by(WatchWord.label))
    return [word.label for word in found if knows_word(actor, word)]


def _keeper(actor: Actor) -> None:
    if not can_keep_watch(actor):
        raise NotFound
