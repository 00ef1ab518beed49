from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, func, select, update

from app.charter import queries as charter
from app.charter.actions import record_findings
from app.charter.engine import Verdict
from app.charter.rulebook import tally
from app.files.models import File
from app.files.queries import my_loose_files
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Blocked, Conflict, Forbidden, Invalid, NotFound, Nudge, Stale
from app.kernel.ids import new_id
from app.kernel.policy import require
from app.kernel.reads import question
from app.kernel.store import Order, order
from app.kernel.text import to_html
from app.people.actor import Actor
from app.posts import judging, policy
from app.posts.events import (
    CommentPublished,
    EntryCleared,
    EntryEdited,
    EntryFlagged,
    EntryHeld,
    EntryHidden,
    EntryRemoved,
    EntryRestored,
    PostPinned,
    PostPublished,
    ReactionsChanged,
    WordsWatched,
)
from app.posts.inputs import LONGEST_DRAFT, Edition, Written
from app.posts.judging import Judgement, Said
from app.posts.machine import ENTRY
from app.posts.models import (
    COMMENT,
    HELD,
    HIDDEN_PENDING,
    KEPT_BACK,
    POST,
    PUBLISHED,
    REACTIONS,
    Acknowledgement,
    Attachment,
    Bookmark,
    Draft,
    Entry,
    Follow,
    Mention,
    Pin,
    Reaction,
    Revision,
    SpentNudge,
)
from app.spaces.models import Space


@action
def publish(actor: Actor, space: Space, new: Written) -> Entry:
    """Say something in a space: published at once, or held when the charter wants a moderator's eye.

    Blocked when it can't be said at all; Nudge when a hint wants reading first; Forbidden before the
    charter in force is accepted.
    """
    require(policy.can_post(actor, space), _("Join this space to post in it."))
    require(new.type != "announcement" or policy.can_announce(actor, space))
    _require_free(actor, space.id, is_post=True)
    _require_acceptance(actor)
    said = Said(actor, space, new.body, new.title, _files(actor, new), new.alts)
    judgement = _judge(said, new)
    entry, revision = _store(said, new, judgement, POST, "post", f"space-{space.id}")
    _settle(entry, revision, judgement, is_bare=not said.files)
    _tell_watched(entry, revision, judgement)
    return entry


@action
def comment(actor: Actor, root: Entry, new: Written) -> Entry:
    """Answer a post, or one of its comments; refusals as for `publish`."""
    require(policy.can_comment(actor, root), _("This conversation is closed to new comments."))
    _require_free(actor, root.space_id, is_post=False)
    _require_acceptance(actor)
    parent = _parent(root, new.parent_id)
    said = Said(
        actor,
        root.space,
        new.body,
        "",
        _files(actor, new),
        new.alts,
        root=root,
        parent_id=parent.id if parent else None,
    )
    judgement = _judge(said, new)
    entry, revision = _store(said, new, judgement, COMMENT, f"comment-{root.id}")
    _settle(entry, revision, judgement, is_bare=not said.files)
    _tell_watched(entry, revision, judgement)
    return entry


@action
def edit(actor: Actor, entry: Entry, new: Written, *, seen: Edition | None = None) -> Entry:
    """Say it differently. While a published entry's edit is held, readers keep the approved text.

    Conflict when the entry changed since the author saw it.
    """
    require(policy.can_edit(actor, entry))
    _require_free(actor, 0, is_post=entry.is_post)
    _require_acceptance(actor)
    root = db.session.get(Entry, entry.root_id) if entry.root_id else None
    files = _files(actor, new, entry.id)
    said = Said(
        actor, entry.space, new.body, new.title, files, new.alts, root, entry.parent_id, entry, event="edit"
    )
    judgement = _judge(said, new)
    waits = entry.state == PUBLISHED and judgement.action == "hold"
    _claim(entry, seen, shows=not waits)
    revision = _add_revision(entry, said, new, judgement)
    store.together(_forgetting(actor, [f"edit-{entry.id}"]))
    _settle_edit(entry, revision, judgement)
    _tell_watched(entry, revision, judgement)
    return entry


