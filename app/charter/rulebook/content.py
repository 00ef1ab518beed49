"""What a version of a rule says, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Content:
    """Condition, scope, action and words, under a clause."""

    kind: str
    action: str
    clause: str
    params: dict[str, Any] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)
    fail_mode: str | None = None
    message_fr: str = ""
    message_en: str = ""

    def as_columns(self) -> dict[str, Any]:
        return {**vars(self)}


@dataclass(frozen=True)
class Examples:
    """A rule's own cases: texts it must leave alone, texts it must find."""

    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    def as_columns(self) -> dict[str, Any]:
        return {"allowed": list(self.allowed), "forbidden": list(self.forbidden)}
