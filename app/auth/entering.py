"""Letting somebody in: a session of their own for the browser they came with."""

from __future__ import annotations

from flask import Response, make_response, redirect, request

from app.auth import actions, identity
from app.kernel.http import address
from app.people.actor import Actor


def enter(
    who: Actor,
    onward: str,
    *,
    login: str,
    second_factor: bool = False,
    sid: str | None = None,
    proven: bool = True,
) -> Response:
    """On to where they wanted to go, with a new secret each time, whatever the browser had.

    Refused as the wall refuses, whom the gate doesn't let in from here, however they proved who they are.
    """
    identity.require_inside(who)
    secret = actions.open_session(
        who,
        login=login,
        address=address(),
        device=_device(),
        second_factor=second_factor,
        provider_sid=sid,
        proven=proven,
        browser=(browser := identity.browser(request)),
    )
    response = make_response(redirect(onward, code=303))
    identity.remember(response, secret)
    identity.remember_browser(response, browser)
    identity.forget_halfway(response)
    return response


def _device() -> str:
    return str(request.user_agent.string)[:200]
