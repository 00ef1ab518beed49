"""How an item comes into the queue, changes there and leaves it undecided. Steps of actions and reactions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from app.charter import queries as charter
from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.moderation import priority, worktime
from app.moderation.events import ItemChanged, ItemOpened, ItemResolved
from app.moderation.machine import ITEM
from app.moderation.models import (
    APPEAL,
    AUTO_RESOLVED,
    AWAITING_SECOND,
    HOLD,
    NO_VIOLATION,
    OPEN_STATES,
    PENDING,
    REMOVE,
    SEALED,
    SPECIAL_REASONS,
    Proposal,
    Report,
    ReviewItem,
    RuleRecord,
    Spreading,
)
from app.people.models import Person
from app.posts.models import HIDDEN_PENDING, Entry, Revision, Views
from app.posts.views import last_hour as _views

TEAMLESS = "none"


def open_item(entry_id: int) -> ReviewItem | None:
    """The item in which an entry waits, as it is now."""
    rows = select(ReviewItem).where(
        ReviewItem.entry_id == entry_id, ReviewItem.state.in_(OPEN_STATES), ReviewItem.kind != APPEAL
    )
    return db.session.scalar(rows.execution_options(populate_existing=True))


def put(entry: Entry, kind: str, revision_id: int) -> ReviewItem:
    """Let an entry wait: a new item, or the one in which it waits already with this kind and text."""
    item = open_item(entry.id) or _sealed_item(entry.id)
    if item is None:
        return _new(entry, kind, revision_id)
    item.kind, item.revision_id = kind, revision_id
    touch(item, entry)
    return item


def _sealed_item(entry_id: int) -> ReviewItem | None:
    """The item in which an entry was entrusted to a few: what is new about it is for them too."""
    rows = select(ReviewItem).where(ReviewItem.entry_id == entry_id, ReviewItem.state == SEALED)
    rows = rows.where(ReviewItem.kind != APPEAL).order_by(ReviewItem.id.desc()).limit(1)
    return db.session.scalar(rows.execution_options(populate_existing=True))


def put_appeal(entry: Entry, revision_id: int, severity: int, clause: str, now: datetime) -> ReviewItem:
    """Let an appeal wait, beside whatever else waits about the entry: an author is waiting."""
    item = _blank(entry, APPEAL, revision_id, now)
    item.severity, item.clause = severity, clause
    item.terms = priority.terms(severity=severity, weight=0, waits=True, evades=False)
    _date(item)
    return _open(item)


def touch(item: ReviewItem, entry: Entry) -> None:
    """The case isn't what it was: whoever reads it must read again before deciding, or agreeing."""
    item.version += 1
    if item.state == AWAITING_SECOND:
        item.state, item.assignee_id = PENDING, None
        _drop_proposal(item)
    weigh(item, entry)
    db.session.flush()
    if item.state != SEALED:
        announce(ItemChanged(item_id=item.id, entry_id=item.entry_id, space_id=item.space_id))


@action
def weigh_anew() -> int:
    """Give open items whose entries were read in the last hour their present weight; how many changed."""
    since = clock.micros(clock.now() - timedelta(hours=1))
    read = select(Views.entry_id).where(Views.slice >= since)
    rows = select(ReviewItem, Entry).join(Entry, Entry.id == ReviewItem.entry_id)
    rows = rows.where(ReviewItem.state.in_(OPEN_STATES), ReviewItem.kind != APPEAL, Entry.id.in_(read))
    changed = 0
    for item, entry in db.session.execute(rows.order_by(Entry.id)).all():
        before = item.priority
        weigh(item, entry)
        changed += item.priority != before
    return changed


def resolve(item: ReviewItem, why: str) -> None:
    """Nothing is left to decide: close it and the reports in it."""
    item.state, item.closed_at, item.version = AUTO_RESOLVED, clock.now(), item.version + 1
    item.lease_by_id, item.lease_until = None, None
    _drop_proposal(item)
    reporter_ids = close_reports(item, AUTO_RESOLVED)
    audit.record(ITEM["resolve"].act, None, subject(item), entry=item.entry_id, why=why)
    announce(ItemResolved(author_id=item.author_id, reporter_ids=reporter_ids, **ids(item)))


def close_reports(item: ReviewItem, outcome: str) -> tuple[int, ...]:
    """Answer every open report of an item; whose they were."""
    reporter_ids = db.session.scalars(
        select(Report.reporter_id)
        .where(Report.item_id == item.id, Report.outcome.is_(None))
        .order_by(Report.id)
    ).all()
    db.session.execute(
        update(Report)
        .where(Report.item_id == item.id, Report.outcome.is_(None))
        .values(outcome=outcome, closed_at=clock.now())
    )
    return tuple(reporter_ids)


def has_open_reports(item: ReviewItem) -> bool:
    """Somebody still waits for an answer about this item."""
    rows = select(Report.id).where(Report.item_id == item.id, Report.outcome.is_(None)).limit(1)
    return db.session.scalar(rows) is not None


def must_hide(item: ReviewItem) -> bool:
    """Enough people of enough teams say something bad enough."""
    reports = _reports(item)
    return priority.hides(_weights(reports), _severity(row.reason for row in reports))


def ids(item: ReviewItem) -> dict[str, int]:
    """What every fact about an item carries."""
    return {"item_id": item.id, "entry_id": item.entry_id, "space_id": item.space_id}


