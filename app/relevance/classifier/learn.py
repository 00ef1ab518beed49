"""Learning: logistic regression over hashed features, by L-BFGS. Needs numpy; no web process imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.relevance.classifier.features import Features, pieces_of

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]
_MEMORY, _MOST_STEPS, _CLOSE_ENOUGH = 8, 60, 1e-3


@dataclass(frozen=True)
class Vectoriser:
    """Which features count, where each stands, and how rare it is."""

    columns: dict[int, int]
    rarity: Floats
    weights: tuple[float, float, float]


@dataclass(frozen=True)
class Matrix:
    """Rows of numbers of which most are nothing, ready to be multiplied from either side."""

    indices: NDArray[np.int32]
    data: Floats
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    width: int

    def times(self, weights: Floats) -> Floats:
        """One number a row."""
        sums: Floats = _sums(self.rows, self.data * weights[self.indices], len(self.starts))
        return sums

    def transposed_times(self, values: Floats) -> Floats:
        """One number a column."""
        sums: Floats = _sums(self.indices, self.data * values[self.rows], self.width)
        return sums


def _sums(places: NDArray[np.int32], values: Floats, count: int) -> Floats:
    """The values added up by place."""
    return np.bincount(places, values, count).astype(np.float64, copy=False)


def vectoriser(
    texts: Sequence[Features], *, weights: tuple[float, float, float] = (1.0, 1.0, 0.5), fewest: int = 2
) -> Vectoriser:
    """Features that at least two texts share; the rarer one is, the more it says."""
    counts: dict[int, int] = {}
    for text in texts:
        pieces = {piece for token in text.tokens for piece in pieces_of(token)}
        for group in (text.words, pieces, text.style):
            for feature in group:
                counts[feature] = counts.get(feature, 0) + 1
    kept = [feature for feature, count in counts.items() if count >= fewest]
    seen = np.array([counts[feature] for feature in kept], dtype=np.float64)
    rarity = np.log((1 + len(texts)) / (1 + seen)) + 1
    return Vectoriser({feature: at for at, feature in enumerate(kept)}, rarity, weights)


def matrix(texts: Sequence[Features], by: Vectoriser) -> Matrix:
    """The texts as rows."""
    indices: list[NDArray[np.int32]] = []
    data: list[Floats] = []
    lengths = []
    for text in texts:
        row_at, row = _row(text, by)
        indices.append(row_at)
        data.append(row)
        lengths.append(len(row_at))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    return Matrix(np.concatenate(indices), np.concatenate(data), starts, rows, len(by.rarity))


def _row(text: Features, by: Vectoriser) -> tuple[NDArray[np.int32], Floats]:
    at, values = [], []
    pieces = {piece for token in text.tokens for piece in pieces_of(token)}
    for group, weight in zip((sorted(text.words), sorted(pieces)), by.weights, strict=False):
        found = np.array([by.columns[f] for f in group if f in by.columns], dtype=np.int32)
        rare = by.rarity[found]
        at.append(found)
        values.append(weight * rare / (np.linalg.norm(rare) or 1.0))
    style = {by.columns[f]: value for f, value in text.style.items() if f in by.columns and value}
    at.append(np.array(list(style), dtype=np.int32))
    values.append(by.weights[2] * np.array(list(style.values()), dtype=np.float64))
    return np.concatenate(at), np.concatenate(values)


def fit(
    rows: Matrix, signs: Floats, importance: Floats, *, looseness: float, start: Floats | None = None
) -> Floats:
    """The weights that tell the rows of sign +1 from those of -1; looser fits closer to what was seen."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = signs * rows.times(weights)
        error = -looseness * importance * signs / (1 + np.exp(np.clip(margin, -60, 60)))
        value = 0.5 * float(weights @ weights) + looseness * float(importance @ np.logaddexp(0, -margin))
        return value, weights + rows.transposed_times(error)

    return _descend(loss, np.zeros(rows.width) if start is None else start)


def _descend(loss: Loss, weights: Floats) -> Floats:
    value, slope = loss(weights)
    past: list[tuple[Floats, Floats, float]] = []
    first = float(np.linalg.norm(slope)) or 1.0
    for _step in range(_MOST_STEPS):
        direction = -_bent(slope, past)
        length, hope = 1.0 if past else min(1.0, 1.0 / first), float(slope @ direction)
        for _try in range(20):
            there = weights + length * direction
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * length * hope:
                break
            length /= 2
        moved, turned = there - weights, new_slope - slope
        if (bend := float(moved @ turned)) > 1e-12:
            past = [*past[1 - _MEMORY :], (moved, turned, 1 / bend)]
        weights, value, slope = there, new_value, new_slope
        if np.linalg.norm(slope) < _CLOSE_ENOUGH * first:
            break
    return weights


def _bent(slope: Floats, past: list[tuple[Floats, Floats, float]]) -> Floats:
    """The slope as the curvature seen so far bends it (two-loop recursion)."""
    result, parts = slope.copy(), []
    for moved, turned, scale in reversed(past):
        part = scale * float(moved @ result)
        parts.append(part)
        result -= part * turned
    if past:
        moved, turned, scale = past[-1]
        result *= 1 / (scale * float(turned @ turned))
    for (moved, turned, scale), part in zip(past, reversed(parts), strict=True):
        result += moved * (part - scale * float(turned @ result))
    return result
