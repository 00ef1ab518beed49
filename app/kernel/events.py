"""Facts that happened, and who reacts to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Reaction = Callable[[Any], None]
Subscriptions = Mapping[type["Event"], Iterable[Reaction]]


@dataclass(frozen=True, kw_only=True)
class Event:
    """A past-tense fact. Carries ids, never objects: it may outlive its session."""


_inside: Subscriptions = {}
_after: Subscriptions = {}


def subscribe(*, inside: Subscriptions, after: Subscriptions) -> None:
    """Install the table of consequences; called once, by the assembly."""
    global _inside, _after
    _inside, _after = inside, after


def react_inside(event: Event) -> None:
    """Run what must be true together with the fact; an error undoes all of it."""
    for reaction in _inside.get(type(event), ()):
        reaction(event)


def react_after(event: Event, report: Callable[[Exception], None]) -> None:
    """Run what follows once the fact is stored; an error is reported and undoes nothing."""
    for reaction in _after.get(type(event), ()):
        try:
            reaction(event)
        except Exception as error:
            report(error)
