"""The hours in which moderators work, from which deadlines follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.admin import actions
from app.admin.pages.guard import admin
from app.gate.queries import present
from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.http import form
from app.kernel.inputs import optional, parse, text
from app.moderation import worktime
from app.moderation.priority import BANDS

bp = Blueprint("hours", __name__)
LONGEST_DAYS_OFF = 6_000


@bp.get("/hours")
def hours() -> ResponseReturnValue:
    """What counts, and when something that comes in now would have to be decided."""
    admin()
    return _page(_shown(worktime.stated()), {})


@bp.post("/hours")
def save_hours() -> ResponseReturnValue:
    """Change them; what comes in from now on follows."""
    who, typed = admin(), form()
    try:
        given = parse(
            typed,
            start=text(longest=5, lines=False),
            end=text(longest=5, lines=False),
            zone=optional(text(longest=60, lines=False), ""),
            closed=optional(text(longest=LONGEST_DAYS_OFF), ""),
        )
        days = [day for day in range(7) if typed.get(f"day_{day}")]
        actions.save_working_hours(who, **{**given, "closed": given["closed"].split(), "days": days})
    except Invalid as refusal:
        return _page(typed, refusal.fields), refusal.status
    return redirect("/admin/hours?done=saved", code=303)


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    days = {f"day_{day}": "1" for day in told["days"]}
    return {**told, **days, "closed": "\n".join(told["closed"])}


def _page(typed: dict[str, Any], errors: dict[str, str]) -> str:
    now, working = clock.now(), worktime.company()
    return render_template(
        "admin/hours.html",
        form=typed,
        errors=errors,
        zone=str(present().zone),
        holidays=len(present().holidays.dates) + len(present().holidays.yearly),
        due=[(band, worktime.add(now, band, working).astimezone(working.zone)) for _least, band in BANDS],
        is_far=any(worktime.add(now, band, working) - now > timedelta(days=30) for _least, band in BANDS),
    )
