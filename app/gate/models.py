from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, Timestamped


class GateBook(Timestamped, Model):
    """The rules of the gate as somebody saved them. Never changed: the highest number counts.

    One without rules hands over to the operator's setting. One that shut out its author has a time at which
    the book before comes back, unless somebody inside settled on it.
    """

    __tablename__ = "gate_books"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    returns_to: Mapped[int | None]
    returns_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class QuietHours(Timestamped, Model):
    """When a person wants nothing to ring, by their own clock: from a minute of the day until another, and
    all of the weekend if they say so. Without a row they have none of their own.
    """

    __tablename__ = "quiet_hours"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    begin: Mapped[int]
    end: Mapped[int]
    weekends: Mapped[bool]
