"""Who is signed in, and from where."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.admin import queries
from app.admin.pages.guard import admin
from app.auth import actions as auth
from app.kernel import sockets

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


@bp.get("")
def index() -> ResponseReturnValue:
    """Sessions that stand, the last seen first."""
    who, q = admin(), request.args.get("q", "")[:120]
    page = queries.sessions(who, q=q, after=request.args.get("after"))
    live = {seat.actor.session_id for seat in list(sockets.seats.values())}
    shown = [_line(row, row.Session.id in live, row.Session.id == who.session_id) for row in page.items]
    return render_template("admin/sessions.html", sessions=shown, next=page.next, filters={"q": q})


@bp.post("/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    """Cut one off."""
    auth.end_session(admin(), session_id, why="cut_by_admin")
    return redirect("/admin/sessions?done=ended", code=303)


def _line(row: Any, is_live: bool, is_current: bool) -> dict[str, Any]:
    session, person = row.Session, row.Person
    return {
        "id": session.id,
        "person": {"id": person.id, "name": person.name, "photo_url": person.photo_url},
        "device": session.device,
        "address": session.address,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "is_live": is_live,
        "is_current": is_current,
    }
