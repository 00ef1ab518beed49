from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth import actions as auth
from app.auth import passwords, throttle
from app.auth.actions import MOST_TOKENS
from app.auth.queries import sessions_of, tokens_of
from app.files import actions as files
from app.files.models import File
from app.gate import actions as gate
from app.gate import queries as gate_queries
from app.gate import quiet, words
from app.gate.book import OFF
from app.gate.hours import write_minute
from app.kernel import clock
from app.kernel.errors import AppError, Conflict, Invalid, TooLarge, TooMany, Unavailable
from app.kernel.http import actor, address, for_suspended, form, heavy, is_fragment
from app.kernel.inputs import parse, text
from app.me import actions, factors, queries
from app.me.inputs import Mine, NewToken, Quiet, time_zones
from app.people.queries import get_person
from app.posts import actions as posts_actions
from app.posts import cards
from app.posts import queries as posts

bp = Blueprint("me", __name__)
bp.register_blueprint(factors.bp)
_TYPED = frozenset({"title", "about", "skills", "locale", "theme", "time_zone"})
_UNFIT = (Invalid, TooLarge, TooMany, Unavailable)


@bp.get("/me")
def index() -> ResponseReturnValue:
    """My profile and how Parvis looks for me."""
    return _profile_page()


@bp.post("/me")
def save() -> ResponseReturnValue:
    """Change them; a refusal shows the form again with what was written."""
    given = form()
    try:
        mine = Mine.parse(given)
        actions.save_profile(actor(), mine, photo=_photo())
    except Conflict as refusal:
        return _profile_page(given, {"title": str(refusal)}), 409
    except Invalid as refusal:
        return _profile_page(given, refusal.fields), 422
    return redirect("/me?done=saved", code=303)


@bp.get("/me/sessions")
def sessions() -> ResponseReturnValue:
    """Where I am signed in, this device first."""
    here = actor().session_id
    rows = [
        {
            "id": session.id,
            "device": session.device,
            "address": session.address,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "expires_at": session.expires_at,
            "is_current": session.id == here,
        }
        for session in sessions_of(actor().id)
    ]
    return render_template("me/sessions.html", sessions=sorted(rows, key=lambda row: not row["is_current"]))


