"""How often entries were read in the last hour: numbers alone, never who. Gathered in the process first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel import clock
from app.kernel.action import action
from app.kernel.db import db, is_sqlite
from app.posts.models import Entry, Views

KEPT_FOR = timedelta(hours=2)
_SLICE = timedelta(minutes=10)
_seen: Counter[int] = Counter()


def seen(entry_ids: Iterable[int]) -> None:
    """Somebody was shown these."""
    _seen.update(entry_ids)


def last_hour(entry: Entry) -> int:
    """How often an entry was shown since an hour ago."""
    since = clock.micros(clock.now() - timedelta(hours=1))
    total = select(func.sum(Views.number)).where(Views.entry_id == entry.id, Views.slice >= since)
    return int(db.session.scalar(total) or 0)


@action
def write_down(*, now: datetime | None = None) -> int:
    """Store what was gathered, forget what is older than is asked; how many entries were read."""
    now = now or clock.now()
    gathered = dict(_seen)
    _seen.clear()
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    begin = clock.micros(now) // clock.micros(clock.EPOCH + _SLICE) * clock.micros(clock.EPOCH + _SLICE)
    for entry_id, number in sorted(gathered.items()):
        row = insert(Views).values(entry_id=entry_id, slice=begin, number=number)
        more = {"number": Views.number + number}
        db.session.execute(row.on_conflict_do_update(index_elements=["entry_id", "slice"], set_=more))
    db.session.execute(delete(Views).where(Views.slice < clock.micros(now - KEPT_FOR)))
    return len(gathered)
