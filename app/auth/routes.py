from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth import actions, identity
from app.kernel.errors import AppError, Invalid, TooMany
from app.kernel.http import actor, actor_or_none, address, for_suspended, local_path, public
from app.kernel.inputs import parse, text

bp = Blueprint("auth", __name__)


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
    """Open a session; a new secret each time, whatever the browser had."""
    onward, typed = local_path(request.form.get("next")), request.form.get("login", "")
    try:
        given = parse(request.form, login=text(longest=254, lines=False))
        password = request.form.get("password", "")[:200]
        _who, secret = actions.sign_in(given["login"], password, address=address(), device=_device())
    except (Invalid, TooMany) as refusal:
        response = make_response(_page(onward, typed[:254], refusal), refusal.status)
        if "retry_after" in refusal.data:
            response.headers["Retry-After"] = str(refusal.data["retry_after"])
        return response
    response = make_response(redirect(onward, code=303))
    identity.remember(response, secret)
    return response


@bp.post("/sign-out")
@for_suspended
def end_session() -> ResponseReturnValue:
    """Close this session, here and on the server."""
    session_id = actor().session_id
    if session_id is not None:
        actions.end_session(actor(), session_id)
    response = make_response(redirect("/sign-in", code=303))
    identity.forget(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _page(onward: str, login: str = "", refusal: AppError | None = None) -> str:
    waits = isinstance(refusal, TooMany)
    return render_template(
        "auth/sign_in.html",
        step="password",
        next=onward,
        login=login,
        error=str(refusal) if refusal and not waits else None,
        wait=str(refusal) if waits else None,
        providers=[],
        password_allowed=True,
    )


def _device() -> str:
    return str(request.user_agent.string)[:200]
