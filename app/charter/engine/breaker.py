"""When a rule itself is the problem: it answers far too often, or not at all."""

from dataclasses import dataclass
from typing import Final

FEWEST_HITS: Final = 5
SHARE_OF_EVALUATIONS: Final = 0.05
SHARE_OF_AUTHORS: Final = 0.10
FEWEST_EVALUATIONS: Final = 20


@dataclass(frozen=True, slots=True)
class RuleActivity:
    """What a rule did since it went live, or within the window looked at."""

    evaluations: int
    hits: int
    authors_hit: int
    active_authors: int
    failures: int = 0


def should_trip(activity: RuleActivity) -> bool:
    """Whether a young rule answers so often that it must be capped at flag until its owner has looked."""
    if activity.hits < FEWEST_HITS:
        return False
    if activity.hits > SHARE_OF_EVALUATIONS * activity.evaluations:
        return True
    return activity.active_authors > 0 and activity.authors_hit >= SHARE_OF_AUTHORS * activity.active_authors


def is_silent(activity: RuleActivity, texts: int) -> bool:
    """Whether a rule no longer evaluates although there was enough to evaluate."""
    if texts < FEWEST_EVALUATIONS:
        return False
    return activity.evaluations == 0 or activity.failures >= activity.evaluations
