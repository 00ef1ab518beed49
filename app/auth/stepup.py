"""Proving again who one is before something heavy: a factor, else the password, unless it was just done.

What was being sent is carried through the page that asks, and sent on once the proof holds (307, so that the
browser sends it again as it was). Programs with a token are let through: a token is made after such a proof,
and nobody is there to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.auth import actions, factors, identity, outside, passkeys
from app.auth.models import DIRECTORY
from app.auth.passkeys import Question
from app.auth.queries import is_linked
from app.kernel.errors import AppError, Invalid, ProofNeeded, TooMany
from app.kernel.http import (
    OURS,
    PROOF,
    actor,
    actor_or_none,
    address,
    answers_anew,
    for_unproven,
    is_fragment,
    is_heavy_now,
    local_path,
    wants_json,
)
from app.people.actor import Actor

bp = Blueprint("stepup", __name__, url_prefix="/proof")
SECRETS = frozenset({"password", "again", "current", "new"})  # never put into a page, not even one's own
_UNFIT = (Invalid, TooMany)


def require() -> ResponseReturnValue | None:
    """Ask whoever is about to do something heavy, unless they proved themselves within ten minutes."""
    who = actor_or_none()
    if who is None or who.session_id is None or who.has_just_proved or not is_heavy_now():
        return None
    if wants_json() or is_fragment():
        raise ProofNeeded
    here = local_path(request.full_path.rstrip("?"))
    if request.method == "GET":
        return redirect(f"/proof?next={quote(here)}", code=303)
    return _page(here, sends=True), ProofNeeded.status


@bp.get("")
@for_unproven
def ask() -> ResponseReturnValue:
    """On the way to a page that is heavy to read."""
    onward = local_path(request.args.get("next"))
    return redirect(onward, code=303) if actor().has_just_proved else _page(onward, sends=False)


@bp.post("")
@for_unproven
@answers_anew
def prove() -> ResponseReturnValue:
    """Go on with what one was about to do, in a session with a new secret."""
    onward, sends = local_path(request.form.get(f"{PROOF}onward")), request.form.get(f"{PROOF}sends") == "1"
    secret = None
    if not actor().has_just_proved:
        try:
            secret = actions.prove_again(actor(), _proof(), address=address())
        except _UNFIT as refusal:
            return _again(_page(onward, sends=sends, refusal=refusal), refusal)
    response = make_response(redirect(onward, code=307 if sends and _takes_forms(onward) else 303))
    if secret is not None:
        identity.remember(response, secret)
    return response


def _proof() -> Callable[[], bool]:
    """What was given, as a question whether it holds."""
    who, given = (
        actor(),
        {name: request.form.get(f"{PROOF}{name}", "") for name in ("answer", "token", "code")},
    )
    if given["answer"]:
        answer, token = given["answer"][:20_000], given["token"][:1_000]
        return lambda: factors.spend_passkey(who.id, identity.own_site(), answer=answer, token=token)
    if factors.factors_of(who.id):
        return lambda: factors.spend_code(who.id, given["code"][:40])
    password = request.form.get(f"{PROOF}word", "")[:200]
    return lambda: actions.is_password_of(who.id, password) or _is_directory_password(who, password)


def _is_directory_password(who: Actor, password: str) -> bool:
    company = current_app.config["DIRECTORY"]
    return company is not None and outside.is_directory_password(company, who, password)


def _has_password(who: Actor) -> bool:
    in_directory = current_app.config["DIRECTORY"] is not None and is_linked(who.id, DIRECTORY)
    return in_directory or actions.has_password(who.id)


def _takes_forms(path: str) -> bool:
    """Whether a form can be sent there; else one only goes there."""
    try:
        current_app.url_map.bind("").match(path.partition("?")[0], method="POST")
    except HTTPException:
        return False
    return True


def _page(onward: str, *, sends: bool, refusal: AppError | None = None) -> str:
    who = actor()
    mine, question = factors.factors_of(who.id), Question.new()
    known = [passkey.credential for passkey in mine.passkeys]
    options = passkeys.to_answer(question, identity.own_site(), known) if known else None
    return render_template(
        "auth/proof.html",
        onward=onward,
        sends=sends,
        kept=_kept() if sends else [],
        has_codes=mine.authenticator or mine.codes_left > 0,
        passkey={"options": options, "token": question.sealed(who.id)} if options else None,
        has_password=not mine and _has_password(who),
        provider=_provider_label(),
        error=str(refusal) if refusal else None,
    )


def _kept() -> list[tuple[str, str]]:
    """What was being sent, but for secrets."""
    mine = {*SECRETS, *(OURS - {"idempotency"})}
    return [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in mine and not name.startswith(PROOF)
    ]


def _provider_label() -> str | None:
    provider = current_app.config["OIDC"]
    return provider.provider.label if provider else None


def _again(page: str, refusal: AppError) -> Response:
    response = make_response(page, refusal.status)
    if "retry_after" in refusal.data:
        response.headers["Retry-After"] = str(refusal.data["retry_after"])
    return response
