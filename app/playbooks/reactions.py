"""Playbooks that begin by themselves. INSIDE: together with the fact, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import func, select

from app.charter.rulebook.events import RuleMoved
from app.kernel import clock
from app.kernel.db import db
from app.moderation.events import ReportMade
from app.moderation.models import OPEN_STATES, Report, ReviewItem
from app.people.models import Person
from app.playbooks import actions
from app.playbooks.models import AUDIT_BROKEN, MASS_REPORTING, REPORT, REPORT_OF_STAFF, RULE_TRIPPED
from app.posts.models import Entry

MASS, WITHIN = 5, timedelta(hours=1)
STAFF = {"moderator", "senior_moderator", "admin"}


class Broken(Protocol):
    """The log was altered."""

    @property
    def seq(self) -> int: ...


def audit_broken(event: Broken) -> None:
    actions.start_on(AUDIT_BROKEN, about=f"audit:{event.seq}", why=f"audit:{event.seq}")


def rule_moved(event: RuleMoved) -> None:
    """A rule that hit too often: its breaker tripped."""
    if event.name == "trip":
        actions.start_on(RULE_TRIPPED, about=f"rule:{event.rule}"[:80], why=event.rule)


def report_made(event: ReportMade) -> None:
    """By its reason, by whose entry it is about, and by how many reports came within an hour."""
    if event.outcome is not None:
        return
    entry = db.session.get_one(Entry, event.entry_id)
    item = db.session.get(ReviewItem, event.item_id)
    about: dict[str, Any] = {"about": f"entry:{entry.id}", "entry": entry, "item": item}
    if item is None or item.state not in OPEN_STATES:
        return
    reason = db.session.scalar(select(Report.reason).where(Report.id == event.report_id))
    actions.start_on(f"{REPORT}:{reason}", **about)
    roles = db.session.scalar(select(Person.roles).where(Person.id == entry.author_id))
    if STAFF & set(roles or ()):
        actions.start_on(REPORT_OF_STAFF, **about)
    if _reports_lately(entry) >= MASS:
        actions.start_on(MASS_REPORTING, **about)


def _reports_lately(entry: Entry) -> int:
    lately = Report.created_at > clock.now() - WITHIN
    return db.session.scalar(select(func.count()).where(Report.entry_id == entry.id, lately)) or 0
