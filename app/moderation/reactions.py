"""What becomes of the queue when authors and rules act. INSIDE: together with the fact, or not at all."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.charter.watch import actions as watch
from app.kernel.action import announce
from app.kernel.db import db
from app.moderation import ground, queue, spreading
from app.moderation.events import ReportMade, WatchWordSeen
from app.moderation.models import HOLD, REPORT, WATCH, ReviewItem
from app.posts.events import (
    EntryCleared,
    EntryEdited,
    EntryFlagged,
    EntryHeld,
    EntryRemoved,
    EntryRestored,
    PostMoved,
    WordsWatched,
)
from app.posts.models import Entry
from app.spaces.models import Space


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


def several_reported(event: ReportMade) -> None:
    """When several people report the same, whoever is on duty hears of it at once."""
    if event.outcome is None:
        spreading.look(only=event.item_id)


def watch_words(event: WordsWatched) -> None:
    """Those who are to know of a word hear of it, once an entry; somebody looks, and nothing is stopped."""
    entry = _entry(event.entry_id)
    fresh = watch.note(event.words, entry_id=entry.id, revision_id=event.revision_id)
    if not fresh:
        return
    item = queue.open_item(entry.id) or queue.put(entry, WATCH, event.revision_id)
    space = db.session.get_one(Space, entry.space_id)
    for word in fresh:
        reviewers, readers = ground.alerted(entry, space, word.roles)
        announce(
            WatchWordSeen(
                label=word.label,
                thread_id=entry.thread_id,
                reviewer_ids=reviewers,
                reader_ids=readers,
                **queue.ids(item),
            )
        )


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
