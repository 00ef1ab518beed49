from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfItem(Event):
    item_id: int
    entry_id: int
    space_id: int


@dataclass(frozen=True, kw_only=True)
class ItemOpened(_OfItem):
    """An entry waits for a moderator."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class ItemChanged(_OfItem):
    """What waits has another text, or more reports."""


@dataclass(frozen=True, kw_only=True)
class ItemSealed(_OfItem):
    """It is entrusted to a few, and for everybody else it isn't there any more."""


@dataclass(frozen=True, kw_only=True)
class ItemClaimed(_OfItem):
    """A moderator is on it."""

    by_id: int


@dataclass(frozen=True, kw_only=True)
class ItemReleased(_OfItem):
    """Nobody is on it any more: given back, or the time was over."""


@dataclass(frozen=True, kw_only=True)
class ItemResolved(_OfItem):
    """Nothing is left to decide: the author corrected, withdrew or deleted it."""

    author_id: int
    reporter_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportMade(_OfItem):
    """Somebody reported an entry. `outcome` when this very text was already decided under the same clause."""

    report_id: int
    reporter_id: int
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionTaken(_OfItem):
    """A moderator decided: the author and those who reported are told."""

    decision_id: int
    outcome: str
    author_id: int
    reporter_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NamesRevealed(_OfItem):
    """A moderator saw the names of a case."""

    by_id: int


@dataclass(frozen=True, kw_only=True)
class ItemTransferred(_OfItem):
    """A moderator left it to a colleague."""

    to_id: int


@dataclass(frozen=True, kw_only=True)
class ItemDeferred(_OfItem):
    """It waits for a day on which more is known, or does so no longer."""


@dataclass(frozen=True, kw_only=True)
class ItemEscalated(_OfItem):
    """It is for senior moderators now. `danger` when somebody may be in danger."""

    to_ids: tuple[int, ...]
    danger: bool = False


@dataclass(frozen=True, kw_only=True)
class SecondWanted(_OfItem):
    """A decision, or a measure, counts once another senior moderator agrees."""

    about: str
    to_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SecondRefused(_OfItem):
    """The second senior moderator didn't agree."""

    about: str
    to_id: int


@dataclass(frozen=True, kw_only=True)
class DecisionUndone(_OfItem):
    """Whoever decided took it back within ten minutes; it waits again."""

    decision_id: int
    author_id: int
    tells_author: bool


@dataclass(frozen=True, kw_only=True)
class AppealLodged(_OfItem):
    """Somebody asks for a second look by somebody else."""

    appeal_id: int
    to_id: int | None


@dataclass(frozen=True, kw_only=True)
class AppealSpoken(_OfItem):
    """Somebody said something in an appeal; the other side hears of it."""

    appeal_id: int
    message_id: int
    to_id: int | None
    from_appellant: bool


@dataclass(frozen=True, kw_only=True)
class AppealClosed(_OfItem):
    """An appeal is answered, or taken back (`withdrawn`)."""

    appeal_id: int
    answer: str
    to_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionOverturned(_OfItem):
    """A decision didn't hold: the rules that had noticed something were wrong about this text, or right."""

    decision_id: int
    revision_id: int
    rules: tuple[str, ...]
    were_wrong: bool


@dataclass(frozen=True, kw_only=True)
class WatchWordSeen(_OfItem):
    """A watched word stands in an entry: those who review it, and those who read it, are alerted."""

    label: str
    thread_id: int
    reviewer_ids: tuple[int, ...]
    reader_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SpreadingFast(_OfItem):
    """What waits is read or signed more and more, or reported by several: whoever is on duty is told."""

    to_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MeasureImposed(Event):
    """A person may not do something for a while, or was reminded of the charter."""

    measure_id: int
    person_id: int
    step: str


@dataclass(frozen=True, kw_only=True)
class MeasureEnded(Event):
    """It is over: at its end, lifted, or annulled (`how`)."""

    measure_id: int
    person_id: int
    step: str
    how: str
