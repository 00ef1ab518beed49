from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, to_user_timezone
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.http import actor
from app.kernel.inputs import optional, parse, whole
from app.notifications import actions, queries
from app.notifications.queries import Told

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
