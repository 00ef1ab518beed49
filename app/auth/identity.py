"""From a request or a handshake to a person: the cookie of a session, or a bearer token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask_login import LoginManager

from app.auth.passkeys import Site
from app.auth.queries import LASTS, actor_of_session, actor_of_token, standing_actor
from app.gate import queries as gate
from app.gate.address import Address
from app.gate.book import Standing
from app.gate.wall import ASIDE, Aside
from app.kernel import keys
from app.kernel.db import db
from app.kernel.errors import Closed, Outside, ReadOnly, SecondFactorNeeded
from app.kernel.http import UNSAFE, actor_or_none
from app.people.actor import Actor, of_person

ATTEMPT_LASTS = timedelta(minutes=10)
HALFWAY_LASTS = timedelta(minutes=5)
BROWSER_LASTS = timedelta(days=180)

login_manager = LoginManager()
login_manager.session_protection = None


@login_manager.request_loader  # type: ignore[untyped-decorator]  # the library has no types
def load(asked: Request) -> Actor | None:
    """Whom this request acts for: nobody, when the gate doesn't let them in from where they are."""
    who = _who(asked)
    if who is None:
        return None
    g.standing = gate.standing(who, asked.environ.get("parvis.address"))
    return None if g.standing.is_outside else who


def guard() -> None:
    """Refuse whom the gate doesn't let in, or not so far; who is asked for nothing is nobody yet."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "is_public", False):
        return
    who, standing = actor_or_none(), g.get("standing")
    if standing is not None and (standing.is_outside or not getattr(view, "is_always_open", False)):
        _demand(standing, view)
    if who is not None:
        seat = (current_app._get_current_object(), who, request.environ.get("parvis.address"))  # type: ignore[attr-defined]
        _aside().may_go_on = partial(_may_still, *seat)


def require_inside(who: Actor) -> None:
    """Refuse, as the wall would, whom the gate doesn't let in from where this request comes."""
    _demand_inside(gate.standing(who, request.environ.get("parvis.address")))


def _demand_inside(standing: Standing) -> None:
    if standing.is_outside:
        _aside().denied = _named(standing)
        raise Outside


def _demand(standing: Standing, view: Any) -> None:
    _demand_inside(standing)
    if standing.needs_second_factor and not getattr(view, "takes_unproven", False):
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


def _who(asked: Request) -> Actor | None:
    kind, _space, secret = asked.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return actor_of_token(secret.strip()) if asked.path.startswith("/api/") else None
    return _of_cookie(asked.cookies.get(cookie_name()))


def of_handshake(environ: Mapping[str, Any], auth: Any) -> Actor | None:
    """Whom a socket acts for: a token given with it, or the cookie when one of our own pages opens it."""
    who = _who_shakes(environ, auth)
    if who is None or who.is_suspended:
        return None
    return who if gate.standing(who, environ.get("parvis.address")).may_stay else None


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
        **_guarded(),
    )


def forget(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(cookie_name(), **_guarded())


def browser(asked: Request) -> str:
    """What this browser is known again by when it signs in; drawn anew for one that brings none."""
    drawn, _dot, signature = asked.cookies.get(_browser_name(), "").rpartition(".")
    return drawn if drawn and keys.same(signature, keys.mac("browser", drawn)) else secrets.token_urlsafe(16)


def remember_browser(response: Response, drawn: str) -> None:
    """Know it again for half a year; this alone opens nothing."""
    signed = f"{drawn}.{keys.mac('browser', drawn)}"
    response.set_cookie(_browser_name(), signed, max_age=int(BROWSER_LASTS.total_seconds()), **_guarded())


def own_site() -> Site:
    """Where the present request reaches us, which is what passkeys are bound to."""
    origin = current_app.config["ORIGINS"].public or f"{request.scheme}://{request.host}"
    return Site(urlsplit(origin).hostname or "", origin)


def halfway(asked: Request) -> Actor | None:
    """Who proved a password in this browser within the last five minutes."""
    try:
        person_id = keys.unseal("halfway", asked.cookies.get(_halfway_name(), ""))
    except ValueError:
        return None
    return of_person(person_id)


def remember_halfway(response: Response, who: Actor) -> None:
    """Let the browser go on to the second factor; this alone opens nothing."""
    response.set_cookie(
        _halfway_name(),
        keys.seal("halfway", who.id, lasts=HALFWAY_LASTS),
        max_age=int(HALFWAY_LASTS.total_seconds()),
        **_guarded(),
    )


def forget_halfway(response: Response) -> None:
    """The second factor is proved."""
    if request.cookies.get(_halfway_name()):
        response.delete_cookie(_halfway_name(), **_guarded())


def attempt(asked: Request) -> dict[str, str] | None:
    """The walk to the identity provider that this browser began, if it isn't too old."""
    try:
        return dict(keys.unseal("oidc", asked.cookies.get(_attempt_name(), "")))
    except ValueError:
        return None


def remember_attempt(response: Response, parts: Mapping[str, str]) -> None:
    """Let this browser, and no other, come back from the provider."""
    sealed, lasts = keys.seal("oidc", dict(parts), lasts=ATTEMPT_LASTS), int(ATTEMPT_LASTS.total_seconds())
    response.set_cookie(_attempt_name(), sealed, max_age=lasts, **_guarded())


def forget_attempt(response: Response) -> None:
    """The walk is over; its answer counts once."""
    response.delete_cookie(_attempt_name(), **_guarded())


def _attempt_name() -> str:
    return f"{cookie_name()}-oidc"


def _browser_name() -> str:
    return f"{cookie_name()}-browser"


def _halfway_name() -> str:
    return f"{cookie_name()}-step"


def _guarded() -> dict[str, Any]:
    return {"path": "/", "secure": current_app.config["IS_SECURE"], "httponly": True, "samesite": "Lax"}


def _of_cookie(value: str | None) -> Actor | None:
    secret, _dot, signature = (value or "").rpartition(".")
    if not secret or not keys.same(signature, keys.mac("session", secret)):
        return None
    return actor_of_session(secret)
