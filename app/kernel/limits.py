"""How much one person, and one address, may write in a minute. No address is exempt; reading is free."""

from __future__ import annotations

import math
import time

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from app.kernel import errors
from app.kernel.http import UNSAFE, actor_or_none, address

ADDRESSES_PER_PERSON = 25


def install(app: Flask, *, per_person: int, redis_url: str) -> None:
    """Count writes in Redis when there is one, else in this process; without Redis, each process counts."""
    Limiter(
        address,
        app=app,
        storage_uri=redis_url or "memory://",
        key_prefix="parvis",
        strategy="sliding-window-counter",
        in_memory_fallback_enabled=bool(redis_url),
        application_limits=[
            _limit(per_person, "person", _person),
            _limit(per_person * ADDRESSES_PER_PERSON, "address", address),
        ],
    )


def _limit(count: int, scope: str, key: object) -> ApplicationLimit:
    return ApplicationLimit(
        f"{count}/minute",
        key_function=key,  # type: ignore[arg-type]
        scope=scope,
        exempt_when=_is_reading,
        on_breach=_refuse,
    )


def _is_reading() -> bool:
    return request.method not in UNSAFE


def _person() -> str:
    person = actor_or_none()
    return f"person:{person.id}" if person else f"address:{address()}"


def _refuse(breached: RequestLimit) -> None:
    raise errors.TooMany(retry_after=max(1, math.ceil(breached.reset_at - time.time())))
