"""Quiet hours: nobody's evening is interrupted for what can wait."""

from collections.abc import Iterator
from datetime import datetime, time

from ..draft import Draft
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, strings


def compile_quiet(rule: RuleSpec, _build: Build) -> Detector:
    """Between two times of the company's day, and at weekends, when somebody would be notified."""
    start, end = time.fromisoformat(rule.params["from"]), time.fromisoformat(rule.params["to"])
    weekend = bool(rule.params.get("weekend"))
    categories = {item.removeprefix("category ").strip() for item in strings(rule.params.get("exempt"))}

    def detect(scan: Scan) -> Iterator[Hit]:
        draft = scan.draft
        if not _newly_called(draft) or (draft.category and draft.category in categories):
            return
        if is_quiet(scan.now.astimezone(scan.zone), start, end, weekend=weekend):
            yield Hit()

    return detect


def _newly_called(draft: Draft) -> bool:
    """Whether somebody would be notified: an edit tells only those whom the text didn't name before."""
    if draft.event != "edit" or draft.previous is None:
        return bool(draft.mentions)
    before = draft.previous.casefold()
    return any(f"@{mention.handle.lstrip('@').casefold()}" not in before for mention in draft.mentions)


def is_quiet(local: datetime, start: time, end: time, *, weekend: bool) -> bool:
    """Start inclusive, end exclusive; the night may pass midnight."""
    if weekend and local.weekday() >= 5:
        return True
    at = local.time()
    return start <= at < end if start <= end else at >= start or at < end
