"""Work for later. A job row is written with the facts that caused it, so it can't be lost or run early.

A worker leases a row, runs it and deletes it; a worker that dies leaves a lease that ends, and another
takes over.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from sqlalchemy import JSON, Index, String, Text, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.action import in_one_transaction
from app.kernel.db import Instant, Model, SerialId, Timestamped, db

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
_jobs: dict[str, Callable[..., None]] = {}
_log = logging.getLogger(__name__)


class Job(Timestamped, Model):
    """One piece of work, due at a time; `every` seconds makes it come back."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "due_at", "id"),)
    id: Mapped[SerialId]
    name: Mapped[str] = mapped_column(String(120))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(Instant)
    every: Mapped[int | None]
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")


class Later:
    """A job: call it to run it now, `.later(...)` to write it down, `.every(seconds)` to keep it coming
    back.
    """

    def __init__(self, work: Callable[..., None]) -> None:
        self.work = wraps(work)(work)
        self.name = f"{work.__module__}.{work.__qualname__}"
        _jobs[self.name] = work

    def __call__(self, **arguments: Any) -> None:
        self.work(**arguments)

    def later(self, *, due: datetime | None = None, **arguments: Any) -> None:
        """Write it down, within an action."""
        db.session.add(Job(name=self.name, arguments=arguments, due_at=due or clock.now()))

    def every(self, seconds: int) -> None:
        """Keep it coming back; written once however often this is called. Within an action."""
        if db.session.scalar(select(Job.id).where(Job.once == self.name)) is None:
            db.session.add(
                Job(name=self.name, arguments={}, due_at=clock.now(), every=seconds, once=self.name)
            )


job = Later


def run_next() -> bool:
    """Take one due job and run it; False when there is nothing to do."""
    lease = secrets.token_hex(16)
    taken = in_one_transaction(lambda: _take(lease))
    if taken is None:
        return False
    name, arguments, job_id = taken
    try:
        _jobs[name](**arguments)
    except Exception as problem:
        _log.exception("job %s failed", name)
        db.session.rollback()
        trouble = repr(problem)
        in_one_transaction(lambda: _put_back(job_id, lease, trouble))
    else:
        in_one_transaction(lambda: _finish(job_id, lease))
    return True


def _take(lease: str) -> tuple[str, dict[str, Any], int] | None:
    now = clock.now()
    due = (
        select(Job.id)
        .where(
            Job.due_at <= now,
            or_(Job.leased_until.is_(None), Job.leased_until < now),
            Job.attempts < MOST_ATTEMPTS,
        )
        .order_by(Job.due_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job_id = db.session.scalar(due)
    if job_id is None:
        return None
    row = db.session.get_one(Job, job_id, populate_existing=True)
    row.lease, row.leased_until, row.attempts = lease, now + LEASE, row.attempts + 1
    return row.name, dict(row.arguments), job_id


def _finish(job_id: int, lease: str) -> None:
    row = db.session.scalar(select(Job).where(Job.id == job_id, Job.lease == lease))
    if row is None:
        return
    if row.every is None:
        db.session.execute(delete(Job).where(Job.id == job_id))
        return
    row.due_at, row.attempts = clock.now() + timedelta(seconds=row.every), 0
    row.lease, row.leased_until, row.trouble = None, None, ""


def _put_back(job_id: int, lease: str, trouble: str) -> None:
    row = db.session.get_one(Job, job_id, populate_existing=True)
    wait = timedelta(seconds=min(3600, 5 * 2**row.attempts))
    attempts = 0 if row.every and row.attempts >= MOST_ATTEMPTS - 1 else row.attempts
    db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.lease == lease)
        .values(
            lease=None,
            leased_until=None,
            due_at=clock.now() + wait,
            trouble=trouble[:2000],
            attempts=attempts,
        )
    )


def has_due() -> bool:
    """True when a job waits; a plain read."""
    now = clock.now()
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    due = select(Job.id).where(Job.due_at <= now, free, Job.attempts < MOST_ATTEMPTS)
    return db.session.scalar(due.limit(1)) is not None


def log_trouble() -> None:
    """Say that jobs couldn't be looked at; they are again in a moment."""
    _log.exception("jobs can't be looked at now")
