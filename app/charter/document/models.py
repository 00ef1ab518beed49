from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Instant, Model, PublicId, Timestamped
from app.people.models import Person

IT, COMMUNICATION, LEGAL = "it", "communication", "legal"
FUNCTIONS = (IT, COMMUNICATION, LEGAL)


class Signatory(Timestamped, Model):
    """A person who may sign for one function of the company."""

    __tablename__ = "charter_signatories"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    function: Mapped[str] = mapped_column(String(13))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=person_id)


class Signature(Model):
    """A function signed a version whose seal was this; one person signs one function only."""

    __tablename__ = "charter_signatures"
    __table_args__ = (UniqueConstraint("version_id", "person_id"),)
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"), primary_key=True)
    function: Mapped[str] = mapped_column(String(13), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Remark(Timestamped, Model):
    """What somebody has to say of a clause (or of the whole, without a key) before it takes effect."""

    __tablename__ = "charter_remarks"
    __table_args__ = (Index("ix_charter_remarks_place", "version_id", "clause_key", "id"),)
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"))
    clause_key: Mapped[str] = mapped_column(String(20), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("charter_remarks.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    body: Mapped[str] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    author: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=author_id)
