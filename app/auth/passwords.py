"""Argon2id (RFC 9106), beside the request; the same work whether an account exists or not."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.cpu import apart

SHORTEST, LONGEST = 12, 200
_hasher = PasswordHasher()
_nobody = ""


def configure(*, cheap: bool) -> None:
    """Choose the cost; cheap is for tests only."""
    global _hasher, _nobody
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()
    _nobody = _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """What to store."""
    return apart(_hasher.hash, password)


def matches(stored: str | None, password: str) -> bool:
    """Compare, taking the same time when nothing is stored."""
    return apart(_verify, stored or _nobody, password) and stored is not None


def generated() -> str:
    """A password to hand over once: 20 characters, about 119 bits."""
    return secrets.token_urlsafe(15)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
