"""How an item comes into the queue, changes there and leaves it undecided. Steps of actions and reactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update

from app.charter import queries as charter
from app.kernel import audit, clock
from app.kernel.action import announce
from app.kernel.db import db
from app.moderation import priority
from app.moderation.events import ItemChanged, ItemOpened, ItemResolved
from app.moderation.models import (
    AUTO_RESOLVED,
    HOLD,
    NO_VIOLATION,
    OPEN_STATES,
    REMOVE,
    Report,
    ReviewItem,
)
from app.people.models import Person
from app.posts.models import HIDDEN_PENDING, Entry

TEAMLESS = "none"


def open_item(entry_id: int) -> ReviewItem | None:
    """The item in which an entry waits, as it is now."""
    rows = select(ReviewItem).where(ReviewItem.entry_id == entry_id, ReviewItem.state.in_(OPEN_STATES))
    return db.session.scalar(rows.execution_options(populate_existing=True))


def put(entry: Entry, kind: str, revision_id: int) -> ReviewItem:
    """Let an entry wait: a new item, or the one in which it waits already with this kind and text."""
    item = open_item(entry.id)
    if item is None:
        return _new(entry, kind, revision_id)
    item.kind, item.revision_id = kind, revision_id
    touch(item, entry)
    return item


def touch(item: ReviewItem, entry: Entry) -> None:
    """The case isn't what it was: whoever reads it must read again before deciding."""
    item.version += 1
    _weigh(item, entry)
    db.session.flush()
    announce(ItemChanged(item_id=item.id, entry_id=item.entry_id, space_id=item.space_id))


def resolve(item: ReviewItem, why: str) -> None:
    """Nothing is left to decide: close it and the reports in it."""
    item.state, item.closed_at, item.version = AUTO_RESOLVED, clock.now(), item.version + 1
    item.lease_by_id, item.lease_until = None, None
    reporter_ids = close_reports(item, AUTO_RESOLVED)
    audit.record("item.auto_resolved", None, subject(item), entry=item.entry_id, why=why)
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
    now = clock.now()
    item = ReviewItem(
        kind=kind,
        entry_id=entry.id,
        revision_id=revision_id,
        space_id=entry.space_id,
        author_id=entry.author_id,
        version=1,
        created_at=now,
        deadline=now,
    )
    _weigh(item, entry)
    db.session.add(item)
    db.session.flush()
    audit.record("item.opened", None, subject(item), entry=entry.id, kind=kind)
    announce(ItemOpened(kind=kind, **ids(item)))
    return item


def _weigh(item: ReviewItem, entry: Entry) -> None:
    """Priority with its terms; a graver case brings the deadline forward, never back."""
    reports = _reports(item) if item.id else []
    findings = charter.findings(item.revision_id)
    item.terms = priority.terms(
        severity=_severity([*(f.clause for f in findings), *(row.reason for row in reports)]),
        weight=priority.total_weight(_weights(reports)),
        waits=item.kind == HOLD or entry.state == HIDDEN_PENDING,
        evades=any("evasion" in f.tags for f in findings),
    )
    item.priority = sum(item.terms.values())
    due = item.created_at + priority.delay(item.priority)
    item.deadline = due if item.deadline <= item.created_at else min(item.deadline, due)


def _severity(clauses: Any) -> int:
    return priority.severest(clauses, {c.number: c.severity for c in charter.clauses_in_force()})


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
