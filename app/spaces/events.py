from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SpaceCreated(Event):
    """A new place."""

    space_id: int
    creator_id: int | None


@dataclass(frozen=True, kw_only=True)
class SpaceChanged(Event):
    """A space's name, kind or visibility is different."""

    space_id: int
    visibility_changed: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    """A person belongs to a space."""

    space_id: int
    person_id: int
    by_id: int | None


@dataclass(frozen=True, kw_only=True)
class MemberLeft(Event):
    """A person no longer belongs to a space."""

    space_id: int
    person_id: int
    by_id: int | None


@dataclass(frozen=True, kw_only=True)
class JoinRequested(Event):
    """A person would like to belong to a space."""

    space_id: int
    person_id: int
