from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped

HOLD, REPORT, WATCH = "hold", "report", "watch"
PENDING, LEASED, DECIDED, AUTO_RESOLVED, ESCALATED = (
    "pending",
    "leased",
    "decided",
    "auto_resolved",
    "escalated",
)
OPEN_STATES = (PENDING, LEASED, ESCALATED)
NO_VIOLATION, RELEASE, RETURN, REJECT, REMOVE = "no_violation", "release", "return", "reject", "remove"
OUTCOMES = (NO_VIOLATION, RELEASE, RETURN, REJECT, REMOVE)
SPECIAL_REASONS = ("in_picture", "danger", "other")

OPEN = "state IN ('pending', 'leased', 'escalated')"
_OPEN = text(OPEN)
# Microseconds in which an item may wait; and since when one without priority would wait to be as pressing as
# this one, at 25 points (priority.AGE) a pace.
PACE = "CASE WHEN deadline - created_at > 1000000 THEN deadline - created_at ELSE 1000000 END"
SINCE = f"created_at - priority * ({PACE}) / 25"


def _open_index(name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


class ReviewItem(Timestamped, Model):
    """One entry waiting for a moderator, whatever brought it there; at most one open per entry."""

    __tablename__ = "review_items"
    __table_args__ = (
        Index("ix_review_items_open", "entry_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        _open_index("ix_review_items_pressing", "pace", "since", "id", "space_id", "author_id"),
        _open_index("ix_review_items_waiting", "space_id", "author_id", "deadline", "state"),
    )
    id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(10))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    author_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default=PENDING)
    priority: Mapped[int] = mapped_column(default=0)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    deadline: Mapped[datetime] = mapped_column(Instant)
    lease_by_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    pace: Mapped[int] = mapped_column(BigInteger, Computed(PACE))
    since: Mapped[int] = mapped_column(BigInteger, Computed(SINCE))


class Report(Timestamped, Model):
    """A person's signal about an entry, with the text as it was."""

    __tablename__ = "reports"
    __table_args__ = (
        Index(
            "ix_reports_open",
            "entry_id",
            "reporter_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )
    id: Mapped[PublicId]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_items.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(16))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Decision(Timestamped, Model):
    """What a moderator ruled. Never changed."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("item_id", "item_version"),)
    id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), index=True)
    item_version: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(16))
    clause: Mapped[str] = mapped_column(String(12))
    charter_version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    decider_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    detected_automatically: Mapped[bool] = mapped_column(default=False)


class Reveal(Timestamped, Model):
    """A moderator asked for the names of one case, and why."""

    __tablename__ = "reveals"
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
