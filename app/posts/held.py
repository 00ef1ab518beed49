"""One's own entry that isn't published, as its author sees it."""

from __future__ import annotations

from typing import Any

from app.charter.queries import findings
from app.posts import queries
from app.posts.composer import shown
from app.posts.judging import as_told
from app.posts.models import Entry


def held_view(entry: Entry) -> dict[str, Any]:
    """One's own entry that isn't published, or whose edit waits: state, why, what one can do."""
    revision = queries.latest_revision(entry)
    found = [as_told(f.rule, f.hit, f.clause, f.action, f.part, f.span, f.tags) for f in findings(revision.id)]
    state = "held" if entry.pending_id else entry.state
    return {
        "entry_id": entry.id,
        "post_id": entry.thread_id,
        "kind": entry.kind,
        "state": state,
        "text": revision.body,
        "finding": shown(found)[0] if found else None,
        "reason": None,
        "until": None,
        "can_edit": state in {"held", "returned"},
        "can_withdraw": state in {"held", "returned"} and not entry.pending_id,
        "appeal_href": None,
        "appeal_until": None,
    }


