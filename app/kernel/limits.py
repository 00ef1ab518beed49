"""How much one person, and one address, may write in a minute. No address is exempt; reading is free."""

from __future__ import annotations

import math
import time
from typing import Any

from flask import Flask, Response, make_response, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from app.kernel import errors
from app.kernel.http import UNSAFE, actor_or_none, address, refuse

ADDRESSES_PER_PERSON = 25


class _Writes(Limiter):
    """Looks at requests that write only: for the others, asking whether they are exempt costs half a page."""

    def _check_request_limit(self, *args: Any, **more: Any) -> None:
        if request.method in UNSAFE:
            super()._check_request_limit(*args, **more)


def install(app: Flask, *, per_person: int, redis_url: str) -> None:
    """Count writes in Redis when there is one, else in this process; without Redis, each process counts."""
    _Writes(
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
        on_breach=_refuse,
    )


def _person() -> str:
    person = actor_or_none()
    return f"person:{person.id}" if person else f"address:{address()}"


def _refuse(breached: RequestLimit) -> Response:
    wait = max(1, math.ceil(breached.reset_at - time.time()))
    return make_response(refuse(errors.TooMany(retry_after=wait)))
