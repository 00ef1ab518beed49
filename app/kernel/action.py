"""The write path: one intention, one transaction, then its consequences. The only commit in the code base."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.kernel import audit, changes, store
from app.kernel.db import db, is_sqlite, writing
from app.kernel.events import Event, react_after, react_inside

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)
_announced: ContextVar[list[Event] | None] = ContextVar("announced", default=None)
_ATTEMPTS = 3
_PASSING_PROBLEMS = ("40001", "40P01")  # PostgreSQL: serialization failure, deadlock detected


def action(intention: Callable[P, R]) -> Callable[P, R]:
    """Run in one transaction; an action called by another joins it.

    An error undoes everything. A deadlock, or two processes drawing the same number, runs it again.
    """

    @wraps(intention)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _announced.get() is not None:
            return intention(*args, **kwargs)
        return in_one_transaction(lambda: intention(*args, **kwargs))

    run.is_action = True  # type: ignore[attr-defined]
    return run


def announce(event: Event) -> None:
    """Record a fact: inside-reactions run now, after-reactions once it is committed."""
    events = _announced.get()
    if events is None:
        raise RuntimeError(f"{event} announced outside an action")
    db.session.flush()
    react_inside(event)
    events.append(event)


def in_one_transaction(work: Callable[[], R]) -> R:
    """Run `work` and every action it calls in one transaction; commit, then tell what follows."""
    if _announced.get() is not None:
        return work()
    for attempt in range(1, _ATTEMPTS + 1):
        events: list[Event] = []
        try:
            result = _attempt(work, events)
        except DBAPIError as problem:
            if attempt == _ATTEMPTS or not _is_passing(problem):
                raise
            continue
        _tell(events)
        return result
    raise AssertionError("unreachable")


def release() -> None:
    """Let go of the connection before long work beside the database; inside an action nothing can be let
    go.
    """
    if _announced.get() is None:
        _end_reading()


def done_reading(problem: BaseException | None = None) -> None:
    """Leave the database after reading, at the end of a request or of a look.

    By a commit: after a rollback the driver forgets every statement that PostgreSQL has prepared for it, and
    each is parsed and planned anew.
    """
    if not db.session.registry.has():
        return
    try:
        if problem is None and not _is_changed():
            _end_reading()
    except SQLAlchemyError:
        _log.warning("the database went away while it was read")
    finally:
        db.session.rollback()


def _attempt(work: Callable[[], R], events: list[Event]) -> R:
    _begin_writing()
    token = _announced.set(events)
    try:
        with writing(), audit.collecting(), changes.collecting():
            try:
                result = work()
                store.together(*changes.collected(), *audit.collected())
                db.session.commit()
            except BaseException:
                db.session.rollback()
                raise
        return result
    finally:
        _announced.reset(token)


def _begin_writing() -> None:
    """On SQLite a transaction that has read can't wait for its turn to write: another one begins."""
    if is_sqlite():
        _end_reading()
    else:
        _refuse_what_was_changed()


def _end_reading() -> None:
    """Close the transaction that loaded the page's objects."""
    _refuse_what_was_changed()
    db.session.commit()


def _refuse_what_was_changed() -> None:
    if _is_changed():
        raise RuntimeError("something was changed outside an action")


def _is_changed() -> bool:
    return bool(db.session.new or db.session.dirty or db.session.deleted)


def _is_passing(problem: DBAPIError) -> bool:
    if getattr(problem.orig, "sqlstate", None) in _PASSING_PROBLEMS:
        return True
    return "pk_" in str(problem.orig) or "UNIQUE constraint failed: entries.id" in str(problem.orig)


def _tell(events: list[Event]) -> None:
    for event in events:
        react_after(event, lambda error: _log.error("a reaction failed after its commit", exc_info=error))
    changes.ring()
