"""Charts as sizes: worked out here, drawn by templates, told again in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 640, 160, 2


@dataclass(frozen=True)
class Bar:
    """An upright bar: where it stands and how high it is."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Span:
    """Two lengths from the left, in hundredths of the longest of its chart: usual, and nearly all."""

    median: float
    tail: float


def bars(*series: Sequence[int]) -> list[list[Bar]]:
    """Series side by side in each step, on one scale."""
    most = max((number for one in series for number in one), default=0) or 1
    step = WIDTH / max(1, len(series[0]))
    wide = max(1.0, (step - GAP) / len(series))
    return [
        [_bar(n * step + GAP / 2 + place * wide, number / most, wide) for n, number in enumerate(one)]
        for place, one in enumerate(series)
    ]


def spans(delays: Sequence[tuple[int, int]]) -> list[Span]:
    """Medians and tails of several, on one scale."""
    most = max((tail for _median, tail in delays), default=0) or 1
    return [Span(round(100 * median / most, 2), round(100 * tail / most, 2)) for median, tail in delays]


def _bar(x: float, share: float, width: float) -> Bar:
    return Bar(round(x, 2), round(HEIGHT * (1 - share), 2), round(width, 2), round(HEIGHT * share, 2))
