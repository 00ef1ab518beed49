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


@dataclass(frozen=True, kw_only=True)
class DraftStarted(Event):
    """A version is being prepared, copied from another or from nothing."""

    version_id: int
    from_id: int | None


@dataclass(frozen=True, kw_only=True)
class DraftDiscarded(Event):
    """A draft is thrown away; its row is still there while this is told."""

    version_id: int


@dataclass(frozen=True, kw_only=True)
class DraftRemarked(Event):
    """Somebody commented on a version that is being prepared; `parent_author_id` when it is an answer."""

    version_id: int
    remark_id: int
    thread_id: int
    author_id: int
    parent_author_id: int | None


@dataclass(frozen=True, kw_only=True)
class VersionSigned(Event):
    """One function signed a draft."""

    version_id: int
    person_id: int
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class VersionScheduled(Event):
    """A signed version will take effect; everybody is told."""

    version_id: int
    by_id: int


@dataclass(frozen=True, kw_only=True)
class VersionWithdrawn(Event):
    """A version that was announced will not take effect; it is a draft again."""

    version_id: int
    by_id: int


@dataclass(frozen=True, kw_only=True)
class VersionTookEffect(Event):
    """A version is in force from now on, the one before no longer."""

    version_id: int
    previous_id: int | None


@dataclass(frozen=True, kw_only=True)
class AcceptanceAwaited(Event):
    """It is time to remind those who have not accepted a version; `turn` says which time it is."""

    version_id: int
    turn: int
