"""What a person's own browsers hear of their notifications."""

from __future__ import annotations

from typing import Any

from app.gate import quiet
from app.notifications import queries
from app.people.actor import of_person


def notification_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """A line in the reader's language; nothing when they may no longer see what it is about, nor while they
    rest: what waits is told when they are back.
    """
    actor = of_person(payload["person_id"])
    if actor is None or (not payload.get("urgent") and quiet.is_quiet(actor)):
        return None
    line = queries.one(actor, payload["id"])
    return {"id": line.id, "text": line.text, "url": line.url} if line else None


def counters_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """How much is unread now."""
    actor = of_person(payload["person_id"])
    return {"unread": queries.unread(actor)} if actor else None
