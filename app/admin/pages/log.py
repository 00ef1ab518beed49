"""What was done, by whom."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.admin import actions, queries
from app.admin.pages.guard import query_of
from app.admin.words import speaker
from app.kernel import audit
from app.kernel.http import actor
from app.kernel.inputs import clean
from app.kernel.policy import require
from app.people.policy import can_read_audit

bp = Blueprint("audit", __name__, url_prefix="/audit")
_PAGES = {
    "post": "/posts/",
    "space": "/spaces/",
    "person": "/admin/people/",
    "organisation": "/admin/organisations/",
}


@bp.get("")
def show() -> ResponseReturnValue:
    """The log, newest first, by person, act and subject."""
    return _page(None)


@bp.post("/verify")
def verify() -> ResponseReturnValue:
    """Walk the whole chain and say whether it holds."""
    require(can_read_audit(actor()))
    broken = audit.verify()
    seq = broken.seq if broken else audit.length()
    actions.note_check(broken is None, seq)
    return _page({"is_whole": broken is None, "seq": seq, "why": broken.why if broken else None})


def _page(checked: dict[str, Any] | None) -> str:
    asked = {name: request.args.get(name, "") for name in ("actor", "act", "subject")}
    filters = {name: clean(value, lines=False)[:120] for name, value in asked.items()}
    page = queries.audit_entries(
        actor(),
        who=filters["actor"],
        act=filters["act"],
        subject=filters["subject"],
        after=request.args.get("after"),
    )
    return render_template(
        "admin/audit.html",
        entries=[_entry(row) for row in page.items],
        next=page.next,
        filters=filters,
        query=query_of(filters),
        acts=queries.acts(),
        checked=checked,
    )


def _entry(row: Any) -> dict[str, Any]:
    entry = row.AuditEntry
    who = {"id": entry.actor_id, "name": row.actor_name or entry.actor_id} if entry.actor_id else None
    return {
        "seq": entry.seq,
        "at": entry.at,
        "act": entry.act,
        "actor": who,
        "speaker": speaker(entry),
        "subject": entry.subject,
        "subject_url": _url(entry.subject),
        "data": queries.data_of(entry),
    }


def _url(subject: str) -> str | None:
    kind, _colon, number = subject.partition(":")
    if subject in ("gate", "company"):
        return f"/admin/{subject}"
    if kind == "person" and not actor().is_admin:
        return f"/people/{number}"
    return f"{_PAGES[kind]}{number}" if kind in _PAGES and number.isdigit() else None
