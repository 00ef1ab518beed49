"""The past is entered quietly: what happened long ago is true, but nobody is told of it any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app import wiring
from app.kernel import events
from app.kernel.events import Reaction, Subscriptions
from app.search import actions as search

_TELLING = ("app.notifications.", "app.search.")


@contextmanager
def quietly() -> Iterator[None]:
    """Within the block facts change what is true and tell nobody of it; for the console alone."""
    events.subscribe(inside=_silent(wiring.INSIDE), after=wiring.AFTER)
    try:
        yield
    finally:
        events.subscribe(inside=wiring.INSIDE, after=wiring.AFTER)


def make_findable() -> None:
    """What was entered quietly can be found, all at once. Within an action."""
    search.rebuild()


def _silent(inside: Subscriptions) -> Subscriptions:
    return {fact: [react for react in reactions if not _tells(react)] for fact, reactions in inside.items()}


def _tells(reaction: Reaction) -> bool:
    module = f"{reaction.__module__}."
    return module.startswith(_TELLING) or ".live." in module
