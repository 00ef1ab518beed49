"""What becomes of the queue when authors and rules act. INSIDE: together with the fact, or not at all."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.kernel.db import db
from app.moderation import queue
from app.moderation.models import HOLD, REPORT, WATCH, ReviewItem
from app.posts.events import (
    EntryCleared,
    EntryEdited,
    EntryFlagged,
    EntryHeld,
    EntryRemoved,
    EntryRestored,
    PostMoved,
)
from app.posts.models import Entry


def queue_hold(event: EntryHeld) -> None:
    """It waits for a decision; a new text of something that waits already replaces the old one."""
    queue.put(_entry(event.entry_id), HOLD, event.revision_id)


def queue_waiting_edit(event: EntryRestored) -> None:
    """It is read again: its edit, which waited meanwhile, is next."""
    entry = _entry(event.entry_id)
    if entry.has_waiting_edit and entry.pending_id is not None:
        queue.put(entry, HOLD, entry.pending_id)


def queue_watch(event: EntryFlagged) -> None:
    """Somebody should look at it; what people reported stays a matter of reports."""
    item = queue.open_item(event.entry_id)
    kind = REPORT if item is not None and queue.has_open_reports(item) else WATCH
    queue.put(_entry(event.entry_id), kind, event.revision_id)


def follow_edit(event: EntryEdited) -> None:
    """Readers see another text: so do those who decide."""
    item = queue.open_item(event.entry_id)
    if item is not None and item.revision_id != event.revision_id:
        item.revision_id = event.revision_id
        queue.touch(item, _entry(event.entry_id))


def follow_move(event: PostMoved) -> None:
    """What waits of a thread waits where the thread is now: its moderators are others."""
    thread = or_(Entry.id == event.entry_id, Entry.root_id == event.entry_id)
    rows = select(ReviewItem).join(Entry, Entry.id == ReviewItem.entry_id).where(thread)
    for item in db.session.scalars(rows).all():
        item.space_id = event.space_id
        queue.touch(item, _entry(item.entry_id))


def close_cleared(event: EntryCleared) -> None:
    """The author corrected or withdrew it. A correction doesn't answer those who reported."""
    item = queue.open_item(event.entry_id)
    if item is None:
        return
    if not event.withdrawn and queue.has_open_reports(item):
        _leave_to_reports(item)
        return
    queue.resolve(item, "withdrawn" if event.withdrawn else "fixed")


def close_removed(event: EntryRemoved) -> None:
    """Its author deleted it: nothing is left to decide."""
    item = queue.open_item(event.entry_id)
    if item is not None and not event.by_moderator:
        queue.resolve(item, "deleted")


def _leave_to_reports(item: ReviewItem) -> None:
    if item.kind != REPORT:
        item.kind = REPORT
        queue.touch(item, _entry(item.entry_id))


def _entry(entry_id: int) -> Entry:
    return db.session.get_one(Entry, entry_id)