@action
def take_back(actor: Actor, entry: Entry) -> None:
    """Delete what one published, or withdraw what waits for a moderator."""
    require(policy.can_delete(actor, entry))
    was_public = entry.state == PUBLISHED
    event = "delete" if was_public else "withdraw"
    _move(entry, event)
    audit.record(ENTRY[event].act, actor.id, entry.subject)
    if was_public:
        _uncount(entry)
        announce(EntryRemoved(by_id=actor.id, is_post=entry.is_post, **_ids(entry)))
    announce(EntryCleared(withdrawn=True, **_ids(entry)))


@action
def react(actor: Actor, entry: Entry, name: str, *, on: bool) -> dict[str, int]:
    """Put one's sign under an entry, or take it away; the new counts. Twice is once."""
    require(policy.can_react(actor, entry))
    if name not in REACTIONS:
        raise NotFound
    mine = (entry.id, actor.id, name)
    present = db.session.get(Reaction, mine)
    if (present is not None) == on:
        return dict(entry.reaction_counts)
    _lock(entry)
    if on:
        db.session.merge(Reaction(entry_id=entry.id, person_id=actor.id, name=name))
    else:
        db.session.execute(
            delete(Reaction).where(
                Reaction.entry_id == entry.id, Reaction.person_id == actor.id, Reaction.name == name
            )
        )
        if present is not None:
            db.session.expunge(present)
    db.session.flush()
    entry.reaction_counts = _reaction_counts(entry.id)
    _touch(entry)
    announce(
        ReactionsChanged(
            entry_id=entry.id,
            thread_id=entry.thread_id,
            space_id=entry.space_id,
            person_id=actor.id,
            name=name,
            added=on,
        )
    )
    return dict(entry.reaction_counts)


@action
def pin(actor: Actor, entry: Entry, *, on: bool) -> None:
    """Keep a post at the top of its space, or no longer."""
    require(policy.can_pin(actor, entry))
    present = db.session.get(Pin, entry.id)
    if (present is not None) == on:
        return
    if on:
        db.session.add(Pin(entry_id=entry.id, space_id=entry.space_id, person_id=actor.id))
    elif present is not None:
        db.session.delete(present)
    _touch(entry)
    audit.record("post.pinned" if on else "post.unpinned", actor.id, entry.subject)
    announce(PostPinned(pinned=on, **_ids(entry)))


@action
def bookmark(actor: Actor, entry: Entry, *, on: bool) -> None:
    """Keep a post to find it again, or no longer."""
    _toggle(Bookmark(person_id=actor.id, entry_id=entry.id), (actor.id, entry.id), on)


@action
def follow(actor: Actor, entry: Entry, *, on: bool) -> None:
    """Hear of new comments, or never."""
    store.together(_following(actor.id, entry.thread_id, mutes=not on))


@action
def acknowledge(actor: Actor, entry: Entry, *, on: bool = True) -> None:
    """Say that one has read an announcement."""
    _toggle(Acknowledgement(entry_id=entry.id, person_id=actor.id), (entry.id, actor.id), on)


@action
def save_draft(actor: Actor, place: str, content: dict[str, Any]) -> datetime:
    """Keep what is being written at a place; an empty one is forgotten. When it was saved."""
    if len(str(content)) > LONGEST_DRAFT:
        raise Invalid(fields={"body": _("This draft is too long to be kept. Shorten it.")})
    now = clock.now()
    if not any(content.values()):
        store.together(_forgetting(actor, [place]))
    else:
        db.session.merge(Draft(person_id=actor.id, place=place[:60], content=content, saved_at=now))
    return now


