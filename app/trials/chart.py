"""Hits by week as bars: sizes worked out here, drawn by the template, told again in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT, GAP = 640, 160, 2


@dataclass(frozen=True)
class Bar:
    """One week."""

    monday: date
    read: int
    hits: int
    x: float
    y: float
    width: float
    height: float


def of_weeks(weeks: Mapping[str, Sequence[int]]) -> Sequence[Bar]:
    """Every week from the first to the last, those without messages too."""
    if not weeks:
        return []
    first, last = date.fromisoformat(min(weeks)), date.fromisoformat(max(weeks))
    mondays = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    numbers = [tuple(weeks.get(monday.isoformat(), (0, 0))) for monday in mondays]
    most = max(1, *(hits for _read, hits in numbers))
    step = WIDTH / len(mondays)
    return [
        Bar(
            monday,
            read,
            hits,
            x=round(n * step + GAP / 2, 2),
            y=round(HEIGHT - HEIGHT * hits / most, 2),
            width=round(max(1.0, step - GAP), 2),
            height=round(HEIGHT * hits / most, 2),
        )
        for n, (monday, (read, hits)) in enumerate(zip(mondays, numbers, strict=True))
    ]
