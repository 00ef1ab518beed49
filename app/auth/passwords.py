"""Argon2id (RFC 9106), beside the request; the same work whether an account exists or not."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from app.kernel.cpu import apart
from app.kernel.errors import Invalid
from app.kernel.inputs import Reader, parse

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


def typed() -> Reader:
    """A password as it was typed: neither trimmed nor cleaned."""

    def read(raw: Any) -> str:
        if not isinstance(raw, str) or not raw or len(raw) > LONGEST:
            raise ValueError(_("Write something here."))
        return raw

    return read


def typed_twice(source: Mapping[str, Any]) -> str:
    """A new password in the fields `password` and `again`; Invalid when they differ."""
    given = parse(source, password=typed(), again=typed())
    if given["password"] != given["again"]:
        raise Invalid(fields={"again": _("These two aren’t the same.")})
    return str(given["password"])


def generated() -> str:
    """A password to hand over once: 20 characters, about 119 bits."""
    return secrets.token_urlsafe(15)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
