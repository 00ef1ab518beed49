"""How good a classifier is, in figures that don't flatter."""

from __future__ import annotations

import math
from collections.abc import Iterable


def auc(scores: Iterable[float], truth: Iterable[bool]) -> float:
    """How often a text that is scores above one that isn't; 0.5 is chance, also when one kind is missing."""
    ranked = sorted(zip(map(float, scores), map(bool, truth), strict=True))
    positives = sum(is_so for _score, is_so in ranked)
    if not 0 < positives < len(ranked):
        return 0.5
    won, at = 0.0, 0
    while at < len(ranked):
        until = at
        while until < len(ranked) and ranked[until][0] == ranked[at][0]:
            until += 1
        won += sum(is_so for _score, is_so in ranked[at:until]) * (at + until + 1) / 2
        at = until
    return (won - positives * (positives + 1) / 2) / (positives * (len(ranked) - positives))


def wilson(right: int, of: int) -> tuple[float, float]:
    """The bounds between which a share lies, 19 times in 20 (Wilson); nothing seen, nothing known."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, right / of
    middle = share + z * z / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))
