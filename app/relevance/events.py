from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AdviceChanged(Event):
    """Another model is listened to, or none: every process reads it anew."""

    task: str
