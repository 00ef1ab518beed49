from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Instant, Model, PublicId, Timestamped

DRAFT, SCHEDULED, IN_FORCE, SUPERSEDED = "draft", "scheduled", "in_force", "superseded"
STATES = (DRAFT, SCHEDULED, IN_FORCE, SUPERSEDED)


class CharterVersion(Timestamped, Model):
    """A dated version of the charter; in force from `effective_at` until the next one is.

    `text_hash` seals everything that is signed: the text in both languages, the checklist and the delays.
    `preparing` is true for the one version on its way and empty for all others, so that there is only one.
    """

    __tablename__ = "charter_versions"
    id: Mapped[PublicId]
    number: Mapped[int] = mapped_column(unique=True)
    title_fr: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    preamble_fr: Mapped[str] = mapped_column(Text, default="")
    preamble_en: Mapped[str] = mapped_column(Text, default="")
    text_hash: Mapped[str] = mapped_column(String(64), default="")
    effective_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    state: Mapped[str] = mapped_column(String(10), default=IN_FORCE)
    preparing: Mapped[bool | None] = mapped_column(unique=True, index=True)
    consulted_on: Mapped[date | None]
    informed_on: Mapped[date | None]
    notice_days: Mapped[int] = mapped_column(default=0)
    grace_days: Mapped[int] = mapped_column(default=0)
    quiz_required: Mapped[bool] = mapped_column(default=False)
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    articles: Mapped[list[Article]] = relationship(lazy="raise_on_sql", order_by="Article.number")

    @property
    def clauses(self) -> list[Clause]:
        """Every clause, in order."""
        return [clause for article in self.articles for clause in article.clauses]

    @property
    def accept_by(self) -> datetime | None:
        """Until when those who accepted the version before may write without having accepted this one."""
        return self.effective_at + timedelta(days=self.grace_days) if self.effective_at else None


class Article(Model):
    """A chapter of a version. Its key stays the same from version to version, whatever its number."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("version_id", "number"),
        Index("ix_articles_version_id_key", "version_id", "key", unique=True),
    )
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"))
    key: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    title_fr: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    clauses: Mapped[list[Clause]] = relationship(lazy="raise_on_sql", order_by="Clause.position")


class Clause(Model):
    """One sentence to keep, numbered as people cite it ("4.2"). Its key outlives its number."""

    __tablename__ = "clauses"
    __table_args__ = (
        UniqueConstraint("version_id", "number"),
        Index("ix_clauses_version_id_key", "version_id", "key", unique=True),
    )
    id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(20))
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(12))
    title_fr: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    text_fr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    message_fr: Mapped[str] = mapped_column(Text, default="")
    message_en: Mapped[str] = mapped_column(Text, default="")
    severity: Mapped[int] = mapped_column(default=2)


class Rule(Timestamped, Model):
    """Condition, scope and action, hanging on the clause (by number) of the version in force."""

    __tablename__ = "rules"
    id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(6))
    clause: Mapped[str] = mapped_column(String(12))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default="live")
    message_fr: Mapped[str] = mapped_column(Text, default="")
    message_en: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)


class Acceptance(Model):
    """A person accepted a version, on a day, in a language, of a text with this hash."""

    __tablename__ = "acceptances"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    locale: Mapped[str] = mapped_column(String(2))
    text_hash: Mapped[str] = mapped_column(String(64))


class Finding(Model):
    """A rule that matched a revision, with the place. Never the matched value."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_revision_id", "revision_id"),)
    id: Mapped[PublicId]
    revision_id: Mapped[int] = mapped_column(BigInteger)
    rule: Mapped[str] = mapped_column(String(60))
    hit: Mapped[str] = mapped_column(String(120))
    clause: Mapped[str] = mapped_column(String(12))
    version_number: Mapped[int]
    action: Mapped[str] = mapped_column(String(6))
    part: Mapped[str] = mapped_column(String(40))
    start: Mapped[int | None]
    end: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    exempted: Mapped[bool] = mapped_column(default=False)

    @property
    def span(self) -> tuple[int, int] | None:
        """Where, in the source of its part; None when nothing is underlined."""
        return None if self.start is None or self.end is None else (self.start, self.end)
