from dataclasses import dataclass
from datetime import datetime

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class GateChanged(Event):
    """Other rules say who may come in now."""

    by_id: int | None


@dataclass(frozen=True, kw_only=True)
class GateNarrowed(Event):
    """An admin made rules that shut themselves out; unless settled, those of before return."""

    by_id: int
    number: int
    returns_at: datetime
