from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SynchronisationWanted(Event):
    """An admin asked for one now."""

    by_id: int