@action
def release(by: Actor, entry: Entry, revision_id: int, *, pairs: Sequence[str] = ()) -> None:
    """Publish what waited, once: dated now, new to readers. An edit that waited replaces the text shown.

    Conflict when it isn't waiting with this revision any more; Stale when the rules find more in it by now
    than whoever decides could see.
    """
    waiting = entry.pending_id if entry.state == PUBLISHED else entry.revision_id
    if waiting != revision_id:
        raise Conflict
    entry.approved_pairs = sorted({*entry.approved_pairs, *pairs})
    _require_known(entry, revision_id)
    if entry.state == PUBLISHED:
        revision = db.session.get_one(Revision, revision_id)
        _claim(entry, None)
        _show(entry, revision)
        return
    _move(entry, "release")
    _make_public(entry, released_by_id=by.id)


@action
def rule(entry: Entry, event: str) -> None:
    """A moderator's ruling moves an entry as its machine says; Conflict when it isn't in such a state."""
    was_public = entry.state == PUBLISHED
    _move(entry, event)
    if was_public:
        _uncount(entry)


@action
def restore(entry: Entry) -> None:
    """What was out of sight stands again, where and when it was."""
    bring_back(entry, "restore")


@action
def bring_back(entry: Entry, event: str) -> None:
    """What was taken away stands again, where and when it was; what never was out, since it was written."""
    _move(entry, event)
    if entry.published_at is None:
        _make_public(entry, at=entry.created_at)
        return
    _uncount(entry, -1)
    announce(EntryRestored(is_post=entry.is_post, **_ids(entry)))


@action
def take_out(entry: Entry, event: str) -> None:
    """What stands goes out of sight again: a decision was taken back."""
    was_public = entry.state == PUBLISHED
    _move(entry, event)
    if entry.state == HELD:
        entry.published_at = None
    if was_public:
        _uncount(entry)
        announce(EntryHidden(is_post=entry.is_post, **_ids(entry)))


@action
def swap_text(entry: Entry, *, shown: int, pending: int | None) -> None:
    """Readers see one revision and another waits: undoes what a decision made of an edit."""
    changed = entry.revision_id != shown
    _claim(entry, None, shows=changed)
    entry.revision_id, entry.pending_id = shown, pending
    db.session.flush()
    if changed:
        _touch_thread(entry)
        announce(EntryEdited(revision_id=shown, is_post=entry.is_post, **_ids(entry)))


@action
def set_pictures(entry: Entry, file_ids: Sequence[str], *, shown: bool) -> None:
    """Take pictures of an entry out of readers' sight, or show them again."""
    before, after = (KEPT_BACK, "entry") if shown else ("entry", KEPT_BACK)
    mine = update(File).where(File.id.in_(file_ids), File.holder == before, File.holder_id == entry.id)
    db.session.execute(mine.values(holder=after))
    _claim(entry, None)
    _touch_thread(entry)
    announce(EntryEdited(revision_id=entry.revision_id, is_post=entry.is_post, **_ids(entry)))


@action
def drop_pending(entry: Entry) -> None:
    """The edit that waited isn't wanted: readers keep what they have."""
    entry.pending_id = None


@action
def add_findings(entry: Entry, revision_id: int, verdict: Verdict) -> None:
    """Whoever decides sees what was found since; it goes on waiting."""
    record_findings(revision_id, verdict)
    announce(EntryHeld(revision_id=revision_id, is_edit=entry.state == PUBLISHED, **_ids(entry)))


# --- one step of the above each, in the order in which they are called --------------------------------------


def _require_free(actor: Actor, space_id: int, *, is_post: bool) -> None:
    """Whoever a measure keeps from writing is told until when, and where to read and contest it."""
    until = policy.hindrance(actor, space_id, is_post=is_post, now=clock.now())
    if until is not None:
        raise Forbidden(
            _(
                "You can write here again from %(moment)s. What was decided is under “The charter and me”.",
                moment=format_datetime(until, "short"),
            ),
            until=until.isoformat(),
        )


def _require_known(entry: Entry, revision_id: int) -> None:
    """What leaves the queue is weighed again: names, rules and thread may have changed while it waited."""
    news = judging.news(entry, db.session.get_one(Revision, revision_id))
    if news is not None:
        refusal = Stale(_("The rules find more in it now than when it was held. Please look again."))
        refusal.afterwards = lambda: add_findings(entry, revision_id, news)
        raise refusal


