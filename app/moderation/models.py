from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped

HOLD, REPORT, WATCH, APPEAL = "hold", "report", "watch", "appeal"
KINDS = (HOLD, REPORT, WATCH, APPEAL)
PENDING, LEASED, DECIDED, AUTO_RESOLVED, ESCALATED = (
    "pending",
    "leased",
    "decided",
    "auto_resolved",
    "escalated",
)
DEFERRED, AWAITING_SECOND = "deferred", "awaiting_second"
SEALED = "sealed"  # entrusted to a few: for everybody else it isn't there
OPEN_STATES = (PENDING, LEASED, ESCALATED, DEFERRED, AWAITING_SECOND)
NO_VIOLATION, RELEASE, RETURN, REJECT, REMOVE = "no_violation", "release", "return", "reject", "remove"
HIDE_IMAGE, REMIND, ESCALATE = "hide_image", "remind", "escalate"
OUTCOMES = (NO_VIOLATION, REMIND, RELEASE, RETURN, REJECT, HIDE_IMAGE, REMOVE)
RESTRICTING = (RETURN, REJECT, HIDE_IMAGE, REMOVE, REMIND)
LETTING_STAND = (NO_VIOLATION, REMIND)
WEIGHING = (REJECT, HIDE_IMAGE, REMOVE)
UPHELD, PARTLY, OVERTURNED, WITHDRAWN = "upheld", "partly", "overturned", "withdrawn"
APPEAL_ANSWERS = (UPHELD, PARTLY, OVERTURNED)
CHOICES = (*OUTCOMES, *APPEAL_ANSWERS, ESCALATE)
AUTHOR, REPORTER = "author", "reporter"
SPECIAL_REASONS = ("in_picture", "danger", "other")

# What waits now; what is put off isn't in the way.
OPEN = "state IN ('pending', 'leased', 'escalated', 'awaiting_second')"
_OPEN = text(OPEN)
_UNDECIDED = text("state IN ('pending', 'leased', 'escalated', 'deferred', 'awaiting_second')")
_OPEN_ENTRY = text(f"{_UNDECIDED.text} AND kind <> 'appeal'")
# Microseconds in which an item may wait; and since when one without priority would wait to be as pressing as
# this one, at 25 points (priority.AGE) a pace.
PACE = "CASE WHEN deadline - created_at > 1000000 THEN deadline - created_at ELSE 1000000 END"
SINCE = f"created_at - priority * ({PACE}) / 25"


def _open_index(name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


class ReviewItem(Timestamped, Model):
    """One entry waiting for a moderator, whatever brought it there; at most one open per entry.

    An appeal waits beside it, in an item of its own.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        Index(
            "ix_review_items_open",
            "entry_id",
            unique=True,
            sqlite_where=_OPEN_ENTRY,
            postgresql_where=_OPEN_ENTRY,
        ),
        Index("ix_review_items_alike", "alike", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
        _open_index("ix_review_items_pressing", "pace", "since", "id", "space_id", "author_id"),
        _open_index("ix_review_items_waiting", "space_id", "author_id", "deadline", "state"),
        Index("ix_review_items_created_at", "created_at"),
        Index("ix_review_items_closed_at", "closed_at"),
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
    severity: Mapped[int] = mapped_column(default=2)
    clause: Mapped[str] = mapped_column(String(12), default="")
    band: Mapped[int] = mapped_column(default=24)
    alike: Mapped[str] = mapped_column(String(64), default="")
    deadline: Mapped[datetime] = mapped_column(Instant)
    deferred_until: Mapped[datetime | None] = mapped_column(Instant)
    assignee_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
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
    part: Mapped[str] = mapped_column(String(80), default="")
    outcome: Mapped[str | None] = mapped_column(String(16))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Decision(Timestamped, Model):
    """What a moderator ruled. Never changed."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("item_id", "item_version"),
        Index("ix_decisions_created_at", "created_at"),
    )
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
    severity: Mapped[int] = mapped_column(default=2)
    second_id: Mapped[int | None] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    statement: Mapped[str] = mapped_column(Text, default="")
    operations: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    batch: Mapped[str | None] = mapped_column(String(32), index=True)


class Reversal(Timestamped, Model):
    """A decision doesn't stand any more: taken back by who made it, or overturned on appeal."""

    __tablename__ = "reversals"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    appeal_id: Mapped[int | None] = mapped_column(BigInteger)


class Proposal(Timestamped, Model):
    """A decision that counts once another senior moderator agrees; at most one waits for each item."""

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "ix_proposals_waiting",
            "item_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )
    id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"))
    revision_id: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    clause: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(String(10))
    batch: Mapped[str | None] = mapped_column(String(32), index=True)
    answer: Mapped[str | None] = mapped_column(String(10))
    answered_by_id: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Note(Timestamped, Model):
    """What a moderator writes for colleagues in a case. Never shown to author or reporters."""

    __tablename__ = "case_notes"
    id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    body: Mapped[str] = mapped_column(Text)


class SavedReply(Timestamped, Model):
    """Words for a decision, in both languages, kept by senior moderators. `about` is held or standing."""

    __tablename__ = "saved_replies"
    id: Mapped[PublicId]
    about: Mapped[str] = mapped_column(String(8))
    label_fr: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    text_fr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class SavedView(Timestamped, Model):
    """Filters of the queue under a name, for one moderator."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("person_id", "name"),)
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(300))


class Appeal(Timestamped, Model):
    """A second look by somebody else, asked for by the author or a reporter; one for each decision."""

    __tablename__ = "appeals"
    id: Mapped[PublicId]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(Text, default="")
    decider_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class AppealMessage(Timestamped, Model):
    """One turn of the talk between who appeals and who decides on it."""

    __tablename__ = "appeal_messages"
    id: Mapped[PublicId]
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    body: Mapped[str] = mapped_column(Text)


class Points(Timestamped, Model):
    """What a decision weighs for its author, for ninety days. Points propose; a person imposes."""

    __tablename__ = "points"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    number: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    annulled_at: Mapped[datetime | None] = mapped_column(Instant)


class Measure(Timestamped, Model):
    """A consequence for a person, on the ground of a decision; imposed by somebody, never by a rule."""

    __tablename__ = "measures"
    __table_args__ = (
        Index(
            "ix_measures_step",
            "decision_id",
            "step",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'active')"),
            postgresql_where=text("state IN ('proposed', 'active')"),
        ),
        Index("ix_measures_state_ends_at", "state", "ends_at"),
    )
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    step: Mapped[str] = mapped_column(String(20))
    space_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="active")
    reason: Mapped[str] = mapped_column(Text)
    hours: Mapped[int]
    begins_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    imposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    second_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class RuleRecord(Model):
    """How often people agreed with a rule's findings: its precision, kept as decisions are made."""

    __tablename__ = "rule_records"
    rule: Mapped[str] = mapped_column(String(60), primary_key=True)
    agreed: Mapped[int] = mapped_column(default=0)
    refuted: Mapped[int] = mapped_column(default=0)


class Spreading(Timestamped, Model):
    """An item was found to spread fast, and whoever is on duty was told."""

    __tablename__ = "spreading"
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), primary_key=True)


class Reveal(Timestamped, Model):
    """A moderator asked for the names of one case, and why."""

    __tablename__ = "reveals"
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
