"""Too much in too little time. Windows are half-open: (now - window, now]."""

from collections.abc import Iterator
from datetime import timedelta

from ..draft import PastItem
from ..fold import duplicate_key
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector


def compile_rate(rule: RuleSpec, _build: Build) -> Detector:
    """More than `limit` items of an author within the window, the new one included."""
    limit = int(rule.params["limit"])
    window = timedelta(seconds=float(rule.params["window_s"]))
    per_space = rule.params.get("per") == "space"

    def detect(scan: Scan) -> Iterator[Hit]:
        recent = [
            past for past in _recent(scan, window) if not per_space or past.space == scan.draft.space.id
        ]
        if len(recent) + 1 > limit:
            yield Hit()

    return detect


def compile_duplicates(rule: RuleSpec, _build: Build) -> Detector:
    """The same text in more than `limit_spaces` spaces within the window."""
    limit = int(rule.params["limit_spaces"])
    window = timedelta(seconds=float(rule.params["window_s"]))

    def detect(scan: Scan) -> Iterator[Hit]:
        key = duplicate_key(scan.draft.body)
        if key and len(_spaces_with(scan, key, window)) > limit:
            yield Hit()

    return detect


def _spaces_with(scan: Scan, key: str, window: timedelta) -> set[str]:
    spaces = {scan.draft.space.id or ""}
    for past in _recent(scan, window):
        if (past.space or "") not in spaces and _key(past) == key:
            spaces.add(past.space or "")
    return spaces


def _key(past: PastItem) -> str | None:
    if past.body_key is not None:
        return past.body_key
    return None if past.text is None else duplicate_key(past.text)


def _recent(scan: Scan, window: timedelta) -> list[PastItem]:
    return [past for past in scan.draft.history if scan.now - window < past.at <= scan.now]