def _require_acceptance(actor: Actor) -> None:
    if not charter.may_write(actor):
        raise Forbidden(_("Please read and accept the charter before you write."), charter="/charter/welcome")


def _files(actor: Actor, new: Written, entry_id: int | None = None) -> Sequence[File]:
    files = my_loose_files(actor, new.attachments, entry_id)
    if len(files) != len(set(new.attachments)):
        raise Invalid(fields={"attachments": _("A file is no longer there. Remove it and attach it again.")})
    return files


def _judge(said: Said, new: Written) -> Judgement:
    judgement = judging.judge(said)
    tally.note(charter.current_policy(), judgement.draft, judgement.verdict)
    if judgement.action == "block":
        raise Blocked(findings=judgement.told())
    if judgement.action == "nudge" and not (new.justification and _spend(said, judgement, new.nudge_token)):
        raise Nudge(findings=judgement.told(), nudge_token=judging.nudge_token(said, judgement))
    return judgement


def _spend(said: Said, judgement: Judgement, token: str) -> bool:
    """Use a nudge token: good once, for the text it was given for."""
    number = judging.nudge_number(said, judgement, token)
    if number is None or db.session.get(SpentNudge, number) is not None:
        return False
    db.session.add(SpentNudge(number=number, at=clock.now()))
    return True


def _parent(root: Entry, parent_id: int | None) -> Entry | None:
    if parent_id is None or parent_id == root.id:
        return None
    parent = db.session.get(Entry, parent_id)
    if parent is None or parent.root_id != root.id or parent.state != PUBLISHED:
        raise NotFound
    return parent


def _store(said: Said, new: Written, judgement: Judgement, kind: str, *drafts: str) -> tuple[Entry, Revision]:
    now = clock.now()
    is_held = judgement.action == "hold"
    entry = Entry(
        id=new_id(),
        kind=kind,
        type=new.type,
        space_id=said.space.id,
        space=said.space,
        root_id=said.root.id if said.root else None,
        parent_id=said.parent_id,
        author_id=said.actor.id,
        state=HELD if is_held else PUBLISHED,
        position=clock.micros(now),
        published_at=None if is_held else now,
        revision_id=new_id(),
        comment_count=0,
        reaction_counts={},
        approved_pairs=[],
        version=1,
        created_at=now,
    )
    revision = _revision(entry, said, new, judgement, entry.revision_id, number=1)
    store.together(
        store.adding(entry),
        store.adding(revision),
        _following(said.actor.id, entry.thread_id, mutes=False),
        _forgetting(said.actor, drafts),
    )
    store.known(entry, revision)
    _write_what_it_holds(entry, revision, said, judgement)
    return entry, revision


def _add_revision(entry: Entry, said: Said, new: Written, judgement: Judgement) -> Revision:
    last = db.session.scalar(select(func.max(Revision.number)).where(Revision.entry_id == entry.id)) or 0
    revision = _revision(entry, said, new, judgement, new_id(), number=last + 1)
    store.add(revision)
    _write_what_it_holds(entry, revision, said, judgement)
    return revision


def _revision(
    entry: Entry, said: Said, new: Written, judgement: Judgement, revision_id: int, *, number: int
) -> Revision:
    return Revision(
        id=revision_id,
        entry_id=entry.id,
        number=number,
        author_id=said.actor.id,
        title=said.title,
        body=said.body,
        body_html=str(to_html(said.body, judgement.mentioned)),
        verdict=judgement.action,
        justification=new.justification if judgement.action == "nudge" else "",
    )


def _write_what_it_holds(entry: Entry, revision: Revision, said: Said, judgement: Judgement) -> None:
    """Files, findings, and whom it names."""
    if said.files:
        _attach(entry, revision, said)
    record_findings(revision.id, judgement.verdict)
    people = set(judgement.mentioned.values())
    store.add_missing(Mention, [{"entry_id": entry.id, "person_id": person_id} for person_id in people])


