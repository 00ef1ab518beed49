from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, Timestamped

ROLES = ("moderator", "senior_moderator", "charter_owner", "admin")
LANGUAGES = ("fr", "en")


class WatchWord(Timestamped, Model):
    """Words, the roles that are alerted, and how long. Watched no more once ended, or after `until`."""

    __tablename__ = "watch_words"
    id: Mapped[PublicId]
    label: Mapped[str] = mapped_column(String(80))
    terms: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    since: Mapped[datetime | None] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class WatchHit(Timestamped, Model):
    """A watched word stands in an entry: told once, however often the entry is edited."""

    __tablename__ = "watch_hits"
    word_id: Mapped[int] = mapped_column(ForeignKey("watch_words.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
    revision_id: Mapped[int] = mapped_column(BigInteger)
