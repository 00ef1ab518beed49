"""Chance that repeats itself: every choice of the demo comes from a named, seeded source."""

from __future__ import annotations

from random import Random


def chance(seed: int, *name: object) -> Random:
    """A source of its own for this seed and name, so that adding one choice moves no other."""
    return Random(f"{seed}/{'/'.join(str(part) for part in name)}")  # noqa: S311 - nothing secret is drawn here