def _attach(entry: Entry, revision: Revision, said: Said) -> None:
    alts = [*said.alts, *[""] * len(said.files)]
    store.add(
        *(
            Attachment(revision_id=revision.id, file_id=file.id, position=position, alt=alts[position])
            for position, file in enumerate(said.files)
        )
    )
    ids = [file.id for file in said.files]
    db.session.execute(update(File).where(File.id.in_(ids)).values(holder="entry", holder_id=entry.id))


def _following(person_id: int, thread_id: int, *, mutes: bool) -> tuple[Order, store.Given]:
    return _follow(), {
        "person_id": person_id,
        "entry_id": thread_id,
        "mutes": mutes,
        "created_at": clock.now(),
    }


def _forgetting(actor: Actor, places: Sequence[str]) -> tuple[Order, store.Given]:
    return _forget(), {"person": actor.id, "place": places[0], "other": places[-1]}


@order
def _follow() -> Any:
    following = store.insert_named(Follow)
    return following.on_conflict_do_update(
        index_elements=["person_id", "entry_id"], set_={"mutes": following.excluded.mutes}
    )


@order
def _forget() -> Any:
    drafts = store.table(Draft)
    places = drafts.c.place.in_((bindparam("place"), bindparam("other")))
    return delete(drafts).where(drafts.c.person_id == bindparam("person"), places)


def _settle(entry: Entry, revision: Revision, judgement: Judgement, *, is_bare: bool) -> None:
    audit.record(f"{entry.kind}.{entry.state}", entry.author_id, entry.subject, revision=revision.id)
    if entry.state == HELD:
        announce(EntryHeld(revision_id=revision.id, **_ids(entry)))
        return
    _tell_public(entry, is_bare=is_bare)
    if judgement.action == "flag":
        announce(EntryFlagged(revision_id=revision.id, **_ids(entry)))


def _settle_edit(entry: Entry, revision: Revision, judgement: Judgement) -> None:
    audit.record(
        "entry.edited", entry.author_id, entry.subject, revision=revision.id, verdict=judgement.action
    )
    is_held = judgement.action == "hold"
    if entry.state == PUBLISHED and is_held:
        entry.pending_id = revision.id
        announce(EntryHeld(revision_id=revision.id, is_edit=True, **_ids(entry)))
    elif entry.state == PUBLISHED:
        _show(entry, revision)
        if judgement.action == "flag":
            announce(EntryFlagged(revision_id=revision.id, **_ids(entry)))
        else:
            announce(EntryCleared(withdrawn=False, **_ids(entry)))
    elif is_held:
        _move(entry, "hold")
        entry.revision_id = revision.id
        announce(EntryHeld(revision_id=revision.id, **_ids(entry)))
    else:
        _move(entry, "clear")
        entry.revision_id = revision.id
        announce(EntryCleared(withdrawn=False, **_ids(entry)))
        _make_public(entry)


def _tell_watched(entry: Entry, revision: Revision, judgement: Judgement) -> None:
    if judgement.watched:
        announce(WordsWatched(revision_id=revision.id, words=judgement.watched, **_ids(entry)))


def _show(entry: Entry, revision: Revision) -> None:
    quietly = policy.edits_quietly(entry)
    entry.revision_id, entry.pending_id = revision.id, None
    entry.edited_at = entry.edited_at if quietly else clock.now()
    db.session.flush()
    _touch_thread(entry)
    announce(EntryEdited(revision_id=revision.id, is_post=entry.is_post, **_ids(entry)))


def _make_public(entry: Entry, released_by_id: int | None = None, *, at: datetime | None = None) -> None:
    at = at or clock.now()
    entry.published_at, entry.position = at, clock.micros(at)
    db.session.flush()
    _tell_public(entry, released_by_id=released_by_id)


