from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfCase(Event):
    case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseOpened(_OfCase):
    """A playbook is under way: those whose steps come first are told."""

    to_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CaseChanged(_OfCase):
    """A step is done or skipped, something is kept no longer, evidence was made, or the case is over."""


@dataclass(frozen=True, kw_only=True)
class StepOverdue(_OfCase):
    """Nobody did it in time: it goes to the next owner and to admins."""

    step_id: int
    to_ids: tuple[int, ...]
