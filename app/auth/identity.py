"""From a request or a handshake to a person: the cookie of a session, or a bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any

from flask import Flask, Request, Response, current_app, g, request
from flask_login import LoginManager

from app.auth.queries import LASTS, actor_of_session, actor_of_token, standing_actor
from app.gate import queries as gate
from app.gate.address import Address
from app.gate.book import Standing
from app.gate.wall import ASIDE, Aside
from app.kernel import keys
from app.kernel.db import db
from app.kernel.errors import Closed, Outside, ReadOnly, SecondFactorNeeded
from app.kernel.http import UNSAFE, actor_or_none
from app.people.actor import Actor

login_manager = LoginManager()
login_manager.session_protection = None


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load(request: Request) -> Actor | None:
    """Whom this request acts for: nobody, when the gate doesn't let them in from where they are."""
    who = _who(request)
    if who is None:
        return None
    g.standing = gate.standing(who, request.environ.get("parvis.address"))
    return None if g.standing.is_outside else who


def guard() -> None:
    """Refuse whom the gate doesn't let in, or not so far; who is asked for nothing is nobody yet."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "is_public", False):
        return
    who, standing = actor_or_none(), g.get("standing")
    if standing is not None and (standing.is_outside or not getattr(view, "is_always_open", False)):
        _demand(standing)
    if who is not None:
        seat = (current_app._get_current_object(), who, request.environ.get("parvis.address"))  # type: ignore[attr-defined]
        _aside().may_go_on = partial(_may_still, *seat)


def _demand(standing: Standing) -> None:
    if standing.is_outside:
        _aside().denied = _named(standing)
        raise Outside
    if standing.needs_second_factor:
        raise SecondFactorNeeded
    if standing.is_closed:
        raise Closed(opens_at=gate.work_begins_at())
    if standing.reads_only and request.method in UNSAFE:
        raise ReadOnly


def _aside() -> Aside:
    aside: Aside = request.environ[ASIDE]
    return aside


def _named(standing: Standing) -> str:
    return "no rule" if standing.place is None else f"rule {standing.place + 1}"


def _may_still(app: Flask, who: Actor, address: Address | None) -> bool:
    """Whether somebody who began to receive something may have the rest."""
    with app.app_context():
        try:
            now = standing_actor(who)
            return now is not None and gate.standing(now, address).may_stay
        finally:
            db.session.rollback()


def _who(request: Request) -> Actor | None:
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return actor_of_token(secret.strip()) if request.path.startswith("/api/") else None
    return _of_cookie(request.cookies.get(cookie_name()))


def of_handshake(environ: Mapping[str, Any], auth: Any) -> Actor | None:
    """Whom a socket acts for: a token given with it, or the cookie when one of our own pages opens it."""
    who = _who_shakes(environ, auth)
    may_stay = who is not None and gate.standing(who, environ.get("parvis.address")).may_stay
    return who if may_stay else None


def _who_shakes(environ: Mapping[str, Any], auth: Any) -> Actor | None:
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