@bp.post("/me/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """Cut a device off."""
    actions.cut_off(actor(), session_id)
    return redirect("/me/sessions?done=ended", code=303)


@bp.post("/me/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """Cut off every device but this one."""
    actions.cut_off_others(actor())
    return redirect("/me/sessions?done=ended", code=303)


@bp.get("/me/tokens")
def tokens() -> ResponseReturnValue:
    """Keys for programs that act in my name."""
    return _tokens_page()


@bp.post("/me/tokens")
@heavy
def create_token() -> ResponseReturnValue:
    """Make one; its secret is shown on this answer and nowhere else."""
    given = form()
    try:
        new = NewToken.parse(given)
        if len(tokens_of(actor().id)) >= MOST_TOKENS:
            raise Invalid(fields={"name": _("You have many tokens. Revoke one you no longer use first.")})
    except Invalid as refusal:
        return _tokens_page(given, refusal.fields), 422
    until = clock.now() + timedelta(days=new.days)
    secret = auth.make_token(actor(), actor().id, name=new.name, expires_at=until)
    return _tokens_page(created={"name": new.name, "secret": secret})


@bp.post("/me/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Programs can't use it any more."""
    actions.revoke(actor(), token_id)
    return redirect("/me/tokens?done=revoked", code=303)


@bp.get("/me/password")
@heavy
def password() -> ResponseReturnValue:
    """The form of a new password."""
    return _password_page({})


@bp.post("/me/password")
@heavy
def change_password() -> ResponseReturnValue:
    """Change it, proving the present one; other devices are signed out."""
    wait = throttle.wait_seconds(actor().login, address())
    if wait:
        raise TooMany(retry_after=wait)
    try:
        given = parse(request.form, current=passwords.typed(), new=passwords.typed(), again=passwords.typed())
        if given["new"] != given["again"]:
            raise Invalid(fields={"again": _("These two aren’t the same.")})
        auth.change_password(actor(), get_person(actor().id), old=given["current"], new=given["new"])
    except Invalid as refusal:
        return _password_page(_password_errors(refusal)), 422
    return redirect("/me/password?done=password", code=303)


@bp.get("/me/quiet")
def quiet_hours() -> ResponseReturnValue:
    """When nothing rings for me."""
    return _quiet_page()


@bp.post("/me/quiet")
def keep_quiet() -> ResponseReturnValue:
    """Change my own quiet hours; the company's stay."""
    given = form()
    try:
        hours = Quiet.parse(given)
        gate.keep_quiet(actor(), begin=hours.begin, end=hours.end, weekends=hours.weekends)
    except Invalid as refusal:
        return _quiet_page(given, refusal.fields), 422
    return redirect("/me/quiet?done=saved", code=303)


@bp.get("/me/charter")
@for_suspended
def charter() -> ResponseReturnValue:
    """What the charter recorded about me, and what became of my reports."""
    page = queries.recorded(actor(), after=request.args.get("after"))
    return render_template(
        "me/charter.html",
        entries=page.items,
        next=page.next,
        measures=queries.measures(actor()),
        reports=queries.reports(actor()),
        accepted=queries.accepted(actor()),
    )


@bp.get("/me/drafts")
def drafts() -> ResponseReturnValue:
    """What I was writing and have not sent."""
    return render_template("me/drafts.html", drafts=queries.unsent(actor(), posts.drafts(actor())))


@bp.post("/me/drafts/discard")
def discard_draft() -> ResponseReturnValue:
    """Forget one of them."""
    given = parse(request.form, place=text(longest=60, lines=False))
    posts_actions.save_draft(actor(), given["place"], {})
    return redirect("/me/drafts?done=deleted", code=303)


@bp.get("/saved")
def saved() -> ResponseReturnValue:
    """What I keep to find again."""
    page = posts.bookmarked(actor(), after=request.args.get("after"))
    context = {"cards": cards.html(page.items), "marks": posts.marks(actor(), page.items), "next": page.next}
    if is_fragment():
        return render_template("posts/_saved.html", fragment=True, **context)
    return render_template("posts/saved.html", **context)


def _photo() -> File | None:
    """The picture sent, kept as one's own; nothing holds it yet."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        return None
    try:
        return files.upload(actor(), sent.stream, sent.filename)
    except _UNFIT as refusal:
        raise Invalid(fields={"photo": _sentence(refusal)}) from refusal


def _sentence(refusal: AppError) -> str:
    return " ".join(getattr(refusal, "fields", {}).values()) or str(refusal)


def _profile_page(given: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None) -> str:
    me = get_person(actor().id)
    shown = {
        field: getattr(me, field)
        for field in ("id", "name", "login", "email", "photo_url", "version", "skills", *sorted(_TYPED))
    }
    typed = {field: str(value) for field, value in (given or {}).items() if field in _TYPED}
    if "skills" in typed:
        shown["skills"] = [one.strip() for one in typed.pop("skills").split(",") if one.strip()]
    zones = [(name, name.replace("_", " ")) for name in time_zones()]
    return render_template("me/index.html", person={**shown, **typed}, time_zones=zones, errors=errors or {})


def _quiet_page(given: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None) -> str:
    own, book = quiet.of(actor().id), gate_queries.present()
    typed = given or {
        "begin": write_minute(own.begin) if own and own.begin != own.end else "",
        "end": write_minute(own.end) if own and own.begin != own.end else "",
        "weekends": "1" if own and own.weekends else "",
    }
    return render_template(
        "me/quiet.html",
        form=typed,
        work=words.hours(book.access.hours) if book.access.hours and book.access.mode != OFF else "",
        zone=str(book.zone),
        is_on_duty=book.access.exempts(actor()),
        is_quiet=quiet.is_quiet(actor()),
        errors=errors or {},
    )


def _tokens_page(
    given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    created: Mapping[str, str] | None = None,
) -> str:
    typed = {"name": (given or {}).get("name", ""), "days": (given or {}).get("days", "90")}
    mine = tokens_of(actor().id)
    return render_template("me/tokens.html", tokens=mine, created=created, form=typed, errors=errors or {})


def _password_page(errors: Mapping[str, str]) -> str:
    return render_template("me/password.html", shortest=passwords.SHORTEST, errors=errors)


def _password_errors(refusal: Invalid) -> dict[str, str]:
    """By the names of the form; a wrong present password counts like a failed sign-in."""
    if "old" in refusal.fields:
        auth.record_failure(actor().login, address())
    names = {"old": "current", "password": "new"}
    return {names.get(field, field): sentence for field, sentence in refusal.fields.items()}
