from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped
from app.people.models import ROLES

# Who sees a case: moderation as usual; seniors and admins outside somebody's line; only those named.
MODERATION, OUTSIDE_LINE, CUSTODIANS = "moderation", "outside_line", "custodians"
ACCESS = (MODERATION, OUTSIDE_LINE, CUSTODIANS)
CUSTODIAN = "custodian"
OWNERS = (*ROLES, CUSTODIAN)
NOTHING, NOTE, FILE, BUNDLE, DECISION = "nothing", "note", "file", "bundle", "decision"
ARTEFACTS = (NOTHING, NOTE, FILE, BUNDLE, DECISION)
AUDIT_BROKEN, RULE_TRIPPED, MASS_REPORTING, REPORT_OF_STAFF, REPORT = (
    "audit_broken",
    "rule_tripped",
    "mass_reporting",
    "report_of_staff",
    "report",
)
SIGNALS = (AUDIT_BROKEN, RULE_TRIPPED, MASS_REPORTING, REPORT_OF_STAFF)
MANUAL = "manual"
OPEN, CLOSED, ABANDONED = "open", "closed", "abandoned"
WAITING, OVERDUE, DONE, SKIPPED = "waiting", "overdue", "done", "skipped"
TO_DO = (WAITING, OVERDUE)

_RUNS = text("state = 'open' AND about <> ''")
_TO_DO = text("state = 'waiting'")


class Playbook(Timestamped, Model):
    """What to do when something happens. What it says is in its versions; `current` is the last."""

    __tablename__ = "playbooks"
    id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    is_on: Mapped[bool] = mapped_column(default=True)
    current: Mapped[int] = mapped_column(default=1)


class PlaybookVersion(Timestamped, Model):
    """A playbook as it was written. Never changed: a case walks the one that it began with."""

    __tablename__ = "playbook_versions"
    __table_args__ = (UniqueConstraint("playbook_id", "number"),)
    id: Mapped[PublicId]
    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbooks.id"))
    number: Mapped[int]
    title_fr: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    summary_fr: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    triggers: Mapped[list[str]] = mapped_column(JSON, default=list)
    access: Mapped[str] = mapped_column(String(12), default=MODERATION)
    holds: Mapped[bool] = mapped_column(default=False)
    clock_hours: Mapped[int | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    by_id: Mapped[int | None] = mapped_column(BigInteger)


class PlaybookCustodian(Timestamped, Model):
    """To whom the cases of a restricted playbook are entrusted, while this row exists."""

    __tablename__ = "playbook_custodians"
    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbooks.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(BigInteger)


class PlaybookCase(Timestamped, Model):
    """A playbook under way, about one thing; at most one open case of a playbook about the same thing."""

    __tablename__ = "playbook_cases"
    __table_args__ = (
        Index(
            "ix_playbook_cases_running",
            "playbook_id",
            "about",
            unique=True,
            sqlite_where=_RUNS,
            postgresql_where=_RUNS,
        ),
        Index("ix_playbook_cases_state", "state", "id"),
    )
    id: Mapped[PublicId]
    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbooks.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("playbook_versions.id"))
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    trigger: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(80), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    access: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_items.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)
    concerned_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    opened_by_id: Mapped[int | None] = mapped_column(BigInteger)
    clock_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(BigInteger)
    conclusion: Mapped[str] = mapped_column(Text, default="")


class CaseCustodian(Timestamped, Model):
    """A case is entrusted to somebody: those whom the playbook named when it began."""

    __tablename__ = "case_custodians"
    case_id: Mapped[int] = mapped_column(ForeignKey("playbook_cases.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class CaseStep(Model):
    """A step of a case: whose it is now, until when, and what was done about it."""

    __tablename__ = "case_steps"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        Index("ix_case_steps_due", "due_at", sqlite_where=_TO_DO, postgresql_where=_TO_DO),
    )
    id: Mapped[PublicId]
    case_id: Mapped[int] = mapped_column(ForeignKey("playbook_cases.id"))
    position: Mapped[int]
    owner: Mapped[str] = mapped_column(String(20), index=True)
    artefact: Mapped[str] = mapped_column(String(10), default=NOTHING)
    state: Mapped[str] = mapped_column(String(8), default=WAITING)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    overdue_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)


class EvidenceBundle(Timestamped, Model):
    """A sealed archive that somebody made; its manifest's hash is in the audit log too."""

    __tablename__ = "evidence_bundles"
    id: Mapped[PublicId]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("playbook_cases.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_items.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    why: Mapped[str] = mapped_column(Text, default="")
    manifest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
