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
