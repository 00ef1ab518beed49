"""What an admin set, and the versions that caches follow: rows, read through a cache a second old at most."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.db import Instant, Model, db

_FRESH_SECONDS = 1.0
_cache: dict[str, Any] = {}
_read_at = float("-inf")


class Setting(Model):
    """One value: company name, a switch, the version of something cached."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


def get(key: str, default: Any = None) -> Any:
    """The value set, as JSON gives it, or the default."""
    global _read_at
    if time.monotonic() - _read_at > _FRESH_SECONDS:
        fresh: dict[str, Any] = dict(db.session.execute(select(Setting.key, Setting.value)).all())
        _cache.clear()
        _cache.update(fresh)
        _read_at = time.monotonic()
    return _cache.get(key, default)


def known() -> Mapping[str, Any] | None:
    """Everything set, when it was read within the last second; asks nothing."""
    return None if time.monotonic() - _read_at > _FRESH_SECONDS else _cache


def put(key: str, value: Any, by_id: int | None = None) -> None:
    """Set a value, within an action."""
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=value, by_id=by_id, at=clock.now()))
    else:
        row.value, row.by_id, row.at = value, by_id, clock.now()
    db.session.flush()
    forget()


def bump(key: str) -> None:
    """Give a cached thing a new version, so that every process makes it anew."""
    row = db.session.get(Setting, key, populate_existing=True, with_for_update=True)
    put(key, (row.value if row else 0) + 1)


def hold(key: str) -> None:
    """Let nobody else change a value until this action ends."""
    if db.session.get(Setting, key, populate_existing=True, with_for_update=True) is None:
        put(key, 0)


def forget() -> None:
    """Read afresh next time."""
    global _read_at
    _read_at = float("-inf")
