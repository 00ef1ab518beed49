"""The queue, its history and its numbers. Everything is limited to the spaces that the reader reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, cast, exists, func, or_, select, text
from sqlalchemy.orm import aliased

from app.charter import queries as charter
from app.kernel import clock
from app.kernel.db import Instant, db
from app.kernel.errors import Forbidden, NotFound
from app.kernel.page import LARGEST, Page, cut, place
from app.kernel.reads import question
from app.kernel.text import excerpt
from app.moderation import ground, policy
from app.moderation.models import (
    APPEAL,
    APPEAL_ANSWERS,
    AUTO_RESOLVED,
    AWAITING_SECOND,
    DECIDED,
    DEFERRED,
    ESCALATED,
    HIDE_IMAGE,
    HOLD,
    LEASED,
    NO_VIOLATION,
    OPEN_STATES,
    PENDING,
    REJECT,
    RELEASE,
    REMIND,
    REMOVE,
    RETURN,
    SPECIAL_REASONS,
    Decision,
    Report,
    Reveal,
    Reversal,
    ReviewItem,
)
from app.moderation.models import OPEN as IS_OPEN
from app.moderation.policy import items_seen_by
from app.moderation.pressing import Filter, Place, conditions, most_pressing
from app.moderation.priority import age_term
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import Person
from app.people.prepared import numbers, prepared
from app.posts.held import Ruling
from app.posts.models import Entry, Revision
from app.posts.policy import reviewable_by
from app.posts.queries import SpaceTag, attachments
from app.spaces.models import Space

PAGE = 30
MOST_SPACES = 60
APPEALS_OPEN_FOR = timedelta(days=183)
OPEN, FREE, MINE = "open", "free", "mine"
STATES = (
    OPEN,
    FREE,
    MINE,
    PENDING,
    LEASED,
    ESCALATED,
    DEFERRED,
    AWAITING_SECOND,
    DECIDED,
    AUTO_RESOLVED,
)
_WAITING_NOW = (PENDING, LEASED, ESCALATED, AWAITING_SECOND)  # what is put off isn't in the way


@dataclass(frozen=True, slots=True)
class Lease:
    """Who is on an item, and until when."""

    person_id: int
    name: str
    until: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as the queue shows it: nothing tells who wrote or reported."""

    id: int
    kind: str
    state: str
    entry_id: int
    entry_kind: str
    excerpt: str
    space: SpaceTag
    created_at: datetime
    deadline: datetime
    priority: int
    reports: int
    version: int
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as the history shows it."""

    id: int
    item_id: int
    kind: str
    entry_id: int
    entry_kind: str
    excerpt: str
    space: SpaceTag
    outcome: str
    clause: str
    charter_version: int
    reason: str
    decider: str
    mine: bool
    at: datetime
    detected_automatically: bool


def waiting(actor: Actor) -> int:
    """How many open items the actor may decide on; own ones aren't among them."""
    return int(_waiting(actor).scalar(numbers(actor)))


def counts(actor: Actor, *, now: datetime | None = None) -> dict[str, int]:
    """Of what the actor reviews: how many wait, how many are with them, how many are late."""
    now = now or clock.now()
    found = _waiting_and_late(actor).all(numbers(actor, now=now))[0]
    mine = _leased_to(actor).scalar(numbers(actor, now=now))
    return {"waiting": found.waiting, "mine": mine, "late": found.late or 0}


@prepared
def _waiting(actor: Actor) -> Any:
    return select(func.count()).select_from(ReviewItem).where(text(IS_OPEN), items_seen_by(actor))


@prepared
def _waiting_and_late(actor: Actor) -> Any:
    late = func.sum(cast(ReviewItem.deadline < bindparam("now", type_=Instant), Integer))
    counted = select(func.count().label("waiting"), late.label("late"))
    return counted.select_from(ReviewItem).where(text(IS_OPEN), items_seen_by(actor))


