from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RulesChanged(Event):
    """The rules, or the charter they hang on, are different: every process compiles them anew."""


@dataclass(frozen=True, kw_only=True)
class CharterAccepted(Event):
    """A person accepted a version."""

    person_id: int
    version_id: int
