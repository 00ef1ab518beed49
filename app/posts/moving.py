"""A post goes to another space, with its whole thread: weighed there before anybody reads it there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app.charter import queries as charter
from app.charter.actions import record_findings
from app.charter.engine import Finding, Verdict, is_at_least
from app.kernel import audit, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Blocked, Conflict, Invalid
from app.kernel.policy import require
from app.people.actor import Actor
from app.posts import judging, policy
from app.posts.events import EntryFlagged, PostMoved
from app.posts.models import PUBLISHED, Entry, Pin, Revision
from app.spaces.models import Space

MOST_COMMENTS = 300


class Unmovable(Blocked):
    """The charter keeps this thread from that space; it stays where it is."""

    def sentence(self) -> str:
        return _("It can’t be moved there as it is. It stays where it is.")


@action
def move(actor: Actor, post: Entry, to: Space, *, version: int | None = None) -> Entry:
    """Take a post with its comments to another space, once. Readers of both hear of it, each what is theirs.

    Unmovable, with the findings, when it would have to wait there; Conflict when it changed meanwhile.
    """
    require(policy.can_move(actor, post, to), _("It can’t be moved to this space."))
    if post.space_id == to.id:
        return post
    if version is not None and version != post.version:
        raise Conflict
    found = [(entry, revision, _news(entry, revision, to)) for entry, revision in _thread(post)]
    stopping = [f for _entry, _revision, news in found for f in news if is_at_least(f.action, "hold")]
    if stopping:
        raise Unmovable(findings=[judging.told(finding) for finding in stopping])
    before = post.space_id
    _take_along(post, to)
    audit.record("post.moved", actor.id, post.subject, before=before, after=to.id)
    announce(
        PostMoved(
            entry_id=post.id, space_id=to.id, from_space_id=before, author_id=post.author_id, by_id=actor.id
        )
    )
    for entry, revision, news in found:
        _note(entry, revision, news)
    return post


def _thread(post: Entry) -> Sequence[tuple[Entry, Revision]]:
    """The post and its published comments, each with the text that is read."""
    rows = (
        select(Entry, Revision)
        .join(Revision, Revision.id == Entry.revision_id)
        .where((Entry.id == post.id) | ((Entry.root_id == post.id) & (Entry.state == PUBLISHED)))
        .options(joinedload(Entry.space))
        .order_by(Entry.root_id.is_not(None), Entry.position)
        .limit(MOST_COMMENTS + 2)
    )
    found = [(entry, revision) for entry, revision in db.session.execute(rows)]
    if len(found) > MOST_COMMENTS + 1:
        raise Invalid(fields={"space_id": _("This conversation is too long to be moved.")})
    return found


def _news(entry: Entry, revision: Revision, to: Space) -> Sequence[Finding]:
    """What the rules find there that wasn't found, and perhaps approved, where it stands."""
    judgement = judging.again(entry, revision, event="move", space=to)
    if judgement is None:
        return ()
    known = {finding.hit for finding in charter.findings(revision.id)}
    return [f for f in judgement.verdict.findings if (f.hit or f.rule) not in known]


def _take_along(post: Entry, to: Space) -> None:
    """One conditional UPDATE on the post; whoever comments meanwhile is told that it changed."""
    here = update(Entry).where(
        Entry.id == post.id,
        Entry.state == PUBLISHED,
        Entry.space_id == post.space_id,
        Entry.version == post.version,
    )
    moved = here.values(space_id=to.id, version=Entry.version + 1)
    if store.changed(moved.execution_options(synchronize_session=False)) != 1:
        raise Conflict
    comments = update(Entry).where(Entry.root_id == post.id)
    together: dict[str, Any] = {"space_id": to.id, "version": Entry.version + 1}
    db.session.execute(comments.values(together).execution_options(synchronize_session=False))
    db.session.execute(delete(Pin).where(Pin.entry_id == post.id))
    newer = update(Space).where(Space.id == to.id, Space.last_position < post.position)
    db.session.execute(newer.values(last_position=post.position))
    db.session.expire_all()


def _note(entry: Entry, revision: Revision, news: Sequence[Finding]) -> None:
    if not news:
        return
    record_findings(revision.id, Verdict("flag", tuple(news)))
    if any(finding.action == "flag" for finding in news):
        announce(
            EntryFlagged(
                revision_id=revision.id,
                entry_id=entry.id,
                thread_id=entry.thread_id,
                space_id=entry.space_id,
                author_id=entry.author_id,
            )
        )
