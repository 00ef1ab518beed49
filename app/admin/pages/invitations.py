"""Asking people to join, and who was asked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import actions
from app.accounts import queries as accounts
from app.accounts.models import OPEN, WAITS
from app.accounts.terms import LASTS, NewInvitation
from app.admin import queries
from app.admin.pages.guard import admin
from app.auth.identity import own_site
from app.kernel import settings
from app.kernel.errors import Invalid
from app.kernel.http import actor, form, heavy
from app.people.models import EMPLOYEE

bp = Blueprint("invitations", __name__, url_prefix="/people/invitations")
_TEXTS = ("login", "name", "email", "organisation", "sponsor", "ends_on", "site", "networks")
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, ""),
    "segment": EMPLOYEE,
    "spaces": [],
    "approval": "",
    "days": "7",
}


@bp.get("")
def index() -> ResponseReturnValue:
    """Who was asked, and where each invitation has got to."""
    admin()
    return _page()


@bp.post("")
@heavy
def create() -> ResponseReturnValue:
    """Ask somebody; their link is shown on the answer and nowhere else."""
    who = admin()
    typed = {**_BLANK, **form(), "spaces": form().get("spaces[]", [])}
    try:
        made, secret = actions.invite(who, NewInvitation.parse(typed))
    except Invalid as refusal:
        errors = {{"organisation_id": "organisation"}.get(k, k): v for k, v in refusal.fields.items()}
        return _page(form=typed, errors=errors), refusal.status
    return _page(created={"name": made.name, "link": f"{own_site().origin}/join/{secret}"}), 201


@bp.post("/<int:invitation_id>/revoke")
def revoke(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    who = admin()
    actions.revoke(who, accounts.get_invitation(who, invitation_id))
    return redirect("/admin/people/invitations?done=saved", code=303)


@bp.post("/<int:invitation_id>/answer")
def answer(invitation_id: int) -> ResponseReturnValue:
    """Let somebody in who waits, or not."""
    who = admin()
    approved = form().get("answer") == "approve"
    actions.answer(who, accounts.get_invitation(who, invitation_id), approved=approved)
    return redirect("/admin/people/invitations?done=saved", code=303)


def _page(**more: Any) -> str:
    page = accounts.invitations(actor(), after=request.args.get("after"))
    return render_template(
        "admin/invitations.html",
        invitations=[_line(row) for row in page.items],
        next=page.next,
        organisations=[(str(number), name) for number, name in queries.organisation_names()],
        spaces=_spaces(),
        partners=settings.get("partners_enabled", False),
        lasts=LASTS,
        **{"created": None, "form": _BLANK, "errors": {}, **more},
    )


def _spaces() -> list[tuple[str, str, str]]:
    names = dict(queries.organisation_names())
    return [(str(row.id), row.name, names.get(row.organisation_id, "")) for row in accounts.outside_spaces()]


def _line(row: Any) -> dict[str, Any]:
    one = row.Invitation
    return {
        "id": one.id,
        "name": one.name,
        "login": one.login,
        "segment": one.segment,
        "organisation": row.organisation,
        "sponsor": row.sponsor,
        "ends_on": one.ends_on,
        "person_id": one.person_id,
        "state": one.state,
        "expires_at": one.expires_at,
        "can_revoke": one.state == OPEN,
        "waits": one.state == WAITS,
    }
