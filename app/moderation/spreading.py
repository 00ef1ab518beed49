"""What spreads fast while it waits: read or signed far more than an hour ago, or reported by several.

Nothing is hidden by it: the item becomes more pressing, and whoever is on duty is told, once. What nobody
reported and no rule noticed isn't looked at, however much it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db, is_sqlite
from app.moderation import queue
from app.moderation.duty.queries import to_be_paged
from app.moderation.events import SpreadingFast
from app.moderation.models import APPEAL, OPEN_STATES, Report, ReviewItem, Spreading
from app.posts.models import Entry, Reaction, Views

HOUR = timedelta(hours=1)
MANY_VIEWS, TIMES_MORE, MANY_SIGNS, MANY_REPORTS = 30, 3, 10, 3


@action
def look(*, only: int | None = None, now: datetime | None = None) -> int:
    """Look at open items, or at one; how many were found to spread since the last time."""
    now = now or clock.now()
    found = [item for item in _fast(now, only) if _note(item, now)]
    for item in found:
        queue.weigh(item, db.session.get_one(Entry, item.entry_id))
        audit.record("item.spreading", None, queue.subject(item), entry=item.entry_id)
        announce(SpreadingFast(to_ids=to_be_paged(item, now), **queue.ids(item)))
    return len(found)


def _fast(now: datetime, only: int | None) -> Sequence[ReviewItem]:
    """Open items that spread and of which nobody was told: one statement, whatever their number."""
    rows = select(ReviewItem).where(
        ReviewItem.state.in_(OPEN_STATES),
        ReviewItem.kind != APPEAL,
        ~exists().where(Spreading.item_id == ReviewItem.id),
        or_(_is_read(now), _is_signed(now), _is_reported()),
    )
    if only is not None:
        rows = rows.where(ReviewItem.id == only)
    return db.session.scalars(rows.order_by(ReviewItem.id).with_for_update()).all()


def _note(item: ReviewItem, now: datetime) -> bool:
    """Whether nobody was faster."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    row = insert(Spreading).values(item_id=item.id, created_at=now)
    return store.changed(row.on_conflict_do_nothing()) == 1


def _is_read(now: datetime) -> Any:
    since = clock.micros(now - HOUR)
    lately = func.coalesce(func.sum(case((Views.slice >= since, Views.number), else_=0)), 0)
    before = func.coalesce(func.sum(case((Views.slice < since, Views.number), else_=0)), 0)
    of_entry = select(Views.entry_id).where(Views.entry_id == ReviewItem.entry_id).group_by(Views.entry_id)
    return of_entry.having(lately >= MANY_VIEWS, lately >= TIMES_MORE * before).correlate(ReviewItem).exists()


def _is_signed(now: datetime) -> Any:
    signs = select(func.count()).where(
        Reaction.entry_id == ReviewItem.entry_id, Reaction.created_at >= now - HOUR
    )
    return signs.correlate(ReviewItem).scalar_subquery() >= MANY_SIGNS


def _is_reported() -> Any:
    people = select(func.count(Report.reporter_id.distinct())).where(
        Report.item_id == ReviewItem.id, Report.outcome.is_(None)
    )
    return people.correlate(ReviewItem).scalar_subquery() >= MANY_REPORTS
