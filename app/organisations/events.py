from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RegistryChanged(Event):
    """An organisation or one of its names is different: the rules read it anew."""

    organisation_id: int
