"""Who is told of what: inside the transaction of the fact, one statement whatever the number of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import BigInteger, ColumnElement, Text, and_, bindparam, cast, exists, or_, select, update

from app.accounts.events import InvitationUsed, SponsorLeft, StayEnding
from app.auth.events import NewDevice
from app.charter.events import (
    AcceptanceAwaited,
    CharterAccepted,
    DraftRemarked,
    VersionScheduled,
    VersionSigned,
    VersionTookEffect,
    VersionWithdrawn,
)
from app.charter.learning.queries import has_not_accepted
from app.charter.models import CharterVersion
from app.charter.rulebook.events import RuleMoved, RuleQuiet, RuleRemarked, RuleSilent
from app.kernel import changes, clock
from app.kernel.db import db
from app.notifications import policy
from app.notifications.actions import recount, tell
from app.notifications.models import Notification
from app.people.models import EMPLOYEE, Person
from app.posts.events import (
    CommentPublished,
    EntryEdited,
    EntryHeld,
    EntryHidden,
    EntryRemoved,
    PostPublished,
    ReactionsChanged,
)
from app.posts.models import Entry, Follow, Mention, Revision
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
    if _tell_named(event).type == "announcement":
        _tell_of_entry(policy.ANNOUNCEMENT, _EVERYBODY, event)


def comment_published(event: CommentPublished) -> None:
    """Those it names, whom it answers, and who follow the thread: each hears of it once."""
    if _tell_named(event).parent_id:
        _tell_of_entry(policy.REPLY, _ANSWERED, event, parent_author=event.parent_author_id)
    _tell_of_entry(policy.COMMENT, _FOLLOWS, event, topic=f"post:{event.thread_id}")


def entry_edited(event: EntryEdited) -> None:
    """Those it names now and didn't before."""
    _tell_named(event)


