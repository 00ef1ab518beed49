"""What pages say of the queue: counted once a request, for the desk and for the frame around it."""

from __future__ import annotations

from flask import g

from app.moderation import queries
from app.people.actor import Actor


def counts(person: Actor) -> dict[str, int]:
    """How many items wait, how many are with the reader, how many are late."""
    g.queue = queries.counts(person)
    return dict(g.queue)


def waiting(person: Actor) -> int:
    """How many items wait."""
    return int(g.queue["waiting"]) if "queue" in g else queries.waiting(person)
