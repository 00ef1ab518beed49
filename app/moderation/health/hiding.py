"""Which cells of a table are left out so that nobody is found in it: small ones, and what gives them away.

A table is shown with its totals. A single hidden cell would follow from them, and so would several that
together are few: then the smallest of the others is hidden too, until what is hidden is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

FEWEST = 5
FEWEST_FOR_TAIL = 20  # below, the 95th of a hundred would be the longest of all: a single case
Key = TypeVar("Key", bound=Hashable)


def hidden(
    rows: Mapping[Key, Sequence[int]], totals: Sequence[int], *, at_least: Collection[Key] = ()
) -> frozenset[Key]:
    """Rows whose first number is left out; beside it may stand what is left of a whole, which would follow.

    `at_least` are hidden whatever they say. A small total is left out as well: then all are.
    """
    if is_small(*totals):
        return frozenset(rows)
    out = {key for key, parts in rows.items() if key in at_least or is_small(*parts)}
    others = sorted((key for key in rows if key not in out), key=lambda key: (min(rows[key]), str(key)))
    while out and others and _tells(rows, out):
        out.add(others.pop(0))
    return frozenset(out)


def is_small(number: int, *left: int) -> bool:
    """A number that isn't shown: few, or all but a few. That nobody is left says nothing about anybody."""
    return number < FEWEST or any(0 < one < FEWEST for one in left)


def _tells(rows: Mapping[Key, Sequence[int]], out: Collection[Key]) -> bool:
    """One alone is what the total leaves; several that are few together hardly less. None is nobody."""
    left = [sum(parts) for parts in zip(*(rows[key] for key in out), strict=True)]
    return any(left) and (len(out) < 2 or any(0 < number < FEWEST for number in left))
