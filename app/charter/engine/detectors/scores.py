"""Advice of a classifier that somebody else ran: never more than a flag, silent when unsure."""

from collections.abc import Iterator

from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector


def compile_work(rule: RuleSpec, _build: Build) -> Detector:
    """Text that hardly looks like work, in a space kept for work."""
    below = float(rule.params.get("below", 0.2))
    fewest = int(rule.params.get("min_words", 0))

    def detect(scan: Scan) -> Iterator[Hit]:
        score = scan.draft.work_score
        if score is None:
            return
        if scan.draft.space.work_only and score < below and scan.lane.main >= fewest:
            yield Hit()

    return detect


def compile_tone(rule: RuleSpec, _build: Build) -> Detector:
    """Text that reads as hostile."""
    above = float(rule.params.get("above", 0.9))
    fewest = int(rule.params.get("min_words", 0))

    def detect(scan: Scan) -> Iterator[Hit]:
        score = scan.draft.tone_score
        if score is None:
            return
        if score > above and scan.lane.main >= fewest:
            yield Hit()

    return detect
