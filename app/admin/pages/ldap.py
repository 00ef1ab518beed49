"""The company's directory: whether it answers, whom it knows, what its synchronisations changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from app.admin.pages.guard import admin
from app.auth.directory.trouble import Trouble
from app.directory import actions, queries
from app.kernel import inputs
from app.kernel.action import release
from app.kernel.errors import Invalid, NotFound, Unavailable
from app.kernel.http import actor, form
from app.kernel.inputs import text
from app.people.queries import names_of

if TYPE_CHECKING:
    from app.auth.directory.company import Company

bp = Blueprint("ldap", __name__, url_prefix="/ldap")
_SHOWN_CHANGES = 100


@bp.get("")
def index() -> ResponseReturnValue:
    """How it is set up, and the latest synchronisations."""
    admin()
    return _page()


@bp.post("/check")
def check() -> ResponseReturnValue:
    """Ask each server now."""
    admin()
    company = _company()
    release()
    return _page(checked=company.check())


@bp.post("/look-up")
def look_up() -> ResponseReturnValue:
    """What the directory says of one person; that it was asked is in the log."""
    who, company, typed = admin(), _company(), form()
    try:
        login = inputs.parse(typed, login=text(longest=254, lines=False))["login"]
        actions.note_look_up(who, login)
        found = company.find(login)
    except Invalid as refusal:
        return _page(login=str(typed.get("login", "")), errors=refusal.fields), refusal.status
    except Trouble as problem:
        return _page(login=login, trouble=str(problem)), Unavailable.status
    return _page(login=login, looked_up=True, found=found)


@bp.post("/synchronise")
def synchronise() -> ResponseReturnValue:
    """Have it done beside this request."""
    admin()
    _company()
    actions.ask_for_run(actor())
    return redirect("/admin/ldap?done=synchronising", code=303)


def _company() -> Company:
    company = cast("Company | None", current_app.config["DIRECTORY"])
    if company is None:
        raise NotFound
    return company


def _page(**more: Any) -> str:
    company = cast("Company | None", current_app.config["DIRECTORY"])
    runs = queries.last_runs()
    return render_template(
        "admin/ldap.html",
        directory=company.directory if company else None,
        runs=runs,
        names=names_of({run.by_id for run in runs if run.by_id}),
        shown=_SHOWN_CHANGES,
        **{
            "checked": None,
            "login": "",
            "looked_up": False,
            "found": None,
            "trouble": "",
            "errors": {},
            **more,
        },
    )
