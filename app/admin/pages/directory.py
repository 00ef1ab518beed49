"""The company's directory: its keys, and what its groups stand for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.pages.guard import admin
from app.auth.scim import actions, queries
from app.kernel import inputs
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import form, heavy
from app.kernel.inputs import text
from app.people import groups
from app.people.actor import Actor
from app.people.models import ROLES
from app.spaces.policy import can_manage
from app.spaces.queries import find_space, spaces

bp = Blueprint("directory", __name__, url_prefix="/directory")
DAYS = ("90", "365", "")
_BLANK_KEY, _BLANK_GRANT = {"name": "", "days": "365"}, {"name": "", "gives": ""}


@bp.get("")
def index() -> ResponseReturnValue:
    """Keys, groups, and what they give."""
    return _page(admin())


@bp.post("/keys")
@heavy
def make_key() -> ResponseReturnValue:
    """A key for the directory; its secret is shown on this answer and nowhere else."""
    who, typed = admin(), {**_BLANK_KEY, "days": "", **form()}
    try:
        given = inputs.parse(typed, name=text(longest=80, lines=False), days=inputs.choice(*DAYS))
        secret = actions.make_key(who, name=given["name"], days=int(given["days"] or 0) or None)
    except Invalid as refusal:
        return _page(who, key=typed, errors=refusal.fields), refusal.status
    return _page(who, created={"name": given["name"], "secret": secret})


@bp.post("/keys/<int:key_id>/revoke")
def revoke_key(key_id: int) -> ResponseReturnValue:
    """The directory can't use it any more."""
    actions.revoke_key(admin(), key_id)
    return redirect("/admin/directory?done=revoked", code=303)


@bp.post("/grants")
@heavy
def grant() -> ResponseReturnValue:
    """A group stands for a role or for a place from now on."""
    who, typed = admin(), {**_BLANK_GRANT, **form()}
    try:
        given = inputs.parse(typed, group=text(longest=255, lines=False), gives=text(longest=40, lines=False))
        groups.grant(who, name=given["group"], **_meant(who, given["gives"]))
    except Invalid as refusal:
        errors = {
            {"name": "group", "role": "gives"}.get(field, field): said
            for field, said in refusal.fields.items()
        }
        return _page(who, grant={**typed, "name": typed.get("group", "")}, errors=errors), refusal.status
    return redirect("/admin/directory?done=saved", code=303)


@bp.post("/grants/<int:grant_id>/withdraw")
def withdraw(grant_id: int) -> ResponseReturnValue:
    """A group doesn't stand for it any more."""
    who = admin()
    if grant_id not in {one.id for one in groups.grants() if _is_known(one, _names(who))}:
        raise NotFound
    groups.withdraw(who, grant_id)
    return redirect("/admin/directory?done=saved", code=303)


def _meant(who: Actor, gives: str) -> dict[str, Any]:
    kind, _colon, what = gives.partition(":")
    if kind == "role" and what in ROLES:
        return {"role": what}
    number = int(what) if what.isascii() and what.isdigit() and len(what) <= 18 else 0
    try:
        space = find_space(who, number)
    except NotFound:
        space = None
    if kind != "space" or space is None or not can_manage(who, space):
        raise Invalid(fields={"gives": _("Choose one of the values offered.")})
    return {"space_id": space.id}


def _names(who: Actor) -> dict[int, str]:
    """Spaces that this admin may know of; what is given in others isn't shown to them."""
    return {space.id: space.name for space, _role in spaces(who)}


def _is_known(grant_: Any, names: dict[int, str]) -> bool:
    return grant_.space_id is None or grant_.space_id in names


def _page(who: Actor, **more: Any) -> str:
    names = _names(who)
    shown = [
        {
            "id": one.id,
            "group": one.name,
            "role": one.role,
            "space_id": one.space_id,
            "space": names.get(one.space_id or 0),
        }
        for one in groups.grants()
        if _is_known(one, names)
    ]
    context = {"created": None, "errors": {}, "key": _BLANK_KEY, "grant": _BLANK_GRANT, **more}
    return render_template(
        "admin/directory.html",
        keys=queries.standing_keys(),
        grants=shown,
        known=groups.known_groups(),
        roles=ROLES,
        spaces=sorted(((str(number), name) for number, name in names.items()), key=lambda one: one[1]),
        address=f"{current_app.config['ORIGINS'].public or request.host_url.rstrip('/')}/scim/v2",
        **context,
    )
