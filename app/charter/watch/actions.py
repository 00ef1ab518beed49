from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from app.charter.events import RulesChanged
from app.charter.watch import policy
from app.charter.watch.inputs import Watched
from app.charter.watch.models import WatchHit, WatchWord
from app.gate.queries import present
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.policy import require
from app.people.actor import Actor

MOST = 100


@action
def keep(actor: Actor, new: Watched) -> WatchWord:
    """Watch for words from now on, or from a day, until a day. The log doesn't repeat them."""
    require(policy.can_keep_watch(actor))
    open_ = select(func.count()).select_from(WatchWord).where(WatchWord.ended_at.is_(None))
    if (db.session.scalar(open_) or 0) >= MOST:
        raise Invalid(fields={"label": _("There are many already. End one that nobody needs first.")})
    word = WatchWord(
        label=new.label,
        terms=list(new.terms),
        languages=list(new.languages),
        roles=list(new.roles),
        since=_begin(new.since),
        until=_begin(new.until + timedelta(days=1)) if new.until else None,
        by_id=actor.id,
    )
    db.session.add(word)
    db.session.flush()
    audit.record("watch.kept", actor.id, f"watch:{word.id}", roles=list(new.roles))
    announce(RulesChanged())
    return word


@action
def end(actor: Actor, word: WatchWord) -> None:
    """Watch for it no longer. Twice is once."""
    require(policy.can_keep_watch(actor))
    ended = update(WatchWord).where(WatchWord.id == word.id, WatchWord.ended_at.is_(None))
    if store.changed(ended.values(ended_at=clock.now())):
        db.session.refresh(word)
        audit.record("watch.ended", actor.id, f"watch:{word.id}")
        announce(RulesChanged())


@action
def note(word_ids: Sequence[int], *, entry_id: int, revision_id: int) -> Sequence[WatchWord]:
    """Keep that words stand in an entry; those that didn't before."""
    known = select(WatchHit.word_id).where(WatchHit.entry_id == entry_id)
    fresh = set(word_ids) - set(db.session.scalars(known))
    words = db.session.scalars(select(WatchWord).where(WatchWord.id.in_(fresh)).order_by(WatchWord.id)).all()
    for word in words:
        db.session.add(WatchHit(word_id=word.id, entry_id=entry_id, revision_id=revision_id))
    db.session.flush()
    return words


def _begin(day: date | None) -> datetime | None:
    """The first instant of a day by the company's clock."""
    return datetime.combine(day, time(), present().zone).astimezone(UTC) if day else None
