from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin import actions, colours, health, monitoring, queries
from app.admin.pages import (
    directory,
    gate,
    gate_rules,
    hours,
    invitations,
    ldap,
    log,
    organisations,
    people,
    people_import,
    roles,
    sessions,
)
from app.admin.pages.guard import admin
from app.admin.policy import sections
from app.admin.words import WHOLE, speaker, spoken
from app.kernel import inputs, settings
from app.kernel.errors import Forbidden, Invalid
from app.kernel.http import actor, actor_or_none, form, heavy, public
from app.kernel.inputs import optional, text
from app.moderation.queries import waiting

bp = Blueprint("admin", __name__)
_screens = Blueprint("screens", __name__, url_prefix="/admin")
for _section in (
    people, invitations, people_import, directory, ldap, roles, organisations, gate, gate_rules, hours, log,
    sessions,
):  # fmt: skip
    _screens.register_blueprint(_section.bp)
_LAST_ACTS = 8


@_screens.context_processor
def _sections() -> dict[str, Any]:
    who = actor_or_none()
    return {"sections": sections(who) if who else []}


@_screens.get("")
def index() -> ResponseReturnValue:
    """How Parvis is doing; for those who see one section only, that section."""
    allowed = sections(actor())
    if not allowed:
        raise Forbidden
    if "overview" not in allowed:
        return redirect(f"/admin/{allowed[0]}", code=303)
    last = queries.audit_entries(admin()).items[:_LAST_ACTS]
    return render_template(
        "admin/index.html",
        version=_version(),
        figures={**queries.figures(), "waiting": waiting(actor())},
        health=health.report(),
        acts=[_told(row) for row in last],
    )


def _told(row: Any) -> dict[str, Any]:
    act = row.AuditEntry.act
    who = row.actor_name or (None if act in WHOLE else speaker(row.AuditEntry))
    return {"at": row.AuditEntry.at, "actor_name": who, "text": spoken(act)}


@_screens.get("/company")
def company() -> ResponseReturnValue:
    """The company's own marks."""
    admin()
    return _company_page(_company_now(), {})


@_screens.post("/company")
@heavy
def save_company() -> ResponseReturnValue:
    """Change them, for everybody, at once."""
    who, typed = admin(), form()
    try:
        given = inputs.parse(
            typed,
            name=text(longest=80, lines=False),
            accent=text(longest=7, lines=False),
            partners=inputs.switch(),
            domain=optional(text(longest=120, lines=False), ""),
            time_zone=optional(text(longest=60, lines=False), ""),
        )
        actions.save_company(who, **given)
    except Invalid as refusal:
        kept = {**_company_now(), "partners": False, **typed}
        return _company_page(kept, refusal.fields), refusal.status
    return redirect("/admin/company?done=saved", code=303)


@bp.get("/theme.css")
@public
def theme() -> ResponseReturnValue:
    """The company's colour, readable on light and on dark pages."""
    chosen = settings.get("accent")
    if not chosen or chosen == colours.USUAL:
        return _kept("/* the usual colours */\n", "text/css")
    shades = colours.accent(chosen)
    return _kept(
        f":root {{\n  --brand-light: {shades.light};\n  --brand-dark: {shades.dark};\n"
        f"  --brand-ink-light: {shades.ink_light};\n  --brand-ink-dark: {shades.ink_dark};\n}}\n",
        "text/css",
    )


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a phone needs to install Parvis."""
    return _kept(render_template("manifest.webmanifest"), "application/manifest+json")


def _kept(content: str, mime: str) -> Response:
    response = make_response(content)
    response.content_type = f"{mime}; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _company_now() -> dict[str, Any]:
    stated = current_app.config["SETTINGS"].company or "Parvis"
    return {
        "name": settings.get("company_name", stated),
        "accent": settings.get("accent", colours.USUAL),
        "partners": settings.get("partners_enabled", False),
        "domain": settings.get("company_domain", ""),
        "time_zone": settings.get("time_zone", "Europe/Paris"),
    }


def _company_page(typed: dict[str, Any], errors: dict[str, str]) -> str:
    chosen = typed["accent"]
    shown = colours.accent(chosen).light if colours.is_colour(chosen) else chosen
    return render_template(
        "admin/company.html", form=typed, errors=errors, adjusted=shown if shown != chosen.lower() else None
    )


def _version() -> str:
    try:
        return version("parvis")
    except PackageNotFoundError:
        return _("in development")


for _part in (_screens, monitoring.bp):
    bp.register_blueprint(_part)