def subject(item: ReviewItem) -> str:
    """How the audit log names an item."""
    return f"item:{item.id}"


def _new(entry: Entry, kind: str, revision_id: int) -> ReviewItem:
    item = _blank(entry, kind, revision_id, clock.now())
    weigh(item, entry)
    return _open(item)


def _blank(entry: Entry, kind: str, revision_id: int, now: datetime) -> ReviewItem:
    return ReviewItem(
        kind=kind,
        entry_id=entry.id,
        revision_id=revision_id,
        space_id=entry.space_id,
        author_id=entry.author_id,
        version=1,
        created_at=now,
        deadline=now,
    )


def _open(item: ReviewItem) -> ReviewItem:
    db.session.add(item)
    db.session.flush()
    audit.record(ITEM["open"].act, None, subject(item), entry=item.entry_id, kind=item.kind)
    announce(ItemOpened(kind=item.kind, **ids(item)))
    return item


def weigh(item: ReviewItem, entry: Entry) -> None:
    """Priority with its terms, as things are now; who reads the case needn't read it again."""
    reports = _reports(item) if item.id else []
    findings = charter.findings(item.revision_id)
    clauses = [*(f.clause for f in findings), *(row.reason for row in reports)]
    item.severity, item.clause = _severity(clauses), _worst(clauses)
    item.alike = _likeness(item, findings)
    item.terms = priority.terms(
        severity=item.severity,
        weight=priority.total_weight(_weights(reports)),
        waits=item.kind == HOLD or entry.state == HIDDEN_PENDING,
        evades=any("evasion" in f.tags for f in findings),
        precision=_precision({f.rule for f in findings}),
        views=_views(entry),
        spreads=item.id is not None and db.session.get(Spreading, item.id) is not None,
    )
    _date(item)


def _date(item: ReviewItem) -> None:
    """Priority from its terms; the band gives the deadline, which may come forward, never go back."""
    item.priority = sum(item.terms.values())
    band = priority.band(item.priority)
    item.band = band if item.deadline <= item.created_at else min(item.band, band)
    item.deadline = worktime.add(item.created_at, item.band, worktime.company())


def _drop_proposal(item: ReviewItem) -> None:
    """What a colleague proposed was about another text, or about what isn't there any more."""
    waiting = update(Proposal).where(Proposal.item_id == item.id, Proposal.answer.is_(None))
    db.session.execute(waiting.values(answer="dropped", answered_at=clock.now()))


def _severity(clauses: Any) -> int:
    return priority.severest(clauses, {c.number: c.severity for c in charter.clauses_in_force()})


def _worst(clauses: Sequence[str]) -> str:
    """The most severe clause of the charter among them, "" when there is none."""
    severities = {c.number: c.severity for c in charter.clauses_in_force()}
    cited = [number for number in clauses if number not in SPECIAL_REASONS]
    return max(cited, key=lambda number: severities.get(number, 0), default="")


def _likeness(item: ReviewItem, findings: Sequence[Any]) -> str:
    """The same for items with the same text that the same rules noticed."""
    body = db.session.scalar(select(Revision.body).where(Revision.id == item.revision_id)) or ""
    rules = " ".join(sorted({finding.rule for finding in findings}))
    return hashlib.sha256(f"{item.kind}|{rules}|{' '.join(body.casefold().split())}".encode()).hexdigest()


def _precision(rules: set[str]) -> float:
    """How often people agreed with the most reliable of these rules; 0 when no rule noticed anything."""
    if not rules:
        return 0.0
    rows = db.session.execute(select(RuleRecord).where(RuleRecord.rule.in_(rules))).scalars()
    known = {row.rule: priority.precision(row.agreed, row.refuted) for row in rows}
    return max(known.get(rule, priority.precision(0, 0)) for rule in rules)


def _reports(item: ReviewItem) -> Sequence[Any]:
    """Open reports of an item, oldest first: rows (reason, reporter_id, team_id, organisation_id)."""
    rows = (
        select(Report.reason, Report.reporter_id, Person.team_id, Person.organisation_id)
        .join(Person, Person.id == Report.reporter_id)
        .where(Report.item_id == item.id, Report.outcome.is_(None))
    )
    return db.session.execute(rows.order_by(Report.id)).all()


def _weights(reports: Sequence[Any]) -> list[tuple[str, float]]:
    records = _records([row.reporter_id for row in reports])
    return [(_team(row), priority.record_weight(*records.get(row.reporter_id, (0, 0)))) for row in reports]


def _team(row: Any) -> str:
    if row.organisation_id:
        return f"organisation:{row.organisation_id}"
    return f"team:{row.team_id}" if row.team_id else TEAMLESS


def _records(reporter_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each reporter: how many earlier reports were right, of how many that were decided."""
    if not reporter_ids:
        return {}
    rows = (
        select(Report.reporter_id, Report.outcome, func.count())
        .where(Report.reporter_id.in_(reporter_ids), Report.outcome.in_((REMOVE, NO_VIOLATION)))
        .group_by(Report.reporter_id, Report.outcome)
    )
    found: dict[int, tuple[int, int]] = {}
    for person_id, outcome, count in db.session.execute(rows):
        upheld, closed = found.get(person_id, (0, 0))
        found[person_id] = (upheld + (count if outcome == REMOVE else 0), closed + count)
    return found
