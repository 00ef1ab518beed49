from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class GateChanged(Event):
    """The networks that people may come from are others now."""

    by_id: int | None
