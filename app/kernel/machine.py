"""States and what moves between them, as data: the code asks here, and a test walks every line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """`from --name [who]--> to`: one transaction, one line in the log, and whoever must hear of it does."""

    name: str
    sources: frozenset[str]
    target: str
    who: str
    act: str
    tells: frozenset[str] = frozenset()
    live: str = ""


class Machine:
    """The moves of one kind of thing, by name."""

    def __init__(self, *moves: Move) -> None:
        self._moves = {move.name: move for move in moves}

    def __getitem__(self, name: str) -> Move:
        return self._moves[name]

    def __iter__(self) -> Iterator[Move]:
        return iter(self._moves.values())

    @property
    def states(self) -> frozenset[str]:
        """Every state that something of this kind can be in."""
        return frozenset(s for move in self for s in (*move.sources, move.target) if s)

    def allows(self, name: str, state: str) -> bool:
        """Whether this may happen to something in that state."""
        return state in self._moves[name].sources


def move(
    name: str, sources: str, target: str, who: str, act: str, *, tells: str = "", live: str = ""
) -> Move:
    """One line of a machine; several sources, or kinds of notification, are words with spaces between."""
    return Move(name, frozenset(sources.split()), target, who, act, frozenset(tells.split()), live)
