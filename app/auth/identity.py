"""From a request or a handshake to a person: the cookie of a session, or a bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from flask import Request, Response, current_app
from flask_login import LoginManager

from app.auth.queries import LASTS, actor_of_session, actor_of_token
from app.kernel import keys
from app.people.actor import Actor

login_manager = LoginManager()
login_manager.session_protection = None


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load(request: Request) -> Actor | None:
    """Whom this request acts for."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return actor_of_token(secret.strip()) if request.path.startswith("/api/") else None
    return _of_cookie(request.cookies.get(cookie_name()))


def of_handshake(environ: Mapping[str, Any], auth: Any) -> Actor | None:
    """Whom a socket acts for: a token given with it, or the cookie when one of our own pages opens it."""
    person = _of_handshake(environ, auth)
    return None if person is None or person.is_suspended else person


def _of_handshake(environ: Mapping[str, Any], auth: Any) -> Actor | None:
    token = auth.get("token") if isinstance(auth, dict) else None
    if isinstance(token, str):
        return actor_of_token(token)
    origins = current_app.config["ORIGINS"]
    if not origins.admits(environ.get("HTTP_ORIGIN"), environ):
        return None
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(cookie_name())
    except CookieError:
        return None
    return _of_cookie(cookie.value if cookie else None)


def cookie_name() -> str:
    """Bound to the host by its prefix where the product is reached over TLS."""
    return "__Host-parvis" if current_app.config["IS_SECURE"] else "parvis"


def remember(response: Response, secret: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(),
        f"{secret}.{keys.mac('session', secret)}",
        max_age=int(LASTS.total_seconds()),
        secure=current_app.config["IS_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def forget(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(
        cookie_name(), path="/", secure=current_app.config["IS_SECURE"], httponly=True, samesite="Lax"
    )


def _of_cookie(value: str | None) -> Actor | None:
    secret, _dot, signature = (value or "").rpartition(".")
    if not secret or not keys.same(signature, keys.mac("session", secret)):
        return None
    return actor_of_session(secret)
