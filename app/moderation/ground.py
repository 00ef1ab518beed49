"""What stands about a case: decisions, proposals, appeals, measures; and who may still handle it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select

from app.kernel.db import db
from app.moderation import policy
from app.moderation.ladder import POINTS_LAST, proposed
from app.moderation.models import (
    APPEAL,
    AWAITING_SECOND,
    HIDE_IMAGE,
    LEASED,
    OPEN_STATES,
    PENDING,
    REJECT,
    REMIND,
    REMOVE,
    RETURN,
    Appeal,
    AppealMessage,
    Decision,
    Measure,
    Note,
    Points,
    Proposal,
    Report,
    Reversal,
    ReviewItem,
    SavedReply,
    SavedView,
)
from app.people.actor import Actor, of_person
from app.people.models import EMPLOYEE, Person
from app.posts.models import Entry
from app.posts.policy import can_review, can_see
from app.spaces.models import MODERATOR, Membership, Space

GROUNDS = (RETURN, REJECT, HIDE_IMAGE, REMOVE, REMIND)
MOST_ALIKE, MOST_MEASURES = 200, 200
_IN_FORCE = ("proposed", "active")


def reversal_of(decision_id: int) -> Reversal | None:
    """Whether a decision was taken back or overturned."""
    return db.session.get(Reversal, decision_id, populate_existing=True)


def not_undone() -> ColumnElement[bool]:
    """On Decision: nobody took it back. What an appeal overturned was a decision all the same."""
    return ~exists().where(Reversal.decision_id == Decision.id, Reversal.appeal_id.is_(None))


def proposal_of(item: ReviewItem) -> Proposal | None:
    """The decision on an item that waits for a second person."""
    rows = select(Proposal).where(Proposal.item_id == item.id, Proposal.answer.is_(None))
    return db.session.scalar(rows.execution_options(populate_existing=True))


def open_reports(item: ReviewItem) -> list[int]:
    """Reports of an item that nobody answered yet."""
    rows = select(Report.id).where(Report.item_id == item.id, Report.outcome.is_(None))
    return list(db.session.scalars(rows.order_by(Report.id)))


def appeal_of_item(item_id: int) -> Appeal | None:
    """The appeal that waits, or waited, in an item."""
    return db.session.scalar(select(Appeal).where(Appeal.item_id == item_id))


def appeal_of(decision_id: int) -> Appeal | None:
    """The appeal against a decision."""
    return db.session.scalar(select(Appeal).where(Appeal.decision_id == decision_id))


def messages(appeal_id: int) -> Sequence[AppealMessage]:
    """What was said in an appeal, in order."""
    rows = select(AppealMessage).where(AppealMessage.appeal_id == appeal_id)
    return db.session.scalars(rows.order_by(AppealMessage.id)).all()


def notes(item_id: int) -> Sequence[Note]:
    """What moderators wrote for each other in a case, in order."""
    return db.session.scalars(select(Note).where(Note.item_id == item_id).order_by(Note.id)).all()


def measure_on(decision_id: int, step: str) -> Measure | None:
    """A measure of this step that rests on a decision and is in force, or waits for a second person."""
    rows = select(Measure).where(
        Measure.decision_id == decision_id, Measure.step == step, Measure.state.in_(_IN_FORCE)
    )
    return db.session.scalar(rows)


def measures_on(decision_id: int) -> Sequence[Measure]:
    """Every measure that rests, or rested, on a decision."""
    return db.session.scalars(
        select(Measure).where(Measure.decision_id == decision_id).order_by(Measure.id)
    ).all()


def measures_seen_by(actor: Actor) -> Sequence[Any]:
    """What is in force, or waits for a second person, in the spaces that the actor reviews."""
    rows = select(
        Measure.id,
        Measure.step,
        Measure.state,
        Measure.ends_at,
        Measure.reason,
        Decision.item_id,
        Decision.clause,
    )
    rows = rows.join(Decision, Decision.id == Measure.decision_id)
    rows = rows.join(ReviewItem, ReviewItem.id == Decision.item_id)
    rows = rows.where(policy.items_seen_by(actor), Measure.state.in_(_IN_FORCE))
    return db.session.execute(rows.order_by(Measure.ends_at, Measure.id).limit(MOST_MEASURES)).all()


def measures_of(person_id: int, now: datetime) -> Sequence[Measure]:
    """What is in force for a person, the longest first; reminders of the last ninety days too."""
    lasting = and_(Measure.state == "active", Measure.ends_at > now)
    reminded = and_(
        Measure.hours == 0, Measure.state.in_(("active", "ended")), Measure.created_at > now - POINTS_LAST
    )
    rows = select(Measure).where(Measure.person_id == person_id, or_(lasting, reminded))
    return db.session.scalars(rows.order_by(Measure.ends_at.desc(), Measure.id)).all()


def points_of(person_id: int, now: datetime) -> int:
    """What a person's decisions weigh at present."""
    total = select(func.sum(Points.number)).where(
        Points.person_id == person_id, Points.annulled_at.is_(None), Points.expires_at > now
    )
    return int(db.session.scalar(total) or 0)


