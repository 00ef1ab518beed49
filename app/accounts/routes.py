from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.accounts import actions, stays
from app.accounts.models import Invitation
from app.accounts.queries import get_invitation, last_day, open_invitation, waiting_for
from app.auth import passwords
from app.auth.entering import enter
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, address, form, public
from app.kernel.inputs import choice, day, parse
from app.people.actor import of_person
from app.people.models import LOCALES

bp = Blueprint("accounts", __name__)


@bp.get("/join/<secret>")
@public
def join_form(secret: str) -> ResponseReturnValue:
    """What whoever was invited chooses for themselves."""
    try:
        return _join_page(open_invitation(secret))
    except NotFound:
        return _dead_link()


@bp.post("/join/<secret>")
@public
def join(secret: str) -> ResponseReturnValue:
    """Come in, once; where somebody has yet to agree, the account waits."""
    try:
        asked = open_invitation(secret)
        return _joined(secret, asked)
    except NotFound:
        return _dead_link()


@bp.get("/guests")
def guests() -> ResponseReturnValue:
    """Partners I answer for: until when they stay, and who waits for me to agree."""
    return _guests_page()


@bp.post("/guests/<int:person_id>/stay")
def change_stay(person_id: int) -> ResponseReturnValue:
    """Say until when a partner stays."""
    person = stays.get_guest(actor(), person_id)
    try:
        stays.extend(actor(), person, parse(form(), ends_on=day())["ends_on"])
    except Invalid as refusal:
        return _guests_page({person_id: refusal.fields["ends_on"]}), refusal.status
    return redirect("/guests?done=saved", code=303)


@bp.post("/guests/invitations/<int:invitation_id>/answer")
def answer(invitation_id: int) -> ResponseReturnValue:
    """Let somebody in who waits, or not."""
    asked, approved = get_invitation(actor(), invitation_id), form().get("answer") == "approve"
    actions.answer(actor(), asked, approved=approved)
    return redirect("/guests?done=saved", code=303)


def _joined(secret: str, asked: Invitation) -> ResponseReturnValue:
    try:
        given = parse(request.form, locale=choice(*LOCALES))
        password = passwords.typed_twice(request.form)
        person, works = actions.accept(secret, password=password, locale=given["locale"], address=address())
    except Invalid as refusal:
        return _join_page(asked, refusal.fields), refusal.status
    who = of_person(person.id)
    if not works or who is None:
        return redirect("/sign-in?done=waits", code=303)
    return enter(who, "/", login=who.login)


def _guests_page(problems: dict[int, str] | None = None) -> str:
    if actor().is_partner:
        raise NotFound
    return render_template(
        "accounts/guests.html",
        guests=[
            {
                "id": one.id,
                "name": one.name,
                "photo_url": one.photo_url,
                "ends_on": last_day(one.ends_at) if one.ends_at else None,
                "problem": (problems or {}).get(one.id),
            }
            for one in stays.guests_of(actor())
        ],
        waiting=[
            {"id": row.Invitation.id, "name": row.Invitation.name, "organisation": row.organisation}
            for row in waiting_for(actor())
        ],
    )


def _join_page(asked: Invitation, errors: dict[str, str] | None = None) -> str:
    chosen: Any = request.form.get("locale")
    return render_template(
        "accounts/join.html",
        name=asked.name,
        login=asked.login,
        chosen=chosen if chosen in LOCALES else str(get_locale()),
        shortest=passwords.SHORTEST,
        errors=errors or {},
    )


def _dead_link() -> ResponseReturnValue:
    return render_template("auth/dead_link.html"), NotFound.status
