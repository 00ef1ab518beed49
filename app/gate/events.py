from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class GateChanged(Event):
    """The networks that people may come from are others now."""

    by_id: int | None


@dataclass(frozen=True, kw_only=True)
class GateNarrowed(Event):
    """An admin made rules that shut themselves out; `before` is (network, name) of those that counted."""

    by_id: int
    rule_ids: tuple[int, ...]
    before: tuple[tuple[str, str], ...]