def proposed_step(person_id: int, now: datetime) -> str | None:
    """The step of the ladder that a person's points propose; None when nothing, or it was imposed already."""
    imposed = select(Measure.step).where(
        Measure.person_id == person_id,
        Measure.state.in_((*_IN_FORCE, "ended")),
        Measure.created_at > now - POINTS_LAST,
    )
    return proposed(points_of(person_id, now), set(db.session.scalars(imposed)))


def seniors_for(item: ReviewItem, *, but: int | None = None) -> tuple[int, ...]:
    """Senior moderators who may handle an item, but one."""
    return tuple(who.id for who in _able(item) if who.is_senior and who.id != but)


def reviewers_for(item: ReviewItem, *, but: int | None = None) -> tuple[int, ...]:
    """Everybody who may handle an item, but one; the less they have assigned to them, the earlier."""
    assigned = dict(
        db.session.execute(
            select(ReviewItem.assignee_id, func.count())
            .where(ReviewItem.assignee_id.is_not(None), ReviewItem.state.in_(OPEN_STATES))
            .group_by(ReviewItem.assignee_id)
        ).all()
    )
    able = (who.id for who in _able(item) if who.id != but)
    return tuple(sorted(able, key=lambda person_id: (assigned.get(person_id, 0), person_id)))


def colleagues_for(item: ReviewItem, *, but: int) -> list[tuple[int, str]]:
    """Those to whom an item may be left, by name."""
    ids = reviewers_for(item, but=but)
    rows = select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.name_key)
    return [(row.id, row.name) for row in db.session.execute(rows)]


def replies(about: str) -> Sequence[SavedReply]:
    """The company's words for decisions on what is held, or on what stands."""
    rows = select(SavedReply).where(SavedReply.about == about).order_by(SavedReply.label_fr)
    return db.session.scalars(rows).all()


def views(actor: Actor) -> Sequence[SavedView]:
    """One's own named filters."""
    rows = select(SavedView).where(SavedView.person_id == actor.id).order_by(SavedView.name)
    return db.session.scalars(rows).all()


def alike(actor: Actor, item: ReviewItem) -> Sequence[ReviewItem]:
    """Items with the same text that the same rules noticed, this one among them, where the actor reviews."""
    rows = select(ReviewItem).where(
        ReviewItem.alike == item.alike,
        ReviewItem.state.in_((PENDING, LEASED, AWAITING_SECOND)),
        ReviewItem.kind != APPEAL,
        policy.items_seen_by(actor),
    )
    return db.session.scalars(rows.order_by(ReviewItem.id).limit(MOST_ALIKE)).all()


def in_batch(batch: str) -> Sequence[ReviewItem]:
    """Items that wait for one second opinion together."""
    waiting = select(Proposal.item_id).where(Proposal.batch == batch, Proposal.answer.is_(None))
    return db.session.scalars(select(ReviewItem).where(ReviewItem.id.in_(waiting))).all()


def moderators() -> Sequence[int]:
    """Moderators of the whole company."""
    return _with_role('moderator"')


def admins_for(item: ReviewItem) -> tuple[int, ...]:
    """Admins who may handle an appeal that no moderator may."""
    found = (of_person(person_id) for person_id in _with_role('"admin"'))
    return tuple(who.id for who in found if who and policy.why_not(who, item, in_person=True) is None)


def alerted(entry: Entry, space: Space, roles: Iterable[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of those with one of these roles, never the author: who reviews an entry; who only reads it."""
    found = {who for role in roles for who in _with_role(f'"{role}"')} - {entry.author_id}
    actors = [who for who in map(of_person, sorted(found)) if who is not None]
    reviewers = [who.id for who in actors if can_review(who, space)]
    readers = [who.id for who in actors if who.id not in reviewers and can_see(who, entry)]
    return tuple(reviewers), tuple(readers)


def _able(item: ReviewItem) -> Iterator[Actor]:
    space = db.session.get_one(Space, item.space_id)
    here = select(Membership.person_id).where(
        Membership.space_id == item.space_id, Membership.role == MODERATOR
    )
    for person_id in sorted({*_with_role('moderator"'), *db.session.scalars(here)}):
        who = of_person(person_id)
        if (
            who
            and policy.can_see_item(who, item, space)
            and policy.why_not(who, item, in_person=True) is None
        ):
            yield who


def _with_role(written: str) -> Sequence[int]:
    rows = select(Person.id).where(
        Person.deactivated_at.is_(None),
        Person.segment == EMPLOYEE,
        Person.suspended_until.is_(None),
        cast(Person.roles, String).contains(written),
    )
    return db.session.scalars(rows.order_by(Person.id)).all()
