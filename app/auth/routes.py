from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth import actions, factors, identity, outside, passkeys, passwords, stepup
from app.auth.entering import enter
from app.auth.oidc import Attempt, Client, Refused
from app.auth.passkeys import Question
from app.auth.queries import reset_link_of
from app.kernel import clock
from app.kernel.errors import AppError, Invalid, NotFound, TooMany, Unavailable
from app.kernel.http import (
    actor,
    actor_or_none,
    address,
    always,
    any_site,
    for_suspended,
    local_path,
    public,
)
from app.kernel.inputs import parse, text
from app.people.actor import PROOF_LASTS, Actor

if TYPE_CHECKING:
    from app.auth.directory.company import Company

bp = Blueprint("auth", __name__)
bp.register_blueprint(stepup.bp)
COMPANY = "company"
_log = logging.getLogger(__name__)
_UNFIT = (Invalid, TooMany)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The form; somebody already signed in goes on."""
    onward = local_path(request.args.get("next"))
    if actor_or_none():
        return redirect(onward, code=303)
    return _page(onward)


@bp.post("/sign-in")
@public
def create_session() -> ResponseReturnValue:
    """Open a session, or ask for the second factor of those who have one."""
    onward, typed = local_path(request.form.get("next")), request.form.get("login", "")
    locally, company = current_app.config["SETTINGS"].passwords, _directory()
    if not locally and company is None:
        raise NotFound
    try:
        given = parse(request.form, login=text(longest=254, lines=False))
        password = request.form.get("password", "")[:200]
        elsewhere = partial(outside.by_directory, company, address=address()) if company else None
        who = actions.check_password(
            given["login"], password, address=address(), locally=locally, elsewhere=elsewhere
        )
    except (*_UNFIT, Unavailable) as refusal:
        return _again(_page(onward, typed[:254], refusal), refusal)
    if factors.factors_of(who.id):
        return _ask_second(who, onward)
    return enter(who, onward, login=given["login"])


@bp.get("/sign-in/code")
@public
def second_step() -> ResponseReturnValue:
    """The second factor, for somebody who has just proved the first."""
    onward, who = local_path(request.args.get("next")), identity.halfway(request)
    if who is None:
        return redirect("/sign-in", code=303)
    return _second_page(who, onward)


@bp.post("/sign-in/code")
@public
def check_code() -> ResponseReturnValue:
    """A code from the authenticator or the recovery list."""
    return _second(lambda who: factors.spend_code(who.id, request.form.get("code", "")[:40]))


@bp.post("/sign-in/passkey")
@public
def check_passkey() -> ResponseReturnValue:
    """What the browser answers with a passkey."""
    answer, token = request.form.get("answer", "")[:20_000], request.form.get("token", "")[:1_000]
    return _second(lambda who: factors.spend_passkey(who.id, identity.own_site(), answer=answer, token=token))


@bp.get("/sign-in/oidc/company")
@public
def go_to_provider() -> ResponseReturnValue:
    """Off to the company's identity provider."""
    attempt = Attempt.new(local_path(request.args.get("next")), is_proof=request.args.get("proof") == "1")
    try:
        response = make_response(redirect(_client().way_there(attempt, _back()), code=303))
    except Refused as problem:
        return _not_vouched_for(problem)
    identity.remember_attempt(response, attempt.parts())
    return response


@bp.get("/sign-in/oidc/company/callback")
@public
def come_back() -> ResponseReturnValue:
    """And back: whoever the provider vouches for gets a session."""
    client, parts = _client(), identity.attempt(request)
    try:
        attempt = Attempt(**parts) if parts else Attempt("", "", "", "/")
        claims = client.come_back(attempt, _back(), request.args) if parts else _no_attempt()
        who = outside.recognise(client.provider, claims, address=address())
    except Refused as problem:
        return _not_vouched_for(problem)
    except Invalid as refusal:
        return _again(_page("/", refusal=refusal), refusal)
    response = enter(
        who,
        attempt.onward,
        login=who.login,
        second_factor=claims.is_strong,
        sid=claims.sid,
        proven=claims.proved_at > clock.now().timestamp() - PROOF_LASTS.total_seconds(),
    )
    identity.forget_attempt(response)
    return response


@bp.post("/sign-in/oidc/company/logout")
@public
@any_site
def signed_out_elsewhere() -> ResponseReturnValue:
    """The provider says that somebody signed out there (back-channel logout)."""
    client = _client()
    try:
        subject, sid = client.signed_out(request.form.get("logout_token", "")[:20_000])
    except Refused as problem:
        _log.warning("a logout was not accepted: %s", problem)
        return {"error": "invalid_request"}, 400
    outside.end_by_provider(client.provider, subject, sid)
    return "", 200