def _tell_public(entry: Entry, **known: Any) -> None:
    """What others write to as well comes last: its lock is held while committing only."""
    if entry.is_post:
        announce(PostPublished(**known, **_ids(entry)))
        _lift_space().run({"space": entry.space_id, "position": entry.position})
        return
    answered = _author_of().scalar(entry=entry.parent_id or entry.root_id)
    announce(CommentPublished(parent_author_id=answered, **known, **_ids(entry)))
    if _count_comment().run({"root": entry.root_id, "space": entry.space_id}) != 1:
        raise Conflict  # its post went to another space meanwhile


@question
def _author_of() -> Any:
    return select(Entry.author_id).where(Entry.id == bindparam("entry"))


@order
def _lift_space() -> Any:
    spaces = store.table(Space)
    newer = spaces.c.last_position < bindparam("position")
    lifting = update(spaces).where(spaces.c.id == bindparam("space"), newer)
    return lifting.values(last_position=bindparam("position"))


@order
def _count_comment() -> Any:
    entries = store.table(Entry)
    here = entries.c.space_id == bindparam("space")
    counting = update(entries).where(entries.c.id == bindparam("root"), here)
    return counting.values(comment_count=entries.c.comment_count + 1, version=entries.c.version + 1)


def _uncount(entry: Entry, less: int = 1) -> None:
    """An entry went out of sight (-1: came back): its thread has one comment less, and looks different."""
    if entry.root_id is not None:
        db.session.execute(
            update(Entry)
            .where(Entry.id == entry.root_id)
            .values(comment_count=Entry.comment_count - less, version=Entry.version + 1)
        )


def _move(entry: Entry, event: str) -> None:
    """Change the state if it still is one that the event begins at; Conflict when somebody was faster.

    An edit that waits outlives its entry's time out of sight, nothing else.
    """
    move = ENTRY[event]
    db.session.flush()
    waiting = Entry.pending_id if move.target in {HIDDEN_PENDING, PUBLISHED} else None
    moved = store.changed(
        update(Entry)
        .where(Entry.id == entry.id, Entry.state.in_(move.sources))
        .values(state=move.target, version=Entry.version + 1, pending_id=waiting)
        .execution_options(synchronize_session=False)
    )
    if moved != 1:
        raise Conflict
    db.session.refresh(entry, ["state", "version", "pending_id"])


def _claim(entry: Entry, seen: Edition | None, *, shows: bool = True) -> None:
    """Take the entry for an edit: nobody else changed it since it was shown, and it is in the state we
    saw. `shows` says whether readers will see anything of it.
    """
    db.session.flush()
    taken = update(Entry).where(Entry.id == entry.id, Entry.state == entry.state)
    if seen is not None:
        taken = taken.where(
            Entry.version == seen.version, Entry.pending_id.is_not_distinct_from(seen.waiting)
        )
    taken = taken.values(version=Entry.version + int(shows)).execution_options(synchronize_session=False)
    if store.changed(taken) != 1:
        raise Conflict
    db.session.refresh(entry, ["version", "revision_id", "pending_id"])


def _lock(entry: Entry) -> None:
    db.session.refresh(entry, ["version", "reaction_counts", "state"], with_for_update=True)
    if entry.state != PUBLISHED:
        raise Conflict


def _touch(entry: Entry) -> None:
    entry.version += 1
    db.session.flush()
    if entry.root_id is not None:
        _touch_thread(entry)


def _touch_thread(entry: Entry) -> None:
    """The post's card shows its last comments: it looks different too."""
    if entry.root_id is not None:
        db.session.execute(update(Entry).where(Entry.id == entry.root_id).values(version=Entry.version + 1))


def _toggle(row: Any, key: Any, on: bool) -> None:
    present = db.session.get(type(row), key)
    if on and present is None:
        db.session.add(row)
    elif not on and present is not None:
        db.session.delete(present)


def _reaction_counts(entry_id: int) -> dict[str, int]:
    counted = select(Reaction.name, func.count()).where(Reaction.entry_id == entry_id).group_by(Reaction.name)
    return dict(db.session.execute(counted).all())


def _ids(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry.id,
        "thread_id": entry.thread_id,
        "space_id": entry.space_id,
        "author_id": entry.author_id,
    }
