from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Instant, Model, PublicId, Timestamped
from app.people.models import Person

QUEUED, RUNNING, DONE, STOPPED = "queued", "running", "done", "stopped"
RIGHT, WRONG, UNSURE = "right", "wrong", "unsure"
LABELS = (RIGHT, WRONG, UNSURE)
CONTENT = (
    "kind", "action", "clause", "params", "scope", "fail_mode", "message_fr", "message_en",
)  # fmt: skip


class RuleVersion(Timestamped, Model):
    """What a rule says from one moment on, with its own examples. Only its state ever moves."""

    __tablename__ = "rule_versions"
    __table_args__ = (UniqueConstraint("rule_id", "number"),)
    id: Mapped[PublicId]
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(6))
    clause: Mapped[str] = mapped_column(String(12))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fail_mode: Mapped[str | None] = mapped_column(String(4))
    message_fr: Mapped[str] = mapped_column(Text, default="")
    message_en: Mapped[str] = mapped_column(Text, default="")
    allowed: Mapped[list[str]] = mapped_column(JSON, default=list)
    forbidden: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), index=True)
    since: Mapped[datetime] = mapped_column(Instant)
    live_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime | None] = mapped_column(Instant)


class RuleMove(Model):
    """A version went from one state to another: when, by whom (nobody: by itself), and why."""

    __tablename__ = "rule_moves"
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("rule_versions.id"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")


class RuleRemark(Timestamped, Model):
    """What somebody has to say of a version of a rule before it takes effect, or an answer to it."""

    __tablename__ = "rule_remarks"
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("rule_versions.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("rule_remarks.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    body: Mapped[str] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    author: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=author_id)


class RuleExemption(Timestamped, Model):
    """A rule (or `*`) doesn't act for a role, a person or a space, until a day; what it finds is recorded."""

    __tablename__ = "rule_exemptions"
    id: Mapped[PublicId]
    rule: Mapped[str] = mapped_column(String(60), index=True)
    role: Mapped[str | None] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    until: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class RuleTally(Model):
    """How often a version of a rule was asked on a day, and what it answered. About texts, never people."""

    __tablename__ = "rule_tallies"
    rule: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    texts: Mapped[int] = mapped_column(default=0)
    evaluated: Mapped[int] = mapped_column(default=0)
    hits: Mapped[int] = mapped_column(default=0)


class RuleAuthor(Model):
    """Somebody, known by a seal only, whose text a version of a rule hit: so that authors can be counted."""

    __tablename__ = "rule_authors"
    rule: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10), primary_key=True)
    author: Mapped[str] = mapped_column(String(22), primary_key=True)


class RuleCase(Timestamped, Model):
    """A text about which an appeal showed whether a rule must find it; an example proposed, nameless."""

    __tablename__ = "rule_cases"
    __table_args__ = (UniqueConstraint("rule", "decision_id"),)
    id: Mapped[PublicId]
    rule: Mapped[str] = mapped_column(String(60))
    decision_id: Mapped[int] = mapped_column(BigInteger)
    must_find: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="proposed")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Backtest(Timestamped, Model):
    """A version of a rule, tried on what was said since a day. `cursor` is the last entry read."""

    __tablename__ = "backtests"
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("rule_versions.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    since: Mapped[datetime] = mapped_column(Instant)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    last: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    hits: Mapped[int] = mapped_column(default=0)
    authors: Mapped[int] = mapped_column(default=0)
    weeks: Mapped[dict[str, list[int]]] = mapped_column(JSON, default=dict)
    spaces: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    overlap: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    cpu_ms: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class BacktestHit(Model):
    """A text that the version hit, by number, with the place; its author is a seal of this backtest alone."""

    __tablename__ = "backtest_hits"
    __table_args__ = (Index("ix_backtest_hits_sample", "backtest_id", "place"),)
    id: Mapped[PublicId]
    backtest_id: Mapped[int] = mapped_column(ForeignKey("backtests.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    space_id: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(22))
    part: Mapped[str] = mapped_column(String(40), default="")
    start: Mapped[int | None]
    end: Mapped[int | None]
    place: Mapped[int | None]
    label: Mapped[str | None] = mapped_column(String(6))
    labelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    labelled_at: Mapped[datetime | None] = mapped_column(Instant)


class BacktestOpening(Model):
    """Somebody opened the excerpt of a hit."""

    __tablename__ = "backtest_openings"
    hit_id: Mapped[int] = mapped_column(
        ForeignKey("backtest_hits.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class Rescan(Timestamped, Model):
    """What stands is read again, since a rule or a name was added after it; never more than a flag."""

    __tablename__ = "rescans"
    id: Mapped[PublicId]
    rule: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    since: Mapped[datetime] = mapped_column(Instant)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    read: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