@bp.get("/reset/<secret>")
@public
def reset_form(secret: str) -> ResponseReturnValue:
    """The form of a new password, for whoever was given a link."""
    if reset_link_of(secret) is None:
        return _dead_link()
    return _reset_page()


@bp.post("/reset/<secret>")
@public
def reset(secret: str) -> ResponseReturnValue:
    """Choose it, once; signing in comes after, with the second factor of those who have one."""
    try:
        actions.reset_password(secret, passwords.typed_twice(request.form), address=address())
    except Invalid as refusal:
        return _again(_reset_page(refusal.fields), refusal)
    except NotFound:
        return _dead_link()
    return redirect("/sign-in?done=reset", code=303)


@bp.post("/sign-out")
@always
@for_suspended
def end_session() -> ResponseReturnValue:
    """Close this session, here, on the server, and at the provider that opened it."""
    session_id, elsewhere = actor().session_id, None
    if session_id is not None:
        elsewhere = outside.opened_at_provider(session_id)
        actions.end_session(actor(), session_id)
    response = make_response(redirect(_way_out() if elsewhere else "/sign-in", code=303))
    identity.forget(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _directory() -> Company | None:
    return cast("Company | None", current_app.config["DIRECTORY"])


def _reset_page(errors: dict[str, str] | None = None) -> str:
    return render_template("auth/reset.html", shortest=passwords.SHORTEST, errors=errors or {})


def _dead_link() -> ResponseReturnValue:
    return render_template("auth/dead_link.html"), NotFound.status


def _provider() -> Client | None:
    return cast("Client | None", current_app.config["OIDC"])


def _client() -> Client:
    client = _provider()
    if client is None:
        raise NotFound
    return client


def _back() -> str:
    return f"{current_app.config['ORIGINS'].public}/sign-in/oidc/{COMPANY}/callback"


def _way_out() -> str:
    try:
        return _client().way_out(f"{current_app.config['ORIGINS'].public}/sign-in") or "/sign-in"
    except (Refused, NotFound):
        return "/sign-in"


def _no_attempt() -> NoReturn:
    raise Refused("no attempt in this browser, or too old")


def _not_vouched_for(problem: Refused) -> Response:
    """Why is for the log; the person is told to try again."""
    _log.warning("the identity provider didn't vouch for anybody: %s", problem)
    refusal = Unavailable(
        _("Your company’s sign-in service didn’t confirm who you are. Try again in a moment.")
    )
    return _again(_page("/", refusal=refusal), refusal)


def _second(prove: Any) -> ResponseReturnValue:
    onward, who = local_path(request.form.get("next")), identity.halfway(request)
    if who is None:
        return _again(_page(onward, refusal=Invalid(_("This took too long. Sign in again."))), Invalid())
    try:
        actions.check_second(who, lambda: bool(prove(who)), address=address())
    except _UNFIT as refusal:
        return _again(_second_page(who, onward, refusal), refusal)
    return enter(who, onward, login=who.login, second_factor=True)


def _ask_second(who: Actor, onward: str) -> Response:
    response = make_response(redirect(f"/sign-in/code?next={quote(onward)}", code=303))
    identity.remember_halfway(response, who)
    return response


def _again(page: str, refusal: AppError) -> Response:
    response = make_response(page, refusal.status)
    if "retry_after" in refusal.data:
        response.headers["Retry-After"] = str(refusal.data["retry_after"])
    return response


def _page(onward: str, login: str = "", refusal: AppError | None = None) -> str:
    return render_template(
        "auth/sign_in.html",
        step="password",
        next=onward,
        login=login,
        providers=[{"key": COMPANY, "label": provider.provider.label}] if (provider := _provider()) else [],
        password_allowed=current_app.config["SETTINGS"].passwords,
        directory=_directory() is not None,
        **_said(refusal),
    )


def _second_page(who: Actor, onward: str, refusal: AppError | None = None) -> str:
    mine, question = factors.factors_of(who.id), Question.new()
    known = [passkey.credential for passkey in mine.passkeys]
    asked = {
        "options": passkeys.to_answer(question, identity.own_site(), known),
        "token": question.sealed(who.id),
    }
    return render_template(
        "auth/sign_in.html",
        step="code",
        next=onward,
        has_codes=mine.authenticator or mine.codes_left > 0,
        passkey=asked if known else None,
        **_said(refusal),
    )


def _said(refusal: AppError | None) -> dict[str, str | None]:
    waits = isinstance(refusal, TooMany)
    return {
        "error": str(refusal) if refusal and not waits else None,
        "wait": str(refusal) if waits else None,
    }
