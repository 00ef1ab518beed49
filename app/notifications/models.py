from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped


class Urgency(Timestamped, Model):
    """An announcement that rings for those at rest too, and the reason its author gave for it."""

    __tablename__ = "urgencies"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(BigInteger)
    motive: Mapped[str] = mapped_column(String(300))


class Notification(Timestamped, Model):
    """Something told to a person, once per (kind, subject). What shares kind and topic is one line."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_newest", "person_id", "created_at", "id"),
        Index(
            "ix_notifications_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        UniqueConstraint("person_id", "kind", "subject"),
    )
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    topic: Mapped[str] = mapped_column(String(60), default="")
    entry_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    space_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
