from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RegistryChanged(Event):
    """An organisation or one of its names is different: the rules read it anew."""

    organisation_id: int


@dataclass(frozen=True, kw_only=True)
class OrganisationsMerged(Event):
    """One organisation turned out to be another: what belonged to the first belongs to the second."""

    gone_id: int
    kept_id: int
