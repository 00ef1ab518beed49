"""What moderators keep: words for decisions, named filters, and measures in force."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor
from app.kernel.policy import require
from app.moderation import desk, ground
from app.moderation.policy import can_keep_replies
from app.moderation.screen import field, query, require_reviewer, sent_filters

keeping = Blueprint("keeping", __name__)
_FIELDS = ("label_fr", "label_en", "text_fr", "text_en")


@keeping.get("/moderation/replies")
def replies() -> ResponseReturnValue:
    """Words for decisions, in both languages."""
    return _replies_page()


@keeping.get("/moderation/replies/<int:reply_id>")
def reply(reply_id: int) -> ResponseReturnValue:
    """One of them, to be changed."""
    return _replies_page(reply_id)


@keeping.post("/moderation/replies")
@keeping.post("/moderation/replies/<int:reply_id>", endpoint="change_reply")
def save_reply(reply_id: int | None = None) -> ResponseReturnValue:
    """Keep them."""
    _require_keeper()
    typed = {name: field(name) for name in ("about", *_FIELDS)}
    try:
        desk.save_reply(
            actor(),
            reply_id,
            about=typed["about"],
            label={"fr": typed["label_fr"], "en": typed["label_en"]},
            text={"fr": typed["text_fr"], "en": typed["text_en"]},
        )
    except Invalid as refusal:
        return _replies_page(reply_id, typed, refusal.fields), 422
    return redirect("/moderation/replies?done=saved", code=303)


@keeping.post("/moderation/replies/<int:reply_id>/removal")
def drop_reply(reply_id: int) -> ResponseReturnValue:
    """Keep them no longer."""
    _require_keeper()
    desk.drop_reply(actor(), reply_id)
    return redirect("/moderation/replies?done=deleted", code=303)


@keeping.post("/moderation/replies/first")
def first_replies() -> ResponseReturnValue:
    """Begin with the words that come with the product."""
    _require_keeper()
    desk.bring_first_replies(actor())
    return redirect("/moderation/replies?done=saved", code=303)


@keeping.post("/moderation/views")
def save_view() -> ResponseReturnValue:
    """Keep the present filters under a name."""
    require_reviewer()
    filters = query(sent_filters())
    desk.save_view(actor(), name=field("name"), query=filters)
    return redirect(f"/moderation?{filters}" if filters else "/moderation", code=303)


@keeping.post("/moderation/views/<int:view_id>/removal")
def drop_view(view_id: int) -> ResponseReturnValue:
    """Forget one."""
    require_reviewer()
    desk.drop_view(actor(), view_id)
    return redirect("/moderation?done=deleted", code=303)


@keeping.get("/moderation/measures")
def measures() -> ResponseReturnValue:
    """What is in force for people in the spaces one reviews, and what waits for a second person."""
    require_reviewer()
    return render_template("moderation/measures.html", measures=ground.measures_seen_by(actor()))


def _require_keeper() -> None:
    require_reviewer()
    require(can_keep_replies(actor()))


def _replies_page(
    reply_id: int | None = None, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> str:
    _require_keeper()
    kept = desk.all_replies(actor())
    chosen = next((one for one in kept if one.id == reply_id), None)
    if reply_id is not None and chosen is None:
        raise NotFound
    written = {name: getattr(chosen, name, "") for name in ("about", *_FIELDS)}
    return render_template(
        "moderation/replies.html",
        replies=kept,
        reply_id=reply_id,
        form=typed or {**written, "about": written["about"] or "held"},
        errors=errors or {},
    )
