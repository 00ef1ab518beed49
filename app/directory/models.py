from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, SerialId

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"


class DirectoryRun(Model):
    """One synchronisation: when, by whom if not by the clock, how it ended, and what it changed."""

    __tablename__ = "directory_runs"
    id: Mapped[SerialId]
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(10))
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    changes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    trouble: Mapped[str] = mapped_column(Text, default="")


class DirectoryTrace(Model):
    """What was last taken over for a person, so that only what is new there replaces what they chose here."""

    __tablename__ = "directory_traces"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(40), default="")
    photo: Mapped[str] = mapped_column(String(64), default="")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
