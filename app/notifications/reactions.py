"""Who is told of what: inside the transaction of the fact, one statement whatever the number of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, select

from app.charter.rulebook.events import RuleMoved, RuleSilent
from app.kernel.db import db
from app.notifications import policy
from app.notifications.actions import recount, tell
from app.notifications.models import Notification
from app.people.models import Person
from app.posts.events import (
    CommentPublished,
    EntryEdited,
    EntryHeld,
    EntryHidden,
    EntryRemoved,
    PostPublished,
    ReactionsChanged,
)
from app.posts.models import Entry, Follow, Mention
from app.spaces.events import JoinRequested, MemberJoined
from app.spaces.models import OWNER, Membership


class Decision(Protocol):
    """What a moderator's ruling says of itself."""

    @property
    def entry_id(self) -> int: ...
    @property
    def decision_id(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def author_id(self) -> int: ...
    @property
    def reporter_ids(self) -> Sequence[int]: ...


class Resolution(Protocol):
    """Nothing is left to decide."""

    @property
    def item_id(self) -> int: ...
    @property
    def reporter_ids(self) -> Sequence[int]: ...


def post_published(event: PostPublished) -> None:
    """Those it names; with an announcement, everybody who may read it."""
    _tell_named(event)
    if db.session.scalar(select(Entry.type).where(Entry.id == event.entry_id)) == "announcement":
        _tell_of_entry(policy.ANNOUNCEMENT, policy.reads(event.space_id), event)


def comment_published(event: CommentPublished) -> None:
    """Those it names, whom it answers, and who follow the thread: each hears of it once."""
    _tell_named(event)
    if db.session.scalar(select(Entry.parent_id).where(Entry.id == event.entry_id)):
        answered = and_(Person.id == event.parent_author_id, ~_mutes(event.thread_id))
        _tell_of_entry(policy.REPLY, answered, event)
    _tell_of_entry(policy.COMMENT, _follows(event.thread_id), event, topic=f"post:{event.thread_id}")


def entry_edited(event: EntryEdited) -> None:
    """Those it names now and didn't before."""
    _tell_named(event)


def reactions_changed(event: ReactionsChanged) -> None:
    """The author, of each person once, however often they change their mind."""
    author_id = db.session.scalar(select(Entry.author_id).where(Entry.id == event.entry_id))
    if not event.added:
        recount(Notification.subject == f"signed:{event.entry_id}:{event.person_id}")
        return
    tell(
        policy.REACTION,
        and_(Person.id == author_id, Person.id != event.person_id, policy.reads(event.space_id)),
        subject=f"signed:{event.entry_id}:{event.person_id}",
        topic=f"entry:{event.entry_id}",
        entry_id=event.entry_id,
        actor_id=event.person_id,
    )


def entry_held(event: EntryHeld) -> None:
    """Its author."""
    tell(
        policy.HELD_BACK,
        Person.id == event.author_id,
        subject=f"revision:{event.revision_id}",
        entry_id=event.entry_id,
    )


def entry_gone(event: EntryRemoved | EntryHidden) -> None:
    """Badges forget what can't be read any more."""
    of_thread = select(Entry.id).where(Entry.root_id == event.entry_id)
    recount((Notification.entry_id == event.entry_id) | Notification.entry_id.in_(of_thread))


def decision_taken(event: Decision) -> None:
    """The author, when something becomes of their message; those who reported it, always."""
    subject = f"decision:{event.decision_id}"
    if event.outcome != "no_violation":
        author = Person.id == event.author_id
        tell(policy.DECIDED, author, subject=subject, entry_id=event.entry_id, outcome=event.outcome)
    if event.reporter_ids:
        tell(policy.REPORT_DECIDED, Person.id.in_(event.reporter_ids), subject=subject, outcome=event.outcome)


def item_resolved(event: Resolution) -> None:
    """Those who reported what its author has since corrected or taken back."""
    if event.reporter_ids:
        tell(
            policy.REPORT_DECIDED,
            Person.id.in_(event.reporter_ids),
            subject=f"item:{event.item_id}",
            outcome="resolved",
        )


def join_requested(event: JoinRequested) -> None:
    """The owners of the space."""
    owns = exists().where(
        Membership.space_id == event.space_id, Membership.role == OWNER, Membership.person_id == Person.id
    )
    tell(
        policy.JOIN_REQUEST,
        owns,
        subject=f"request:{event.space_id}:{event.person_id}",
        topic=f"space:{event.space_id}",
        space_id=event.space_id,
        actor_id=event.person_id,
    )


def member_joined(event: MemberJoined) -> None:
    """Whoever was let in by somebody else; the owners' badges forget the request."""
    recount(Notification.subject == f"request:{event.space_id}:{event.person_id}")
    if event.by_id is not None and event.by_id != event.person_id:
        person = Person.id == event.person_id
        tell(policy.JOINED, person, subject=f"space:{event.space_id}", space_id=event.space_id)


def rule_moved(event: RuleMoved) -> None:
    """Charter owners hear of what needs them: a second person, a rule that tripped, an emergency."""
    if event.name in ("ask", "trip", "expire", "emergency"):
        others = and_(policy.keeps_the_charter(), Person.id != (event.by_id or 0))
        _tell_owners(others, event.rule, event.name, str(event.version_id))


def rule_silent(event: RuleSilent) -> None:
    """Charter owners, once a silence."""
    _tell_owners(policy.keeps_the_charter(), event.rule, "silent", event.day)


def _tell_owners(owners: ColumnElement[bool], rule: str, what: str, mark: str) -> None:
    tell(
        policy.RULE,
        owners,
        subject=f"rule:{what}:{mark}"[:60],
        topic=f"rule:{rule}"[:60],
        rule=rule,
        what=what,
    )


def _tell_named(event: PostPublished | CommentPublished | EntryEdited) -> None:
    named = exists().where(Mention.entry_id == event.entry_id, Mention.person_id == Person.id)
    _tell_of_entry(policy.MENTION, named, event)


def _tell_of_entry(
    kind: str,
    to: ColumnElement[bool],
    event: PostPublished | CommentPublished | EntryEdited,
    *,
    topic: str = "",
) -> None:
    """Tell those of them who may read it, didn't write it and haven't been told of it in another way."""
    told = exists().where(
        Notification.person_id == Person.id,
        Notification.entry_id == event.entry_id,
        Notification.kind.in_((policy.MENTION, policy.REPLY, policy.COMMENT)),
    )
    tell(
        kind,
        and_(to, Person.id != event.author_id, policy.reads(event.space_id), ~told),
        subject=f"entry:{event.entry_id}",
        topic=topic,
        entry_id=event.entry_id,
        actor_id=event.author_id,
    )


def _follows(thread_id: int) -> ColumnElement[bool]:
    return exists().where(
        Follow.entry_id == thread_id, Follow.person_id == Person.id, Follow.mutes.is_(False)
    )


def _mutes(thread_id: int) -> ColumnElement[bool]:
    return exists().where(Follow.entry_id == thread_id, Follow.person_id == Person.id, Follow.mutes.is_(True))
