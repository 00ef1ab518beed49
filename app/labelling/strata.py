"""A lot that is fair to rare kinds: texts are grouped, and each group gives in turn."""

from __future__ import annotations

import random
from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeVar

from app.relevance.classifier.features import tokenise

Kind = TypeVar("Kind", bound=Hashable)
_FRENCH: Final = frozenset({
    "le", "la", "les", "de", "des", "du", "et", "est", "pour", "dans", "que", "qui", "une", "un", "en", "au",
    "pas", "sur", "nous", "vous", "je",
})  # fmt: skip
_ENGLISH: Final = frozenset({
    "the", "of", "and", "is", "for", "in", "that", "to", "a", "we", "you", "it", "on", "with", "this", "be",
    "are", "i", "not", "have",
})  # fmt: skip


def language_of(text: str) -> str:
    """French or English, by its small words; neither when nothing tells."""
    tokens = tokenise(text)
    french, english = (sum(token in words for token in tokens) for words in (_FRENCH, _ENGLISH))
    return "" if french == english else "fr" if french > english else "en"


def band_of(score: float | None) -> str:
    """Low, middle, high; none while nothing is said."""
    if score is None:
        return "none"
    return "low" if score < 0.33 else "middle" if score < 0.67 else "high"


def draw(groups: Mapping[Kind, Sequence[int]], count: int, chance: random.Random) -> list[tuple[int, Kind]]:
    """So many numbers by lot, one from each group in turn."""
    left = {kind: chance.sample(list(some), len(some)) for kind, some in groups.items()}
    drawn: list[tuple[int, Kind]] = []
    while len(drawn) < count and any(left.values()):
        for kind, some in left.items():
            if some and len(drawn) < count:
                drawn.append((some.pop(), kind))
    return drawn
