"""What follows for a person, from light to heavy. Points only propose a step; somebody imposes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

REMINDER, SLOW_MODE, MUTE_DAY, MUTE_WEEK = "reminder", "slow_mode", "mute_day", "mute_week"
POSTING, ACCOUNT = "posting", "account"
POINTS_LAST = timedelta(days=90)
_POINTS = {1: 1, 2: 2, 3: 3, 4: 5, 5: 8}


@dataclass(frozen=True)
class Step:
    """One rung: how many points propose it, how long it lasts, and what it keeps a person from."""

    name: str
    points: int
    hours: int
    kind: str = ""
    in_space: bool = False
    by_two: bool = False


LADDER = (
    Step(REMINDER, 2, 0),
    Step(SLOW_MODE, 4, 168, kind="slow", in_space=True),
    Step(MUTE_DAY, 6, 24, kind="comment"),
    Step(MUTE_WEEK, 9, 168, kind="comment"),
    Step(POSTING, 12, 168, kind="post"),
    Step(ACCOUNT, 18, 168, by_two=True),
)
STEPS = {step.name: step for step in LADDER}


def points(severity: int) -> int:
    """What one decision weighs: the severity of the clause that it cites."""
    return _POINTS[min(max(severity, 1), 5)]


def proposed(total: int, imposed: set[str]) -> str | None:
    """The step that so many points propose, unless it, or a heavier one, was imposed already."""
    reached = [place for place, step in enumerate(LADDER) if total >= step.points]
    done = [place for place, step in enumerate(LADDER) if step.name in imposed]
    if not reached or (done and max(done) >= reached[-1]):
        return None
    return LADDER[reached[-1]].name
