"""Legal holds: what must be kept, whatever ends, is deleted or grows old, until somebody lifts it.

Whoever removes something for good asks here first, by its name "kind:id".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Index, String, Text, cast, exists, literal, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped, db

_STANDS = text("lifted_at IS NULL")


class LegalHold(Timestamped, Model):
    """Something is kept for a case while this isn't lifted; `by_id` None when the case began by itself."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index(
            "ix_legal_holds_standing",
            "subject",
            "case_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )
    id: Mapped[PublicId]
    subject: Mapped[str] = mapped_column(String(80))
    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by_id: Mapped[int | None] = mapped_column(BigInteger)


def is_held(subject: str) -> bool:
    """Something must be kept."""
    rows = select(LegalHold.id).where(LegalHold.subject == subject, LegalHold.lifted_at.is_(None))
    return db.session.scalar(rows.limit(1)) is not None


def held_among(kind: str, ids: Collection[Any]) -> set[str]:
    """Those of these (as text) that must be kept."""
    names = [f"{kind}:{one}" for one in ids]
    rows = select(LegalHold.subject).where(LegalHold.subject.in_(names), LegalHold.lifted_at.is_(None))
    return {subject.partition(":")[2] for subject in db.session.scalars(rows)} if names else set()


def is_kept(kind: str, column: Any) -> ColumnElement[bool]:
    """SQL twin of `is_held`: what a column names must be kept."""
    named = literal(f"{kind}:", String) + cast(column, String)
    return (
        exists().where(LegalHold.subject == named, LegalHold.lifted_at.is_(None)).correlate_except(LegalHold)
    )
