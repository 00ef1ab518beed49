"""The form with which readers report, and what they are answered."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter.queries import version_in_force
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.http import actor, form, is_fragment
from app.kernel.inputs import optional, parse, text
from app.kernel.policy import require
from app.kernel.text import excerpt
from app.moderation import actions, queries, signals
from app.moderation.models import Report, ReviewItem
from app.posts.models import Entry
from app.posts.policy import can_report
from app.posts.queries import attachments, get_comment, get_post, revision

reports = Blueprint("reports", __name__)


@reports.get("/posts/<int:post_id>/report")
def report_post(post_id: int) -> ResponseReturnValue:
    """What a post may go against."""
    return _page(get_post(actor(), post_id))


@reports.post("/posts/<int:post_id>/report")
@reports.post("/posts/<int:post_id>/reports", endpoint="send_post_report")
def create_post_report(post_id: int) -> ResponseReturnValue:
    """Tell moderators of a post."""
    return _send(get_post(actor(), post_id))


@reports.get("/comments/<int:comment_id>/report")
def report_comment(comment_id: int) -> ResponseReturnValue:
    """What a comment may go against."""
    return _page(get_comment(actor(), comment_id))


@reports.post("/comments/<int:comment_id>/report")
@reports.post("/comments/<int:comment_id>/reports", endpoint="send_comment_report")
def create_comment_report(comment_id: int) -> ResponseReturnValue:
    """Tell moderators of a comment."""
    return _send(get_comment(actor(), comment_id))


@reports.get("/reports/<int:report_id>")
def reported(report_id: int) -> ResponseReturnValue:
    """One's own report: received, or answered already."""
    return _answer(queries.get_report(actor(), report_id))


def _send(entry: Entry) -> ResponseReturnValue:
    try:
        given = parse(
            form(),
            clause=optional(text(longest=12, lines=False), ""),
            comment=optional(text(longest=signals.LONGEST_COMMENT), ""),
            part=optional(text(longest=80, lines=False), ""),
        )
        made = actions.report(actor(), entry, **given)
    except Invalid as refusal:
        if is_fragment():
            raise
        return make_response(_page(entry, refusal.fields), 422)
    if is_fragment() and made.outcome is None:
        thanks = _("Thank you. A moderator will look at it and you will be told.")
        return render_template("layouts/_flash.html", flash={"tone": "good", "text": thanks, "undo": None})
    return redirect(f"/reports/{made.id}", code=303)


def _page(entry: Entry, errors: dict[str, str] | None = None) -> str:
    require(can_report(actor(), entry), _("Only what others published can be reported."))
    template = "posts/_report.html" if is_fragment() else "posts/report.html"
    return render_template(template, report=_view(entry, errors or {}))


def _view(entry: Entry, errors: dict[str, str]) -> dict[str, Any]:
    shown = revision(entry)
    typed = form() if errors else {}
    files = attachments([shown.id]).get(shown.id, [])
    return {
        "action": f"/{entry.kind}s/{entry.id}/reports",
        "back": _back(entry),
        "kind": entry.kind,
        "quote": excerpt(shown.body_html),
        "author_name": queries.name_of(entry.author_id),
        "articles": _articles(),
        "has_picture": any(file.kind == "image" for file in files),
        "files": [(f"file:{file.id}", file.alt or file.name) for file in files],
        "part": typed.get("part") or f"file:{request.args.get('file', '')}",
        "clause": typed.get("clause"),
        "comment": typed.get("comment", ""),
        "errors": errors,
    }


def _articles() -> list[dict[str, Any]]:
    version = version_in_force()
    title = f"title_{'en' if actor().locale == 'en' else 'fr'}"
    return [
        {
            "title": getattr(article, title),
            "clauses": [{"number": c.number, "title": getattr(c, title)} for c in article.clauses],
        }
        for article in (version.articles if version else [])
    ]


def _back(entry: Entry) -> str:
    return f"/posts/{entry.id}" if entry.is_post else f"/posts/{entry.root_id}#comment-{entry.id}"


def _answer(made: Report) -> str:
    entry = db.session.get_one(Entry, made.entry_id)
    decision = queries.answer_to(made)
    return render_template(
        "posts/reported.html", decision=decision and _told(decision), back=_back(entry), hours=_hours(made)
    )


def _told(decision: Any) -> dict[str, Any]:
    """A decision as those who reported learn it: not who took it."""
    return {"outcome": decision.outcome, "clause": decision.clause, "reason": decision.reason,
            "at": decision.created_at}  # fmt: skip


def _hours(made: Report) -> int | None:
    item = db.session.get(ReviewItem, made.item_id or 0)
    if item is None or made.outcome is not None:
        return None
    return max(1, math.ceil((item.deadline - clock.now()).total_seconds() / 3600))
