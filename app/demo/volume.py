"""Large volumes for load tests: the same numbers and words for the same seed, size and last day.

Written in pieces, each in a transaction of its own; an interrupted load goes on where it stopped.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.charter import queries as charter
from app.demo import searching
from app.demo.crowd import Crowd, Size, settle, told
from app.demo.flow import ENTRY, FOLLOW, NEWS, PIECE, REVISION, SIGN, Flow
from app.demo.hours import Hours
from app.demo.rows import change, put, trust_references
from app.demo.starter import load_starter
from app.demo.told import NotEmpty
from app.kernel import audit, clock, settings
from app.kernel.action import action
from app.kernel.db import db

SAYS_EVERY = 10
__all__ = ["Size", "load_volume"]


def load_volume(size: Size, seed: int, *, until: datetime | None, say: Callable[[str], Any]) -> None:
    """Make so many people, spaces and posts. NotEmpty when this seed was used for another size or day."""
    started = time.monotonic()
    load_starter()
    hours = Hours.until(until or clock.now())
    crowd = Crowd(size, seed, hours)
    members = crowd.members()
    done = _done(crowd)
    if done is None:
        _settle(crowd, members)
        done = 0
        say(f"· {size.people:,} people in {size.spaces:,} spaces ({time.monotonic() - started:.0f} s)")
    flow = Flow(crowd, members)
    for turn in range(done, flow.pieces()):
        _write(flow, turn)
        if turn % SAYS_EVERY == SAYS_EVERY - 1 or turn == flow.pieces() - 1:
            posts = min((turn + 1) * PIECE, size.posts)
            say(f"· {posts:,} of {size.posts:,} posts ({time.monotonic() - started:.0f} s)")
    _analyse()
    say(f"Done in {time.monotonic() - started:.0f} s.")


def _done(crowd: Crowd) -> int | None:
    """How many pieces were written; None when nothing of this seed was."""
    settings.forget()
    state = settings.get(_key(crowd))
    if state is None:
        return None
    if (state["size"], state["ends"]) != (told(crowd.size), crowd.hours.ends):
        raise NotEmpty(f"Seed {crowd.seed} was used for another size or day: choose another seed.")
    return int(state["pieces"])


def _key(crowd: Crowd) -> str:
    return f"demo_volume_{crowd.seed}"


def _remember(crowd: Crowd, pieces: int) -> None:
    settings.put(_key(crowd), {"size": told(crowd.size), "ends": crowd.hours.ends, "pieces": pieces})


@action
def _settle(crowd: Crowd, members: Sequence[array[int]]) -> None:
    version = charter.version_in_force()
    if version is None:
        raise NotEmpty("The charter is not in force yet.")
    trust_references()
    settle(crowd, members, version)
    searching.put_names(crowd)
    _remember(crowd, 0)
    audit.record("demo.volume", None, "demo", size=told(crowd.size), seed=crowd.seed)


@action
def _write(flow: Flow, turn: int) -> None:
    piece = flow.piece(turn)
    trust_references()
    put("entries", ENTRY, piece.entries)
    put("revisions", REVISION, piece.revisions)
    put("reactions", SIGN, piece.signs)
    put("follows", FOLLOW, piece.follows)
    put("notifications", NEWS, piece.notices)
    searching.put_entries(piece)
    lifted = [(at, space, at) for space, at in piece.newest.items()]
    change("spaces", "last_position = ? WHERE id = ? AND last_position < ?", lifted)
    _remember(flow.crowd, turn + 1)


@action
def _analyse() -> None:
    db.session.execute(text("ANALYZE"))