def reactions_changed(event: ReactionsChanged) -> None:
    """The author, of each person once, however often they change their mind."""
    if not event.added:
        recount(Notification.subject == f"signed:{event.entry_id}:{event.person_id}")
        return
    tell(
        policy.REACTION,
        _AUTHOR,
        given={"entry": event.entry_id, "signer": event.person_id, "space": event.space_id},
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


def item_transferred(event: Any) -> None:
    """The colleague to whom it was left."""
    _tell_of_case(policy.TRANSFERRED, [event.to_id], event)


def item_escalated(event: Any) -> None:
    """The senior moderators."""
    _tell_of_case(policy.ESCALATED, event.to_ids, event, danger=event.danger)


def second_wanted(event: Any) -> None:
    """Those who may give the second opinion."""
    _tell_of_case(policy.SECOND_WANTED, event.to_ids, event, about=event.about)


def second_refused(event: Any) -> None:
    """Whoever proposed it."""
    _tell_of_case(policy.SECOND_REFUSED, [event.to_id], event, about=event.about)


def decision_undone(event: Any) -> None:
    """The author who had been told of the decision."""
    recount(Notification.subject == f"decision:{event.decision_id}")
    if event.tells_author:
        subject = f"undone:{event.decision_id}"
        tell(policy.UNDONE, Person.id == event.author_id, subject=subject, space_id=event.space_id)


def appeal_lodged(event: Any) -> None:
    """Whom it was given to."""
    if event.to_id is not None:
        _tell_of_case(policy.APPEAL_ASSIGNED, [event.to_id], event)


def appeal_spoken(event: Any) -> None:
    """The other side."""
    if event.to_id is None:
        return
    subject, person = f"message:{event.message_id}", Person.id == event.to_id
    url = f"/moderation/items/{event.item_id}" if event.from_appellant else f"/appeals/{event.appeal_id}"
    tell(policy.APPEAL_MESSAGE, person, subject=subject, topic=f"appeal:{event.appeal_id}", url=url)


def appeal_closed(event: Any) -> None:
    """Whoever appealed, the author, and those who had reported."""
    if event.to_ids:
        people, subject = Person.id.in_(event.to_ids), f"appeal:{event.appeal_id}"
        tell(policy.APPEAL_DECIDED, people, subject=subject, outcome=event.answer, space_id=event.space_id)


def watch_word_seen(event: Any) -> None:
    """Those who are to know: with the way to the case, or to what they may read anyway."""
    ways = (
        (event.reviewer_ids, f"/moderation/items/{event.item_id}"),
        (event.reader_ids, f"/posts/{event.thread_id}"),
    )
    for to_ids, url in ways:
        if to_ids:
            tell(
                policy.WATCHED,
                Person.id.in_(to_ids),
                subject=f"watch:{event.entry_id}:{uuid4().hex[:12]}",
                topic=f"item:{event.item_id}",
                entry_id=event.entry_id,
                space_id=event.space_id,
                url=url,
                label=event.label,
            )


def case_opened(event: Any) -> None:
    """Those who have a step to do: that a playbook runs, and the way to it."""
    _tell_of_playbook(event, "opened", f"playbook:{event.case_id}")


def step_overdue(event: Any) -> None:
    """The next owner and admins, once for each step."""
    _tell_of_playbook(event, "overdue", f"overdue:{event.step_id}")


def spreading_fast(event: Any) -> None:
    """Whoever is on duty."""
    _tell_of_case(policy.SPREADING, event.to_ids, event)


def measure_imposed(event: Any) -> None:
    """The person."""
    person, subject = Person.id == event.person_id, f"measure:{event.measure_id}"
    tell(policy.MEASURE, person, subject=subject, step=event.step)


def measure_ended(event: Any) -> None:
    """The person, when it ends before its time."""
    if event.how in {"lifted", "annulled"}:
        person, subject = Person.id == event.person_id, f"measure:{event.measure_id}"
        tell(policy.MEASURE_LIFTED, person, subject=subject, step=event.step)


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


def rule_quiet(event: RuleQuiet) -> None:
    """Charter owners, once."""
    _tell_owners(policy.keeps_the_charter(), event.rule, "quiet", f"{event.rule}:{event.day}"[-40:])


def rule_remarked(event: RuleRemarked) -> None:
    """Charter owners; with an answer, also whom it answers."""
    answered = Person.id == event.parent_author_id
    tell(
        policy.RULE,
        and_(or_(policy.keeps_the_charter(), answered), Person.id != event.author_id),
        subject=f"rule:remark:{event.remark_id}",
        topic=f"rule:{event.rule}"[:60],
        actor_id=event.author_id,
        rule=event.rule,
        what="remark",
    )


def _tell_owners(owners: ColumnElement[bool], rule: str, what: str, mark: str) -> None:
    tell(
        policy.RULE,
        owners,
        subject=f"rule:{what}:{mark}"[:60],
        topic=f"rule:{rule}"[:60],
        rule=rule,
        what=what,
    )


def _tell_named(event: PostPublished | CommentPublished | EntryEdited) -> Entry:
    """Tell whom an entry names, if anybody. (The session knows what was written just now.)"""
    entry = db.session.get_one(Entry, event.entry_id)
    said = db.session.get_one(Revision, entry.revision_id)
    if "@" in said.title or "@" in said.body:
        _tell_of_entry(policy.MENTION, _NAMED, event)
    return entry


def version_scheduled(event: VersionScheduled) -> None:
    """Everybody: a version was announced, with its day."""
    _tell_of_charter("coming", event.version_id, Person.id.is_not(None), actor_id=event.by_id)


def version_withdrawn(event: VersionWithdrawn) -> None:
    """Everybody who was told that it would come."""
    told = exists().where(
        Notification.person_id == Person.id, Notification.subject.startswith(f"charter:{event.version_id}:c")
    )
    _tell_of_charter("withdrawn", event.version_id, told, actor_id=event.by_id)


def version_took_effect(event: VersionTookEffect) -> None:
    """Everybody who has to accept it."""
    _tell_of_charter("accept", event.version_id, has_not_accepted(event.version_id))


def acceptance_awaited(event: AcceptanceAwaited) -> None:
    """Those who still have not accepted."""
    waits = has_not_accepted(event.version_id)
    _tell_of_charter("remind", event.version_id, waits, again=str(event.turn))


def charter_accepted(event: CharterAccepted) -> None:
    """Whoever accepted need not be asked any more: what asked is read."""
    asked = Notification.subject.startswith(f"charter:{event.version_id}:")
    db.session.execute(
        update(Notification)
        .where(Notification.person_id == event.person_id, Notification.read_at.is_(None), asked)
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    changes.record("counters", changes.PERSON, event.person_id, person_id=event.person_id)


def draft_remarked(event: DraftRemarked) -> None:
    """Those who write the charter; with an answer, also whom it answers."""
    answered = Person.id == event.parent_author_id
    tell(
        policy.CHARTER_DRAFT,
        and_(or_(_writes_charter(), answered), Person.id != event.author_id),
        subject=f"remark:{event.remark_id}",
        topic=f"thread:{event.thread_id}",
        actor_id=event.author_id,
        step="remark",
        number=_number_of(event.version_id),
    )


def version_signed(event: VersionSigned) -> None:
    """Those who write the charter, and once all have signed: it can be announced."""
    tell(
        policy.CHARTER_DRAFT,
        and_(_writes_charter(), Person.id != event.person_id),
        subject=f"signed:{event.version_id}:{event.person_id}:{clock.micros(clock.now())}",
        topic=f"charter:{event.version_id}",
        actor_id=event.person_id,
        step="complete" if event.is_complete else "signed",
        number=_number_of(event.version_id),
    )


def _tell_of_charter(
    step: str, version_id: int, to: ColumnElement[bool], *, again: str = "", actor_id: int | None = None
) -> None:
    version = db.session.get_one(CharterVersion, version_id)
    day = version.effective_at or version.announced_at
    mark = again or (str(clock.micros(day)) if day else str(clock.micros(clock.now())))
    tell(
        policy.CHARTER,
        to,
        subject=f"charter:{version_id}:{step[0]}:{mark}",
        topic=f"charter:{version_id}:{step}",
        actor_id=actor_id,
        step=step,
        number=version.number,
        day=version.effective_at.isoformat() if version.effective_at else None,
    )


def _writes_charter() -> ColumnElement[bool]:
    """On Person: those who hold the role of charter owner."""
    return and_(Person.segment == EMPLOYEE, cast(Person.roles, Text).like('%"charter_owner"%'))


def _number_of(version_id: int) -> int:
    return db.session.get_one(CharterVersion, version_id).number


def _tell_of_case(kind: str, to_ids: Sequence[int], event: Any, **data: Any) -> None:
    """Those who decide: a line with the way to the case, and nothing of what is in it."""
    if to_ids:
        number = uuid4().hex[:12]  # each time it happens is news
        tell(
            kind,
            Person.id.in_(to_ids),
            subject=f"case:{event.item_id}:{number}",
            topic=f"item:{event.item_id}",
            space_id=event.space_id,
            url=f"/moderation/items/{event.item_id}",
            **data,
        )


def _tell_of_playbook(event: Any, what: str, subject: str) -> None:
    if event.to_ids:
        people, url = Person.id.in_(event.to_ids), f"/moderation/cases/{event.case_id}"
        topic = f"playbook:{event.case_id}:{what}"
        tell(policy.PLAYBOOK, people, subject=subject, topic=topic, url=url, what=what)


def _tell_of_entry(
    kind: str,
    to: ColumnElement[bool],
    event: PostPublished | CommentPublished | EntryEdited,
    *,
    topic: str = "",
    **given: Any,
) -> None:
    """Tell those of them who may read it, didn't write it and haven't been told of it in another way."""
    known = {"entry": event.entry_id, "thread": event.thread_id, "space": event.space_id}
    tell(
        kind,
        to,
        given={**known, "author": event.author_id, **given},
        subject=f"entry:{event.entry_id}",
        topic=topic,
        entry_id=event.entry_id,
        actor_id=event.author_id,
    )


def _and_reads_it(to: ColumnElement[bool]) -> ColumnElement[bool]:
    told = exists().where(
        Notification.person_id == Person.id,
        Notification.entry_id == _entry,
        Notification.kind.in_((policy.MENTION, policy.REPLY, policy.COMMENT)),
    )
    return and_(to, Person.id != _bound("author"), policy.reads(_space), ~told)


def _follow(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Follow.entry_id == _bound("thread"), Follow.person_id == Person.id, *which)


def _bound(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


# Conditions on Person, put together once; their parameters are those of `_tell_of_entry`.
_entry, _space = _bound("entry"), _bound("space")
_EVERYBODY = _and_reads_it(policy.reads(_space))
_NAMED = _and_reads_it(Person.id.in_(select(Mention.person_id).where(Mention.entry_id == _entry)))
_ANSWERED = _and_reads_it(and_(Person.id == _bound("parent_author"), ~_follow(Follow.mutes.is_(True))))
_FOLLOWS = _and_reads_it(_follow(Follow.mutes.is_(False)))
_AUTHOR = and_(
    Person.id == select(Entry.author_id).where(Entry.id == _entry).scalar_subquery(),
    Person.id != _bound("signer"),
    policy.reads(_space),
)


def invitation_used(event: InvitationUsed) -> None:
    """Whoever answers for somebody who accepted an invitation."""
    step = "waits" if event.waits else "joined"
    name = db.session.scalar(select(Person.name).where(Person.id == event.person_id))
    tell(
        policy.GUEST,
        Person.id == event.told_id,
        subject=f"invitation:{event.invitation_id}",
        step=step,
        name=name,
    )


def stay_ending(event: StayEnding) -> None:
    """The sponsor, once for each end."""
    name = db.session.scalar(select(Person.name).where(Person.id == event.person_id))
    subject = f"stay:{event.person_id}:{event.last_day}"
    to = Person.id == event.sponsor_id
    tell(policy.GUEST, to, subject=subject, step="ends", name=name, day=event.last_day)


def sponsor_left(event: SponsorLeft) -> None:
    """Admins: somebody else may have to answer for these partners."""
    name = db.session.scalar(select(Person.name).where(Person.id == event.sponsor_id))
    subject = f"sponsor:{event.sponsor_id}:{uuid4().hex[:8]}"
    to = policy.administers()
    tell(policy.GUEST, to, subject=subject, step="sponsor_left", name=name, guests=event.guests)


def new_device(event: NewDevice) -> None:
    """Whose account it is; without the address, which the page of devices has while the session stands."""
    tell(policy.DEVICE, Person.id == event.person_id, subject=f"session:{event.session_id}")
