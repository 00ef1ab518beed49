"""A learnt model: numbers to be looked up. Plain Python: a web process needs nothing more to score."""

from __future__ import annotations

import json
import math
import operator
import sys
import zlib
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final

from app.relevance.classifier.features import (
    FEWEST_WORDS,
    Features,
    count_words,
    features,
    pieces_of,
    tokenise,
    word_features,
)

WORK, TONE = "work", "tone"
TASKS: Final = (WORK, TONE)
FEWEST_LABELS: Final = 200
LANGUAGES: Final = ("fr", "en")
_REMEMBERED: Final = 20_000
_MAGIC: Final = b"parvis classifier 1\n"


class Unreadable(ValueError):
    """These bytes are no model that this version understands."""


@dataclass(frozen=True)
class Shape:
    """The few numbers that say how the many are put together."""

    task: str
    labels: int
    slope: float
    offset: float
    style_weight: float
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """One judgement, learnt: how much each feature says and how rare it is."""

    shape: Shape
    places: Mapping[int, int]
    weights: array[float]
    rarity: array[float]
    known: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def speaks(self) -> bool:
        """True once the company has labelled enough for the model to be listened to."""
        return self.shape.labels >= FEWEST_LABELS

    def score(self, text: str, lang: str | None = None) -> float | None:
        """Between 0 and 1; None under six words, and in a language that it doesn't know."""
        if count_words(text) < FEWEST_WORDS or not knows(lang):
            return None
        return self.score_of(features(text))

    def score_of(self, found: Features) -> float | None:
        """The score of features already taken."""
        margin = self._words(found.words) + self._pieces(found.tokens) + self._style(found.style)
        if not found.words:
            return None
        return round(1 / (1 + math.exp(-max(-40.0, min(40.0, self._calibrated(margin))))), 4)

    def terms(self, text: str, most: int = 6) -> list[tuple[str, float]]:
        """The words of the text that weighed most, with their part: above 0 they raise the score."""
        tokens = tokenise(text)
        parts: dict[str, float] = {}
        for token, following in zip(tokens, [*tokens[1:], None], strict=True):
            if token[0].isalpha():
                words = [self.places[at] for at in word_features(token, following) if at in self.places]
                part = self._sum(words) + self._sum(self._piece(token)) / 3
                parts[token] = max(parts.get(token, part), part, key=abs)
        ranked = sorted(parts.items(), key=lambda pair: -abs(pair[1]))
        return [(word, round(part * self.shape.slope, 3)) for word, part in ranked[:most] if part]

    def _calibrated(self, margin: float) -> float:
        return self.shape.slope * margin + self.shape.offset

    def _words(self, found: set[int]) -> float:
        places = self.places
        return self._group([places[feature] for feature in found if feature in places])

    def _pieces(self, tokens: Iterable[str]) -> float:
        known = self.known
        return self._group(set().union(*[known.get(token) or self._piece(token) for token in tokens]))

    def _piece(self, token: str) -> tuple[int, ...]:
        """Where the pieces of a word stand; remembered, for words come back."""
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        places = self.places
        told = self.known[token] = tuple(places[piece] for piece in pieces_of(token) if piece in places)
        return told

    def _group(self, found: Collection[int]) -> float:
        """What features say together, each by how rare it is."""
        square = sum(map(self._squares.__getitem__, found))
        return sum(map(self._parts.__getitem__, found)) / math.sqrt(square) if square else 0.0

    @cached_property
    def _parts(self) -> array[float]:
        return array("f", map(operator.mul, self.rarity, self.weights))

    @cached_property
    def _squares(self) -> array[float]:
        return array("f", map(operator.mul, self.rarity, self.rarity))

    def _style(self, found: Mapping[int, float]) -> float:
        return self.shape.style_weight * sum(
            value * self.weights[self.places[feature]]
            for feature, value in found.items()
            if feature in self.places
        )

    def _sum(self, found: Iterable[int]) -> float:
        return sum(map(self._parts.__getitem__, found))


def knows(lang: str | None) -> bool:
    """A language that models are made for; unsaid counts as one."""
    return not lang or lang.strip().lower()[:2] in LANGUAGES


def to_bytes(model: Model) -> bytes:
    """The model as it is stored: a line that describes it, then numbers, packed. Nothing in it can run."""
    keys = array("I", model.places)
    packed = b"".join(_little(part).tobytes() for part in (keys, model.weights, model.rarity))
    head = json.dumps({**asdict(model.shape), "features": len(keys)}, separators=(",", ":"))
    return _MAGIC + head.encode() + b"\n" + zlib.compress(packed, 6)


def from_bytes(stored: bytes) -> Model:
    """The model in these bytes; Unreadable when they are something else."""
    if not stored.startswith(_MAGIC):
        raise Unreadable("this is no classifier of ours")
    head, _line, packed = stored[len(_MAGIC) :].partition(b"\n")
    try:
        told = json.loads(head)
        count = int(told.pop("features"))
        numbers = zlib.decompress(packed)
        shape = Shape(**told)
    except (ValueError, TypeError, KeyError, zlib.error) as problem:
        raise Unreadable(str(problem)) from problem
    if len(numbers) != 12 * count:
        raise Unreadable("some of its numbers are missing")
    keys = _read("I", numbers[: 4 * count])
    places = {key: at for at, key in enumerate(keys)}
    return Model(shape, places, _read("f", numbers[4 * count : 8 * count]), _read("f", numbers[8 * count :]))


def _read(kind: str, raw: bytes) -> array[Any]:
    numbers = array(kind)
    numbers.frombytes(raw)
    return _little(numbers)


def _little(numbers: array[Any]) -> array[Any]:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
