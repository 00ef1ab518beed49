from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Event):
    """What others see of a person is different."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class GroupsApplied(Event):
    """A directory said which groups these people are in, or what their groups give was changed."""

    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AccessChanged(Event):
    """What a person may do is different: roles, deactivation, password, membership."""

    person_id: int
    ends_sessions: bool = False


@dataclass(frozen=True, kw_only=True)
class PeopleImported(Event):
    """Many people were added or changed at once, by a list."""

    person_ids: tuple[int, ...]
