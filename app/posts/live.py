"""What readers hear of posts and comments: INSIDE, a row in the outbox; when relayed, the message with
its card.
"""

from __future__ import annotations

from typing import Any

from app.kernel import changes
from app.kernel.changes import PERSON, SPACE
from app.posts import cards, queries
from app.posts.events import (
    CommentPublished,
    EntryCleared,
    EntryEdited,
    EntryHeld,
    EntryHidden,
    EntryRemoved,
    EntryRestored,
    EntryRuled,
    PostMoved,
    PostPinned,
    PostPublished,
    ReactionsChanged,
)
from app.posts.models import PUBLISHED


def tell_post(event: PostPublished) -> None:
    changes.record("post.created", SPACE, event.space_id, post_id=event.entry_id, space_id=event.space_id)


def tell_comment(event: CommentPublished) -> None:
    ids = {"comment_id": event.entry_id, "post_id": event.thread_id, "space_id": event.space_id}
    changes.record("comment.created", SPACE, event.space_id, **ids)


def tell_return(event: EntryRestored) -> None:
    """As when it was new: whoever had it taken away gets it again."""
    if event.is_post:
        changes.record("post.created", SPACE, event.space_id, post_id=event.entry_id, space_id=event.space_id)
        return
    ids = {"comment_id": event.entry_id, "post_id": event.thread_id, "space_id": event.space_id}
    changes.record("comment.created", SPACE, event.space_id, **ids)


def tell_edit(event: EntryEdited) -> None:
    if event.is_post:
        changes.record("post.changed", SPACE, event.space_id, post_id=event.entry_id, space_id=event.space_id)
        return
    ids = {"comment_id": event.entry_id, "post_id": event.thread_id, "space_id": event.space_id}
    changes.record("comment.changed", SPACE, event.space_id, **ids)


def tell_removal(event: EntryRemoved | EntryHidden) -> None:
    if event.is_post:
        changes.record("post.removed", SPACE, event.space_id, post_id=event.entry_id, space_id=event.space_id)
        return
    ids = {"comment_id": event.entry_id, "post_id": event.thread_id, "space_id": event.space_id}
    changes.record("comment.removed", SPACE, event.space_id, **ids)


def tell_move(event: PostMoved) -> None:
    """Gone from one space, there in the other; whoever reads both keeps it."""
    ids = {"post_id": event.entry_id}
    changes.record("post.removed", SPACE, event.from_space_id, space_id=event.from_space_id, **ids)
    changes.record("post.created", SPACE, event.space_id, space_id=event.space_id, **ids)


def tell_pin(event: PostPinned) -> None:
    changes.record("post.changed", SPACE, event.space_id, post_id=event.entry_id, space_id=event.space_id)


def tell_reactions(event: ReactionsChanged) -> None:
    ids = {"entry_id": event.entry_id, "post_id": event.thread_id, "space_id": event.space_id}
    changes.record("reactions.changed", SPACE, event.space_id, **ids)


def tell_author(
    event: EntryHeld | EntryRuled | EntryCleared | EntryHidden | EntryRestored | EntryRemoved,
) -> None:
    """What isn't public is heard by its author alone."""
    changes.record("entry.state", PERSON, event.author_id, entry_id=event.entry_id, post_id=event.thread_id)


# --- what each name carries when it is told
# -------------------------------------------------------------------


def post_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """A post with its card; nothing when it was taken away meanwhile."""
    entry = queries.brief(payload["post_id"])
    if not _stands(entry, payload):
        return None
    return {**payload, "html": str(cards.one(payload["post_id"]) or "")}


def comment_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """A comment with its HTML and its thread's count; nothing when either was taken away meanwhile."""
    entry, root = queries.brief(payload["comment_id"]), queries.brief(payload["post_id"])
    if not _stands(entry, payload) or not _stands(root, payload) or entry is None or root is None:
        return None
    html = str(cards.comment(payload["comment_id"]) or "")
    return {**payload, "parent_id": entry.parent_id, "comment_count": root.comment_count, "html": html}


def removal_message(payload: dict[str, Any]) -> dict[str, Any]:
    """Only the numbers: there is nothing left to show."""
    return payload


def reactions_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The counts under an entry as they are now."""
    entry = queries.brief(payload["entry_id"])
    return {**payload, "counts": entry.reaction_counts} if entry and _stands(entry, payload) else None


def state_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The state of one's own entry."""
    entry = queries.brief(payload["entry_id"])
    return {**payload, "state": entry.state} if entry else None


def _stands(entry: Any, told: dict[str, Any]) -> bool:
    """Published, and still where those are who hear of it."""
    return entry is not None and entry.state == PUBLISHED and entry.space_id == told["space_id"]
