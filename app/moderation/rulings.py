"""What a decision does, one operation at a time, each kept with what takes it back.

An operation is a row of plain values: `do`, and what its inverse needs. Taking back within ten minutes
returns everything to where it was; overturning on appeal gives the author what the decision took.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update

from app.charter import queries as charter
from app.kernel import clock
from app.kernel.action import announce
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.moderation import queries
from app.moderation.models import (
    HIDE_IMAGE,
    NO_VIOLATION,
    REJECT,
    RELEASE,
    REMOVE,
    RETURN,
    Points,
    Report,
    ReviewItem,
    RuleRecord,
)
from app.people.actor import Actor
from app.posts import actions as posts
from app.posts.events import EntryRemoved, EntryRuled
from app.posts.machine import ENTRY
from app.posts.models import HIDDEN_PENDING, PUBLISHED, Entry
from app.posts.queries import attachments

Operation = dict[str, Any]


def carry_out(actor: Actor, item: ReviewItem, entry: Entry, outcome: str) -> list[Operation]:
    """Do to the entry what was decided; the operations done."""
    if outcome == RELEASE:
        return [_release(actor, item, entry)]
    if outcome in {RETURN, REJECT}:
        return [_turn_down(actor, entry, outcome)]
    if outcome == REMOVE:
        return [remove(actor, entry)]
    return [*_let_stand(entry), *(_hide_pictures(item, entry) if outcome == HIDE_IMAGE else [])]


def remove(actor: Actor, entry: Entry) -> Operation:
    """Take what stands, or is out of sight for the moment, away from readers."""
    was = entry.state
    posts.rule(entry, "remove")
    announce(EntryRemoved(by_id=actor.id, is_post=entry.is_post, by_moderator=True, **ids(entry)))
    return {"do": "remove", "was": was}


def pictures(item: ReviewItem) -> list[str]:
    """The pictures concerned: those that reports name, else all of the text that is read."""
    files = attachments([item.revision_id]).get(item.revision_id, [])
    shown = [file.id for file in files if _is_image(file)]
    parts = db.session.scalars(select(Report.part).where(Report.item_id == item.id)).all()
    named = [part.removeprefix("file:") for part in parts]
    return [file_id for file_id in shown if file_id in named] or shown


def learn(item: ReviewItem, outcome: str) -> list[Operation]:
    """Keep count of whether people agree with the rules that noticed something here."""
    rules = sorted({finding.rule for finding in charter.findings(item.revision_id)})
    agreed = outcome not in {NO_VIOLATION, RELEASE}
    _count(rules, agreed=agreed, by=1)
    return [{"do": "learn", "rules": rules, "agreed": agreed}] if rules else []


def take_back(actor: Actor, entry: Entry, operations: Sequence[Operation]) -> None:
    """Run every inverse, the last one first: as if nothing had been decided. Conflict when it can't be."""
    for done in reversed(operations):
        _TAKEN_BACK[done["do"]](actor, entry, done)


def overturn(actor: Actor, entry: Entry, operations: Sequence[Operation]) -> None:
    """Give back what a decision took. What its author changed or withdrew meanwhile stays as they left it."""
    for done in reversed(operations):
        _OVERTURNED[done["do"]](actor, entry, done)


def ids(entry: Entry) -> dict[str, int]:
    """What every fact about an entry carries."""
    return {
        "entry_id": entry.id,
        "thread_id": entry.thread_id,
        "space_id": entry.space_id,
        "author_id": entry.author_id,
    }


# --- doing --------------------------------------------------------------------------------------------


def _release(actor: Actor, item: ReviewItem, entry: Entry) -> Operation:
    done: Operation = {"do": "release", "pairs": list(entry.approved_pairs)}
    if entry.state == PUBLISHED:
        done = {**done, "do": "release_edit", "shown": entry.revision_id, "pending": item.revision_id}
    posts.release(actor, entry, item.revision_id, pairs=queries.approved_hits(item))
    return done


def _turn_down(actor: Actor, entry: Entry, outcome: str) -> Operation:
    """What was held isn't published; of a held edit, readers keep the text before it."""
    done: Operation = {"do": outcome}
    if entry.state == PUBLISHED:
        done = {"do": "drop_edit", "shown": entry.revision_id, "pending": entry.pending_id}
        posts.drop_pending(entry)
    else:
        posts.rule(entry, outcome)
    announce(EntryRuled(outcome=outcome, by_id=actor.id, **ids(entry)))
    return done


def _let_stand(entry: Entry) -> list[Operation]:
    if entry.state != HIDDEN_PENDING:
        return []
    posts.restore(entry)
    return [{"do": "restore"}]


