from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, to_user_timezone
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.http import actor
from app.kernel.inputs import optional, parse, text, whole
from app.kernel.policy import require
from app.notifications import actions, queries
from app.notifications.queries import Told
from app.posts.models import Entry
from app.posts.policy import can_declare_urgent
from app.posts.queries import get_post

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
def index() -> ResponseReturnValue:
    """What concerns me, newest first."""
    page = queries.notifications(actor(), after=request.args.get("after"))
    latest = page.items[0].id if page.items else None
    return render_template(
        "notifications/index.html",
        days=_by_day(page.items),
        next=page.next,
        unread=queries.unread(actor()),
        latest=latest,
    )


@bp.get("/posts/<int:post_id>/urgency")
def urgency(post_id: int) -> ResponseReturnValue:
    """Why an announcement can't wait."""
    entry = get_post(actor(), post_id)
    require(can_declare_urgent(actor(), entry))
    return _urgency_page(entry)


@bp.post("/posts/<int:post_id>/urgency")
def declare_urgent(post_id: int) -> ResponseReturnValue:
    """Ring for those at rest too; the reason is kept."""
    entry = get_post(actor(), post_id)
    try:
        motive = parse(request.form, motive=text(longest=300, shortest=10, lines=False))["motive"]
    except Invalid as refusal:
        return _urgency_page(entry, request.form.get("motive", "")[:300], refusal.fields), 422
    actions.declare_urgent(actor(), entry, motive=motive)
    return redirect(f"/posts/{entry.id}?done=saved", code=303)


@bp.get("/notifications/list")
def listed() -> ResponseReturnValue:
    """The first page alone, for a page that is open."""
    page = queries.notifications(actor(), after=request.args.get("after"))
    return render_template("notifications/_list.html", days=_by_day(page.items), next=page.next)


@bp.post("/notifications/read")
def read() -> ResponseReturnValue:
    """Take one line as read, or everything until one."""
    given = parse(request.form, id=optional(whole()), up_to=optional(whole()))
    if given["id"] is not None:
        actions.mark_read(actor(), line=queries.get_notification(actor(), given["id"]))
    elif given["up_to"] is not None:
        actions.mark_read(actor(), up_to=queries.get_notification(actor(), given["up_to"]))
    return redirect("/notifications", code=303)


def _by_day(lines: Sequence[Told]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: dict[Any, list[dict[str, Any]]] = {}
    for line in lines:
        days.setdefault(to_user_timezone(line.at).date(), []).append(_shown(line))
    today = to_user_timezone(clock.now()).date()
    return [(_day(day, today), items) for day, items in sorted(days.items(), reverse=True)]


def _day(day: Any, today: Any) -> str:
    if day == today:
        return _("Today")
    if (today - day).days == 1:
        return _("Yesterday")
    return str(format_date(day, "full", rebase=False))


def _shown(line: Told) -> dict[str, Any]:
    return {
        "id": line.id,
        "icon": line.icon,
        "people": line.people,
        "text": line.text,
        "excerpt": line.words,
        "url": line.url,
        "at": line.at,
        "is_unread": line.is_unread,
    }


def _urgency_page(entry: Entry, motive: str = "", errors: dict[str, str] | None = None) -> str:
    return render_template("notifications/urgency.html", post_id=entry.id, motive=motive, errors=errors or {})