@prepared
def _leased_to(actor: Actor) -> Any:
    mine = (ReviewItem.lease_by_id == actor.id, ReviewItem.lease_until > bindparam("now", type_=Instant))
    return select(func.count()).select_from(ReviewItem).where(text(IS_OPEN), *mine, items_seen_by(actor))


def items(
    actor: Actor,
    state: str = OPEN,
    kind: str | None = None,
    space_id: int | None = None,
    after: str | None = None,
    limit: int = PAGE,
    *,
    clause: str = "",
    band: int | None = None,
    words: str = "",
    now: datetime | None = None,
) -> Page[ItemRow]:
    """A page of the queue, the most pressing first; of what is closed, the newest first.

    States: open (all that waits now), free or pending (nobody is on it), mine, leased, escalated, deferred,
    awaiting_second, decided, auto_resolved.
    """
    if state in {DECIDED, AUTO_RESOLVED, DEFERRED}:
        return _apart(actor, Filter(state, kind, space_id, clause, band, words), after, min(limit, LARGEST))
    begin, limit = place("queue:open", after), min(limit, LARGEST)
    at = begin.pop(0) if begin else clock.micros(now or clock.now())
    found = most_pressing(
        actor,
        Filter(state, kind, space_id, clause, band, words),
        now=at,
        after=Place(*begin) if begin else None,
        limit=limit + 1,
    )
    page = cut(found, limit, "queue:open", lambda item: [at, item.pace, item.since, item.id])
    return _shown(actor, page, clock.instant(at))


def _apart(actor: Actor, asked: Filter, after: str | None, limit: int) -> Page[ItemRow]:
    """What is closed or put off: the newest first."""
    begin = place("queue:closed", after)
    state, names = asked.shape
    rows = select(ReviewItem.id).where(items_seen_by(actor), ReviewItem.state == state, *conditions(names))
    if begin:
        rows = rows.where(ReviewItem.id < begin[0])
    found = db.session.execute(rows.order_by(ReviewItem.id.desc()).limit(limit + 1), asked.given).all()
    return _shown(actor, cut(found, limit, "queue:closed", lambda item: [item.id]), clock.now())


def _shown(actor: Actor, page: Page[Any], now: datetime) -> Page[ItemRow]:
    """The items of a page (rows with their number), as the queue shows them."""
    if not page.items:
        return Page([], page.next)
    rows = {row.id: row for row in _item_rows().all(ids=[item.id for item in page.items])}
    return page.map(lambda item: _item_row(actor, rows[item.id], now))


def get_item(actor: Actor, item_id: int) -> ReviewItem:
    """The item; NotFound if missing or not the actor's to review, Forbidden for the author of a held one."""
    known = or_(items_seen_by(actor), policy.own_holds_of(actor))
    rows = select(ReviewItem).where(ReviewItem.id == item_id, known)
    item = db.session.scalar(rows.execution_options(populate_existing=True))
    if item is None:
        raise NotFound
    if policy.knows_of_own(actor, item):
        raise Forbidden(policy.why_not(actor, item) or "")
    return item


