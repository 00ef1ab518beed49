"""How an entry goes from state to state, who moves it, and what the log and the author hear of it."""

from __future__ import annotations

from app.kernel.machine import Machine, move

AUTHOR, PRODUCT, REVIEWER, APPEAL = "author", "product", "reviewer", "appeal"

ENTRY = Machine(
    move("clear", "held returned", "published", AUTHOR, "entry.edited", live="entry.state"),
    move("hold", "held returned", "held", AUTHOR, "entry.edited", tells="held"),
    move("withdraw", "held returned rejected", "withdrawn", AUTHOR, "entry.withdrawn", live="entry.state"),
    move("delete", "published", "deleted", AUTHOR, "entry.deleted", live="post.removed"),
    move("release", "held", "published", REVIEWER, "item.decided", tells="decided", live="post.created"),
    move("return", "held", "returned", REVIEWER, "item.decided", tells="decided", live="entry.state"),
    move("reject", "held", "rejected", REVIEWER, "item.decided", tells="decided", live="entry.state"),
    move("hide", "published", "hidden_pending", PRODUCT, "entry.hidden", live="post.removed"),
    move("restore", "hidden_pending", "published", REVIEWER, "item.decided", live="post.created"),
    move(
        "remove", "published hidden_pending", "removed", REVIEWER, "item.decided",
        tells="decided", live="entry.state",
    ),
    # Taken back within ten minutes by whoever decided: as if it had never been.
    move("hold_again", "published returned rejected", "held", REVIEWER, "item.undone", tells="undone"),
    move("hide_again", "published removed", "hidden_pending", REVIEWER, "item.undone"),
    move("show_again", "removed", "published", REVIEWER, "item.undone", live="post.created"),
    # Overturned: the original date, and its answers stand under it again.
    move(
        "overturn", "removed rejected returned", "published", APPEAL, "appeal.overturned",
        tells="appeal_decided", live="post.created",
    ),
)  # fmt: skip