def _hide_pictures(item: ReviewItem, entry: Entry) -> list[Operation]:
    files = pictures(item)
    posts.set_pictures(entry, files, shown=False)
    return [{"do": "hide_image", "files": files}]


# --- taking back --------------------------------------------------------------------------------------


def _hold_again(actor: Actor, entry: Entry, done: Operation) -> None:
    posts.take_out(entry, "hold_again")
    entry.approved_pairs = done.get("pairs", entry.approved_pairs)
    announce(EntryRuled(outcome="undone", by_id=actor.id, **ids(entry)))


def _hold_edit_again(_actor: Actor, entry: Entry, done: Operation) -> None:
    expected = done["pending"] if done["do"] == "release_edit" else done["shown"]
    if entry.state != PUBLISHED or entry.revision_id != expected or entry.pending_id is not None:
        raise Conflict
    entry.approved_pairs = done.get("pairs", entry.approved_pairs)
    posts.swap_text(entry, shown=done["shown"], pending=done["pending"])


def _show_again(_actor: Actor, entry: Entry, done: Operation) -> None:
    if done["was"] == HIDDEN_PENDING:
        posts.take_out(entry, "hide_again")
    else:
        posts.bring_back(entry, "show_again")


def _hide_again(_actor: Actor, entry: Entry, _done: Operation) -> None:
    posts.take_out(entry, "hide_again")


def _show_pictures(_actor: Actor, entry: Entry, done: Operation) -> None:
    posts.set_pictures(entry, done["files"], shown=True)


def _reopen_reports(_actor: Actor, _entry: Entry, done: Operation) -> None:
    _answer(done["reports"], None)


def _annul_points(_actor: Actor, _entry: Entry, done: Operation) -> None:
    db.session.execute(
        update(Points).where(Points.decision_id == done["decision"]).values(annulled_at=clock.now())
    )


def _forget_lesson(_actor: Actor, _entry: Entry, done: Operation) -> None:
    _count(done["rules"], agreed=done["agreed"], by=-1)


# --- overturning --------------------------------------------------------------------------------------


def _publish(_actor: Actor, entry: Entry, _done: Operation) -> None:
    if ENTRY.allows("overturn", entry.state):
        posts.bring_back(entry, "overturn")


def _show_edit(_actor: Actor, entry: Entry, done: Operation) -> None:
    if entry.state == PUBLISHED and entry.revision_id == done["shown"] and entry.pending_id is None:
        posts.swap_text(entry, shown=done["pending"], pending=None)


def _clear_author(_actor: Actor, _entry: Entry, done: Operation) -> None:
    _answer(done["reports"], NO_VIOLATION)


def _correct_lesson(_actor: Actor, _entry: Entry, done: Operation) -> None:
    _count(done["rules"], agreed=done["agreed"], by=-1)
    _count(done["rules"], agreed=not done["agreed"], by=1)


def _nothing(_actor: Actor, _entry: Entry, _done: Operation) -> None:
    """What a decision let stand takes nothing from its author."""


def _answer(report_ids: Sequence[int], outcome: str | None) -> None:
    closed_at = clock.now() if outcome else None
    db.session.execute(
        update(Report).where(Report.id.in_(report_ids)).values(outcome=outcome, closed_at=closed_at)
    )


def _count(rules: Sequence[str], *, agreed: bool, by: int) -> None:
    for rule in rules:
        record = db.session.get(RuleRecord, rule, populate_existing=True, with_for_update=True)
        if record is None:
            record = RuleRecord(rule=rule, agreed=0, refuted=0)
            db.session.add(record)
        record.agreed = max(0, record.agreed + (by if agreed else 0))
        record.refuted = max(0, record.refuted + (0 if agreed else by))
    db.session.flush()


def _is_image(file: Any) -> bool:
    return bool(file.kind == "image")


_Inverse = Callable[[Actor, Entry, Operation], None]
_TAKEN_BACK: dict[str, _Inverse] = {
    "release": _hold_again,
    "return": _hold_again,
    "reject": _hold_again,
    "release_edit": _hold_edit_again,
    "drop_edit": _hold_edit_again,
    "remove": _show_again,
    "restore": _hide_again,
    "hide_image": _show_pictures,
    "reports": _reopen_reports,
    "points": _annul_points,
    "learn": _forget_lesson,
}
_OVERTURNED: dict[str, _Inverse] = {
    "release": _nothing,
    "release_edit": _nothing,
    "restore": _nothing,
    "return": _publish,
    "reject": _publish,
    "drop_edit": _show_edit,
    "remove": _publish,
    "hide_image": _show_pictures,
    "reports": _clear_author,
    "points": _annul_points,
    "learn": _correct_lesson,
}