def item_row(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ItemRow:
    """One item as the queue shows it."""
    now = now or clock.now()
    return _item_row(actor, _item_rows().all(ids=[item.id])[0], now)


def rows(actor: Actor, ids: Sequence[int], *, now: datetime | None = None) -> list[ItemRow]:
    """These items as the queue shows them, in the order in which they came."""
    now = now or clock.now()
    found = _rows().where(ReviewItem.id.in_(ids), items_seen_by(actor))
    return [_item_row(actor, row, now) for row in db.session.execute(found.order_by(ReviewItem.id))]


def get_decision(actor: Actor, decision_id: int) -> Decision:
    """A decision on something that the actor reviews, or NotFound."""
    seen = select(Decision).join(ReviewItem, ReviewItem.id == Decision.item_id).where(items_seen_by(actor))
    decision = db.session.scalar(seen.where(Decision.id == decision_id))
    if decision is None:
        raise NotFound
    return decision


def decisions(
    actor: Actor, *, outcome: str = "", mine: bool = False, after: str | None = None, limit: int = PAGE
) -> Page[DecisionRow]:
    """What was decided in the spaces that the actor reviews, newest first."""
    begin = place("decided", after)
    rows = _decision_rows().where(items_seen_by(actor))
    if outcome:
        rows = rows.where(Decision.outcome == outcome)
    if mine:
        rows = rows.where(Decision.decider_id == actor.id)
    if begin:
        rows = rows.where(Decision.id < begin[0])
    found = db.session.execute(rows.order_by(Decision.id.desc()).limit(limit + 1)).all()
    return cut(found, limit, "decided", lambda row: [row.id]).map(lambda row: _decision_row(actor, row))


def ruling_on(entry_id: int) -> Ruling:
    """What its author may know: until when an entry waits, or why it was turned down."""
    rows = select(ReviewItem.id, ReviewItem.state, ReviewItem.deadline)
    rows = rows.where(ReviewItem.entry_id == entry_id, ReviewItem.kind != APPEAL)
    item = db.session.execute(rows.order_by(ReviewItem.id.desc()).limit(1)).first()
    if item is None:
        return Ruling()
    if item.state in OPEN_STATES:
        return Ruling(until=item.deadline)
    decision = decision_of(item)
    if decision is None:
        return Ruling()
    until, href = decision.created_at + APPEALS_OPEN_FOR, f"/decisions/{decision.id}/appeal"
    return Ruling(
        reason=decision.reason,
        clause=decision.clause,
        charter_version=decision.charter_version,
        appeal_href=href,
        appeal_until=until,
    )


def decision_of(item: Any) -> Decision | None:
    """How an item was decided, unless it was taken back."""
    rows = select(Decision).where(Decision.item_id == item.id, ground.not_undone())
    return db.session.scalar(rows.order_by(Decision.id.desc()).limit(1))


def spaces_waiting(actor: Actor, *, chosen: int | None = None) -> Sequence[Any]:
    """Spaces with something open that the actor reviews, by name: rows (id, name).

    No more than a list to choose from bears: those where the most waits, and the one chosen already.
    """
    found = _spaces_waiting(actor).all(numbers(actor, most=MOST_SPACES))
    if chosen is not None and chosen not in {row.id for row in found}:
        found += _space_reviewed(actor).all(numbers(actor, chosen=chosen))
    return sorted(found, key=lambda row: (row.name.casefold(), row.id))


@prepared
def _spaces_waiting(actor: Actor) -> Any:
    reviewed = ReviewItem.space_id.in_(select(Space.id).where(reviewable_by(actor)))
    here = select(ReviewItem.space_id, func.count().label("waiting"))
    here = here.where(text(IS_OPEN), ReviewItem.author_id != actor.id, reviewed).group_by(ReviewItem.space_id)
    busiest = here.order_by(func.count().desc()).limit(bindparam("most", type_=Integer)).subquery()
    return select(Space.id, Space.name).join(busiest, busiest.c.space_id == Space.id)


@prepared
def _space_reviewed(actor: Actor) -> Any:
    waits = exists().where(text(IS_OPEN), ReviewItem.space_id == Space.id, ReviewItem.author_id != actor.id)
    return select(Space.id, Space.name).where(Space.id == bindparam("chosen"), reviewable_by(actor), waits)


def present_state(item: ReviewItem, now: datetime) -> dict[str, Any]:
    """How an item stands: what somebody is told who was too late."""
    decision = decision_of(item) if item.state == DECIDED else None
    lease = lease_of(item, now)
    found: dict[str, Any] = {
        "item_id": item.id,
        "state": state_of(item, now),
        "version": item.version,
        "outcome": None,
        "decided_by": None,
        "decided_at": None,
        "leased_by": None,
        "leased_until": None,
    }
    if decision is not None:
        found |= {"outcome": decision.outcome, "decided_by": _named(decision.decider_id)}
        found["decided_at"] = decision.created_at.isoformat()
    if lease is not None:
        found |= {"leased_by": _named(lease[0]), "leased_until": lease[1].isoformat()}
    return found


def state_of(item: Any, now: datetime) -> str:
    """The state with the clock in mind: a lease that is over is none."""
    return PENDING if item.state == LEASED and lease_of(item, now) is None else str(item.state)


def lease_of(item: Any, now: datetime) -> tuple[int, datetime] | None:
    """Who is on it and until when, unless the time is over."""
    if (
        item.state != LEASED
        or item.lease_by_id is None
        or item.lease_until is None
        or item.lease_until <= now
    ):
        return None
    return item.lease_by_id, item.lease_until


def outcomes(item: ReviewItem) -> tuple[str, ...]:
    """What may be decided about an item of this kind."""
    if item.kind == APPEAL:
        return APPEAL_ANSWERS
    if item.kind == HOLD:
        return (RELEASE, RETURN, REJECT)
    has_pictures = any(f.kind == "image" for f in attachments([item.revision_id]).get(item.revision_id, []))
    return (NO_VIOLATION, REMIND, *((HIDE_IMAGE,) if has_pictures else ()), REMOVE)


def clause_numbers() -> tuple[str, ...]:
    """Clauses that may be cited now."""
    return tuple(clause.number for clause in charter.clauses_in_force())


def concerned_clauses(item: ReviewItem) -> list[str]:
    """Clauses in force that findings and reports name, the most severe first."""
    severity = {clause.number: clause.severity for clause in charter.clauses_in_force()}
    reasons = select(Report.reason).where(Report.item_id == item.id).order_by(Report.id)
    named = [*(f.clause for f in charter.findings(item.revision_id)), *db.session.scalars(reasons)]
    known = dict.fromkeys(number for number in named if number in severity)
    return sorted(known, key=lambda number: -severity[number])


def concerned_clause(item: ReviewItem) -> str:
    """The most severe of them, "" when there is none."""
    return next(iter(concerned_clauses(item)), "")


def approved_hits(item: ReviewItem) -> list[str]:
    """Pairs of client and supplier that a release approves for this entry."""
    mixing = {rule.key for rule in charter.rules() if rule.kind == "mixing"}
    return sorted({f.hit for f in charter.findings(item.revision_id) if f.rule in mixing})


def own_report(actor: Actor, entry: Entry) -> Report | None:
    """The actor's report of an entry that waits for an answer, or was answered for this very text."""
    rows = select(Report).where(
        Report.entry_id == entry.id,
        Report.reporter_id == actor.id,
        or_(Report.outcome.is_(None), Report.revision_id == entry.revision_id),
    )
    return db.session.scalar(rows.order_by(Report.outcome.is_not(None), Report.id.desc()).limit(1))


def get_report(actor: Actor, report_id: int) -> Report:
    """One's own report, or NotFound."""
    found = db.session.get(Report, report_id)
    if found is None or found.reporter_id != actor.id:
        raise NotFound
    return found


def decision_on(revision_id: int, clause: str) -> Decision | None:
    """The decision that let this very text stand under this clause."""
    if clause in SPECIAL_REASONS:
        return None
    rows = select(Decision).where(
        Decision.revision_id == revision_id,
        Decision.clause == clause,
        Decision.outcome.in_((NO_VIOLATION, RELEASE)),
        ~exists().where(Reversal.decision_id == Decision.id),
    )
    return db.session.scalar(rows.order_by(Decision.id.desc()).limit(1))


def answer_to(report: Report) -> Decision | None:
    """The decision that answered a report."""
    if report.outcome is None or report.item_id is None:
        return None
    return db.session.scalar(
        select(Decision)
        .where(Decision.item_id == report.item_id, ground.not_undone())
        .order_by(Decision.id.desc())
        .limit(1)
    )


def revealed(actor: Actor, item: ReviewItem) -> Reveal | None:
    """Whether the actor asked for the names of this case."""
    return db.session.get(Reveal, (item.id, actor.id))


def name_of(person_id: int) -> str:
    """Who somebody is, for those who may know: colleagues who decide, authors of what one reads."""
    return db.session.scalar(select(Person.name).where(Person.id == person_id)) or ""


def _named(person_id: int) -> dict[str, Any]:
    return {"id": person_id, "name": name_of(person_id)}


@question
def _item_rows() -> Any:
    return _rows().where(ReviewItem.id.in_(bindparam("ids", expanding=True)))


def _rows() -> Any:
    holder, outside = aliased(Person), aliased(Organisation)
    reports = (
        select(func.count()).where(Report.item_id == ReviewItem.id).correlate(ReviewItem).scalar_subquery()
    )
    return (
        select(
            ReviewItem.id,
            ReviewItem.kind,
            ReviewItem.state,
            ReviewItem.entry_id,
            ReviewItem.created_at,
            ReviewItem.deadline,
            ReviewItem.priority,
            ReviewItem.version,
            ReviewItem.lease_by_id,
            ReviewItem.lease_until,
            Entry.kind.label("entry_kind"),
            Revision.body_html,
            Revision.title,
            holder.name.label("holder_name"),
            reports.label("reports"),
            *_space_columns(outside),
        )
        .join(Entry, Entry.id == ReviewItem.entry_id)
        .join(Revision, Revision.id == ReviewItem.revision_id)
        .join(Space, Space.id == ReviewItem.space_id)
        .outerjoin(outside, outside.id == Space.organisation_id)
        .outerjoin(holder, holder.id == ReviewItem.lease_by_id)
    )


def _space_columns(outside: Any) -> tuple[Any, ...]:
    return (
        Space.id.label("space_id"),
        Space.name.label("space_name"),
        Space.kind.label("space_kind"),
        outside.name.label("organisation_name"),
    )


def _item_row(actor: Actor, row: Any, now: datetime) -> ItemRow:
    lease = lease_of(row, now)
    return ItemRow(
        id=row.id,
        kind=row.kind,
        state=state_of(row, now),
        entry_id=row.entry_id,
        entry_kind=row.entry_kind,
        excerpt=_first_words(row),
        space=_space(row),
        created_at=row.created_at,
        deadline=row.deadline,
        priority=row.priority + (_age(row, now) if row.state in OPEN_STATES else 0),
        reports=row.reports,
        version=row.version,
        lease=Lease(lease[0], row.holder_name, lease[1], lease[0] == actor.id) if lease else None,
    )


def _age(row: Any, now: datetime) -> int:
    return age_term(row.created_at, row.deadline, now)


def _first_words(row: Any) -> str:
    return row.title or excerpt(row.body_html)


def _space(row: Any) -> SpaceTag:
    return SpaceTag(row.space_id, row.space_name, row.space_kind, row.organisation_name)


def _decision_rows() -> Any:
    outside = aliased(Organisation)
    return (
        select(
            Decision,
            Decision.id.label("id"),
            ReviewItem.kind.label("kind"),
            Entry.kind.label("entry_kind"),
            Revision.body_html,
            Revision.title,
            Person.name.label("decider_name"),
            *_space_columns(outside),
        )
        .join(ReviewItem, ReviewItem.id == Decision.item_id)
        .join(Entry, Entry.id == Decision.entry_id)
        .join(Revision, Revision.id == Decision.revision_id)
        .join(Person, Person.id == Decision.decider_id)
        .join(Space, Space.id == ReviewItem.space_id)
        .outerjoin(outside, outside.id == Space.organisation_id)
    )


def _decision_row(actor: Actor, row: Any) -> DecisionRow:
    decision: Decision = row.Decision
    return DecisionRow(
        id=decision.id,
        item_id=decision.item_id,
        kind=row.kind,
        entry_id=decision.entry_id,
        entry_kind=row.entry_kind,
        excerpt=_first_words(row),
        space=_space(row),
        outcome=decision.outcome,
        clause=decision.clause,
        charter_version=decision.charter_version,
        reason=decision.reason,
        decider=row.decider_name,
        mine=decision.decider_id == actor.id,
        at=decision.created_at,
        detected_automatically=decision.detected_automatically,
    )
