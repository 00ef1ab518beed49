"""How pressing an item is: a sum whose terms are shown. Who wrote it, and their past, are no part of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

PER_SEVERITY, PER_REPORTS, PER_PRECISION, PER_VIEWS, WAITING, EVASION, AGE = 20, 12, 15, 10, 15, 5, 25
SPREADS = 20
# At least so much priority when it comes in, and it should be decided within so many working hours.
BANDS = ((120, 1), (80, 4), (40, 8), (0, 24))
SPECIAL_SEVERITY = {"danger": 5, "in_picture": 3, "other": 2}
LEAST_WEIGHT, WEIGHT_RANGE = 0.2, 1.6
HIDING_WEIGHT, HIDING_PEOPLE, HIDING_TEAMS, HIDING_SEVERITY = 4.0, 3, 2, 3


def terms(
    *,
    severity: int,
    weight: float,
    waits: bool,
    evades: bool,
    precision: float = 0.0,
    views: int = 0,
    spreads: bool = False,
) -> dict[str, int]:
    """The terms that don't change with time, without those that are nothing."""
    found = {
        "severity": PER_SEVERITY * severity,
        "reports": round(PER_REPORTS * math.log1p(weight)),
        "precision": round(PER_PRECISION * precision),
        "views": round(PER_VIEWS * math.log10(1 + views)),
        "waiting": WAITING if waits else 0,
        "evasion": EVASION if evades else 0,
        "spreading": SPREADS if spreads else 0,
    }
    return {key: value for key, value in found.items() if value}


def band(total: int) -> int:
    """Within how many working hours an item of this priority should be decided."""
    return next(hours for least, hours in BANDS if total >= least)


def precision(agreed: int, refuted: int) -> float:
    """How often people agreed with a rule, between 0 and 1; a half while nobody knows."""
    return (agreed + 1) / (agreed + refuted + 2)


def age_term(created_at: datetime, deadline: datetime, now: datetime) -> int:
    """What waiting adds; it grows without bound, so that nothing starves."""
    allowed = max(deadline - created_at, timedelta(seconds=1))
    return int(AGE * ((now - created_at) / allowed))


def record_weight(upheld: int, closed: int) -> float:
    """What a report counts, by how often this person's earlier ones were right: 0.2 to 1.8, first 1."""
    return LEAST_WEIGHT + WEIGHT_RANGE * (upheld + 1) / (closed + 2)


def total_weight(reports: Sequence[tuple[str, float]]) -> float:
    """Σ over (team, weight) in the order in which they came: the k-th of one team counts 1/k."""
    seen: dict[str, int] = {}
    total = 0.0
    for team, weight in reports:
        seen[team] = seen.get(team, 0) + 1
        total += weight / seen[team]
    return total


def hides(reports: Sequence[tuple[str, float]], severity: int) -> bool:
    """True when an entry goes out of sight until somebody decides."""
    return (
        severity >= HIDING_SEVERITY
        and len(reports) >= HIDING_PEOPLE
        and len({team for team, _weight in reports}) >= HIDING_TEAMS
        and total_weight(reports) >= HIDING_WEIGHT
    )


def severest(clauses: Iterable[str], severities: Mapping[str, int]) -> int:
    """The highest severity among clauses and special reasons; 2 for a clause that isn't there any more."""
    return max((SPECIAL_SEVERITY.get(c) or severities.get(c, 2) for c in clauses), default=2)
