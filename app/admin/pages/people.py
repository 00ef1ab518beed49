"""Accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import stays
from app.accounts.queries import last_day
from app.admin import actions, queries
from app.admin.pages.guard import admin, query_of
from app.auth import actions as auth
from app.auth import factors, passwords
from app.auth.identity import own_site
from app.kernel import inputs, settings
from app.kernel.action import action
from app.kernel.errors import Conflict, Invalid, Stale
from app.kernel.http import actor, form, heavy
from app.kernel.inputs import optional, text
from app.people import actions as people
from app.people.models import EMPLOYEE, ROLES, SEGMENTS, Person
from app.people.queries import get_person, teams

bp = Blueprint("people", __name__, url_prefix="/people")
_BLANK: dict[str, Any] = {
    "login": "",
    "name": "",
    "email": "",
    "segment": EMPLOYEE,
    "organisation": "",
    "roles": [],
}
_STATES = ("active", "left", "all")


@bp.get("")
def index() -> ResponseReturnValue:
    """The accounts, found by name, state and role."""
    admin()
    return _list_page()


@bp.post("")
@heavy
def add() -> ResponseReturnValue:
    """A new account; its password is shown on the answer and nowhere else."""
    admin()
    typed = {**_BLANK, **form(), "roles": form().get("roles[]", [])}
    try:
        person, password = _added(typed)
    except Invalid as refusal:
        errors = {{"organisation_id": "organisation"}.get(k, k): v for k, v in refusal.fields.items()}
        return _list_page(form=typed, errors=errors), refusal.status
    created = {"name": person.name, "login": person.login, "password": password}
    return _list_page(created=created), 201


@bp.get("/<int:person_id>")
def show(person_id: int) -> ResponseReturnValue:
    """One account."""
    admin()
    return _page(get_person(person_id))


@bp.post("/<int:person_id>")
@heavy
def change(person_id: int) -> ResponseReturnValue:
    """Change an account and its roles."""
    who, person, typed = admin(), get_person(person_id), form()
    try:
        given = inputs.parse(
            {**typed, "roles": typed.get("roles[]", [])},
            name=text(longest=120, lines=False),
            email=optional(text(longest=254, lines=False)),
            title=optional(text(longest=120, lines=False), ""),
            site=optional(text(longest=120, lines=False), ""),
            team=optional(inputs.whole()),
            manager=optional(text(longest=254, lines=False), ""),
            roles=inputs.many(inputs.choice(*ROLES), most=len(ROLES)),
            version=inputs.whole(),
        )
        given["email"] = given["email"].lower() if given["email"] else None
        actions.change_account(who, person, team_id=given.pop("team"), **given)
    except Invalid as refusal:
        return _page(person, typed=typed, errors=refusal.fields), refusal.status
    except Stale:
        raise
    except Conflict as refusal:
        return _page(person, errors={"roles": str(refusal)}), refusal.status
    return redirect(f"/admin/people/{person_id}?done=saved", code=303)


@bp.post("/<int:person_id>/password")
@heavy
def reset_password(person_id: int) -> ResponseReturnValue:
    """A new password, shown on the answer and nowhere else."""
    who, person, password = admin(), get_person(person_id), passwords.generated()
    auth.set_password(who, person, password)
    return _page(person, reset={"password": password})


@bp.post("/<int:person_id>/reset-link")
@heavy
def make_reset_link(person_id: int) -> ResponseReturnValue:
    """A link with which they choose a new password, once; shown on the answer and nowhere else."""
    who, person = admin(), get_person(person_id)
    secret = auth.make_reset_link(who, person)
    return _page(person, reset={"link": f"{own_site().origin}/reset/{secret}"})


@bp.post("/<int:person_id>/sessions/end")
def end_sessions(person_id: int) -> ResponseReturnValue:
    """Cut this person off on every device."""
    auth.end_all_sessions(admin(), get_person(person_id).id, why="cut_by_admin")
    return redirect(f"/admin/people/{person_id}?done=ended", code=303)


@bp.post("/<int:person_id>/second-factor/reset")
@heavy
def reset_factors(person_id: int) -> ResponseReturnValue:
    """Take lost second factors away; not one's own."""
    factors.reset(admin(), get_person(person_id))
    return redirect(f"/admin/people/{person_id}?done=saved", code=303)


