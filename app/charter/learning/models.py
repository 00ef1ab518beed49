from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId


class Question(Model):
    """One question on a version: answers to choose from, one of them right, and why."""

    __tablename__ = "charter_questions"
    __table_args__ = (UniqueConstraint("version_id", "position"),)
    id: Mapped[PublicId]
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"))
    position: Mapped[int]
    clause_key: Mapped[str] = mapped_column(String(20), default="")
    text_fr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    answers_fr: Mapped[list[str]] = mapped_column(JSON)
    answers_en: Mapped[list[str]] = mapped_column(JSON)
    right: Mapped[int]
    reason_fr: Mapped[str] = mapped_column(Text, default="")
    reason_en: Mapped[str] = mapped_column(Text, default="")


class QuizPass(Model):
    """A person answered every question of a version rightly. How often they tried is nobody's business."""

    __tablename__ = "charter_quiz_passes"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("charter_versions.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
