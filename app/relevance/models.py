from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped

DESK, DECISION, FILE = "desk", "decision", "file"


class Label(Timestamped, Model):
    """Somebody said of a text whether it is work, or whether it insults. The text is the revision's; only
    labels that came in a file bring their own.
    """

    __tablename__ = "relevance_labels"
    __table_args__ = (
        UniqueConstraint("task", "revision_id", "by_id"),
        Index("ix_relevance_labels_source", "source", "task", "lang"),
    )
    id: Mapped[PublicId]
    task: Mapped[str] = mapped_column(String(4))
    value: Mapped[bool]
    source: Mapped[str] = mapped_column(String(8))
    revision_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    lang: Mapped[str] = mapped_column(String(2), default="")
    text: Mapped[str] = mapped_column(Text, default="")


class Sample(Timestamped, Model):
    """A published text drawn by lot, so that models also see what no rule noticed."""

    __tablename__ = "relevance_samples"
    revision_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigInteger, index=True)
    stratum: Mapped[str] = mapped_column(String(40))
    wanted: Mapped[int] = mapped_column(default=1)


class ModelVersion(Timestamped, Model):
    """A model that was learnt, with the figures of its trial. The one promoted last is listened to."""

    __tablename__ = "relevance_models"
    __table_args__ = (Index("ix_relevance_models_task_promoted_at", "task", "promoted_at"),)
    id: Mapped[PublicId]
    task: Mapped[str] = mapped_column(String(4))
    labels: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    mark: Mapped[str] = mapped_column(String(32), default="")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by_id: Mapped[int | None] = mapped_column(BigInteger)
    promoted_at: Mapped[datetime | None] = mapped_column(Instant)
    promoted_by_id: Mapped[int | None] = mapped_column(BigInteger)
