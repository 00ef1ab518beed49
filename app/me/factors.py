"""The page of one's second factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth import codes, factors, passkeys
from app.auth.identity import own_site
from app.auth.passkeys import Question
from app.kernel import settings
from app.kernel.errors import AppError, Conflict, Invalid
from app.kernel.http import actor, for_unproven, heavy
from app.kernel.inputs import parse, text

bp = Blueprint("factors", __name__, url_prefix="/me/second-factor")
_CODE = text(longest=40, lines=False)


@bp.get("")
@for_unproven
def index() -> ResponseReturnValue:
    """What I have beside my password."""
    return _page()


@bp.post("")
@for_unproven
@heavy
def enrol() -> ResponseReturnValue:
    """Keep the authenticator that shows the right code; recovery codes are on this answer only."""
    token = request.form.get("token", "")[:1_000]
    try:
        secret = factors.offered(actor(), token)
    except Invalid as refusal:
        return _page(refusal), 422
    try:
        given = parse(request.form, code=_CODE)
        return _page(made=factors.enrol(actor(), secret=secret, code=given["code"]))
    except (Invalid, Conflict) as refusal:
        return _page(refusal, offer=(secret, token)), refusal.status


@bp.post("/off")
@heavy
def drop() -> ResponseReturnValue:
    """Do without the authenticator."""
    try:
        factors.drop_authenticator(actor(), code=parse(request.form, code=_CODE)["code"])
    except Invalid as refusal:
        return _page(refusal, at="off"), 422
    return redirect("/me/second-factor?done=saved", code=303)


@bp.post("/codes")
@heavy
def renew_codes() -> ResponseReturnValue:
    """A new list of recovery codes."""
    try:
        made = factors.renew_recovery_codes(actor(), code=parse(request.form, present=_CODE)["present"])
    except Invalid as refusal:
        return _page(refusal, at="codes"), 422
    return _page(made=made)


@bp.post("/passkeys")
@for_unproven
@heavy
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that this browser has just made."""
    try:
        given = parse(
            request.form,
            name=text(longest=80, lines=False),
            answer=text(longest=20_000),
            token=text(longest=1_000, lines=False),
        )
        made = factors.add_passkey(actor(), own_site(), **given)
    except (Invalid, Conflict) as refusal:
        return _page(refusal, at="passkeys"), refusal.status
    return _page(made=made) if made else redirect("/me/second-factor?done=saved", code=303)


@bp.post("/passkeys/<int:passkey_id>/remove")
@heavy
def drop_passkey(passkey_id: int) -> ResponseReturnValue:
    """Forget a passkey."""
    factors.drop_passkey(actor(), passkey_id)
    return redirect("/me/second-factor?done=saved", code=303)


def _page(
    refusal: AppError | None = None,
    *,
    at: str = "enrol",
    offer: tuple[str, str] | None = None,
    made: Sequence[str] = (),
) -> str:
    mine, question = factors.factors_of(actor().id), Question.new()
    known = [passkey.credential for passkey in mine.passkeys]
    asked = passkeys.to_register(question, own_site(), actor().id, actor().login, actor().name, known)
    return render_template(
        "me/factors.html",
        mine=mine,
        offer=None if mine.authenticator else _offer(*(offer or factors.offer(actor()))),
        asked={"options": asked, "token": question.sealed(actor().id)},
        made=made,
        at=at,
        errors=_sentences(refusal),
    )


def _offer(secret: str, token: str) -> dict[str, Any]:
    """The secret as a picture to scan and as letters to type, and sealed for the answer."""
    import segno

    named = settings.get("company_name") or current_app.config["SETTINGS"].company or "Parvis"
    scanned = segno.make(codes.address(secret, actor().login, named), error="m")
    return {
        "token": token,
        "picture": scanned.svg_data_uri(scale=5, border=3, light="white"),
        "letters": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
    }


def _sentences(refusal: AppError | None) -> Mapping[str, str]:
    if refusal is None:
        return {}
    return getattr(refusal, "fields", {}) or {"code": str(refusal), "name": str(refusal)}