@bp.post("/<int:person_id>/deactivate")
@heavy
def deactivate(person_id: int) -> ResponseReturnValue:
    """Close an account; not one's own."""
    if admin().id == person_id:
        raise Conflict
    people.deactivate(actor(), get_person(person_id))
    return redirect(f"/admin/people/{person_id}?done=saved", code=303)


@bp.post("/<int:person_id>/stay")
def change_stay(person_id: int) -> ResponseReturnValue:
    """Say until when a partner stays."""
    who = admin()
    person = stays.get_guest(who, person_id)
    try:
        stays.extend(who, person, inputs.parse(form(), ends_on=inputs.day())["ends_on"])
    except Invalid as refusal:
        return _page(person, errors=refusal.fields), refusal.status
    return redirect(f"/admin/people/{person_id}?done=saved", code=303)


@bp.post("/<int:person_id>/reactivate")
@heavy
def reactivate(person_id: int) -> ResponseReturnValue:
    """Open an account again."""
    people.reactivate(admin(), get_person(person_id))
    return redirect(f"/admin/people/{person_id}?done=saved", code=303)


def _added(typed: dict[str, Any]) -> tuple[Person, str]:
    given = inputs.parse(
        typed,
        login=text(longest=64, lines=False),
        name=text(longest=120, lines=False),
        email=optional(text(longest=254, lines=False)),
        segment=inputs.choice(*SEGMENTS),
        organisation=optional(inputs.whole()),
        roles=inputs.many(inputs.choice(*ROLES), most=len(ROLES)),
    )
    return _add(given.pop("organisation"), **given)


@action
def _add(organisation_id: int | None, **given: Any) -> tuple[Person, str]:
    person = people.add_person(actor(), organisation_id=organisation_id, **given)
    password = passwords.generated()
    auth.set_password(actor(), person, password)
    return person, password


def _list_page(**more: Any) -> str:
    filters = {name: request.args.get(name, "")[:120] for name in ("q", "state", "role")}
    filters["state"] = filters["state"] if filters["state"] in _STATES else "active"
    filters["role"] = filters["role"] if filters["role"] in ROLES else ""
    page = queries.people(actor(), after=request.args.get("after"), **filters)
    context = {"created": None, "form": _BLANK, "errors": {}, **more}
    return render_template(
        "admin/people.html",
        people=[_line(row.Person, row.organisation_name) for row in page.items],
        next=page.next,
        filters=filters,
        query=query_of(filters),
        organisations=[(str(number), name) for number, name in queries.organisation_names()],
        roles=ROLES,
        partners=settings.get("partners_enabled", False),
        **context,
    )


def _line(person: Person, organisation_name: str | None) -> dict[str, Any]:
    return {
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "email": person.email,
        "photo_url": person.photo_url,
        "segment": person.segment,
        "organisation_name": organisation_name,
        "roles": person.roles,
        "is_active": person.deactivated_at is None,
    }


def _page(person: Person, *, typed: dict[str, Any] | None = None, **more: Any) -> str:
    names: dict[int | None, str] = dict(queries.organisation_names()) if person.is_partner else {}
    manager = get_person(person.manager_id).login if person.manager_id else ""
    shown = {
        **_line(person, names.get(person.organisation_id)),
        "title": person.title,
        "site": person.site,
        "team_id": str(person.team_id or ""),
        "manager_login": manager,
        "deactivated_at": person.deactivated_at,
        "version": person.version,
        "sponsor": get_person(person.sponsor_id).name if person.sponsor_id else None,
        "ends_on": last_day(person.ends_at) if person.ends_at else None,
        "enters_from": person.enters_from or [],
    }
    if typed:
        kept = {name: typed.get(name, "") for name in ("name", "email", "title", "site")}
        shown |= {**kept, "team_id": typed.get("team", ""), "manager_login": typed.get("manager", "")}
        shown["roles"] = typed.get("roles[]", [])
    return render_template(
        "admin/person.html",
        person=shown,
        teams=[(str(team.id), team.name) for team in teams()],
        roles=ROLES if person.segment == EMPLOYEE else (),
        sessions=queries.open_sessions(person.id),
        factors=bool(factors.factors_of(person.id)),
        is_me=person.id == actor().id,
        **{"reset": None, "errors": {}, **more},
    )
