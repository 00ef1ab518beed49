"""Turning a policy answer into a refusal."""

from __future__ import annotations

from app.kernel.errors import Forbidden


def require(allowed: bool, otherwise: str = "") -> None:
    """Go on when allowed; otherwise Forbidden with the sentence given."""
    if not allowed:
        raise Forbidden(otherwise)
