"""One's own entry that isn't published, as its author sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.charter.queries import findings
from app.posts import queries
from app.posts.composer import shown
from app.posts.judging import as_told
from app.posts.models import Entry


@dataclass(frozen=True)
class Ruling:
    """What those who decide say about an entry: until when they will have, or why and under which clause."""

    until: datetime | None = None
    reason: str | None = None
    clause: str = ""
    charter_version: int | None = None
    appeal_href: str | None = None
    appeal_until: datetime | None = None


_rulings: Callable[[int], Ruling] = lambda _entry_id: Ruling()  # noqa: E731 - replaced by the assembly


def explain_with(rulings: Callable[[int], Ruling]) -> None:
    """Install who knows what was decided about an entry."""
    global _rulings
    _rulings = rulings


def held_view(entry: Entry) -> dict[str, Any]:
    """One's own entry that isn't published, or whose edit waits: state, why, what one can do."""
    revision = queries.latest_revision(entry)
    found = [
        as_told(f.rule, f.hit, f.clause, f.action, f.part, f.span, f.tags, f.version_number)
        for f in findings(revision.id)
    ]
    state = "held" if entry.has_waiting_edit else entry.state
    ruling = _rulings(entry.id)
    if not found and ruling.clause:
        found = [as_told("", "", ruling.clause, "hold", "", None, (), ruling.charter_version)]
    texts = {"title": revision.title, "body": revision.body}
    return {
        "entry_id": entry.id,
        "post_id": entry.thread_id,
        "kind": entry.kind,
        "state": state,
        "text": revision.body,
        "space_id": entry.space_id,
        "finding": shown(found, texts)[0] if found else None,
        "reason": ruling.reason,
        "until": ruling.until,
        "can_edit": state in {"held", "returned"},
        "can_withdraw": state in {"held", "returned"} and not entry.pending_id,
        "appeal_href": ruling.appeal_href,
        "appeal_until": ruling.appeal_until,
    }
