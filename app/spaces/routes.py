from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, form
from app.kernel.inputs import choice, clean, optional, parse, text, whole
from app.kernel.policy import require
from app.organisations.queries import organisations
from app.people.queries import by_login, folded, get_person
from app.spaces import actions, policy, queries
from app.spaces.models import KINDS, MEMBER_ROLES, VISIBILITIES, Space
from app.spaces.view import space_view

bp = Blueprint("spaces", __name__)
LONGEST_ABOUT = 2_000


@bp.get("/spaces")
def index() -> ResponseReturnValue:
    """Every space one may know of."""
    wanted = clean(request.args.get("q", ""), lines=False)[:80].casefold()
    kind = request.args.get("kind", "") if request.args.get("kind") in KINDS else ""
    mine = bool(request.args.get("mine"))
    asked = queries.asked(actor())
    shown = [
        _tile(space, role, space.id in asked)
        for space, role in queries.spaces(actor())
        if wanted in space.name.casefold() and kind in {"", space.kind} and (role or not mine)
    ]
    return render_template(
        "spaces/index.html",
        spaces=shown,
        filters={"q": request.args.get("q", "")[:80], "kind": kind, "mine": mine},
        next=None,
        can_create=policy.can_create(actor()),
    )


@bp.get("/spaces/new")
def new() -> ResponseReturnValue:
    """The form of a new space."""
    if not policy.can_create(actor()):
        raise NotFound
    return _form(None, {})


@bp.post("/spaces")
def create() -> ResponseReturnValue:
    """Open a space."""
    try:
        given = parse(form(), kind=choice(*KINDS), organisation_id=optional(whole()), **_fields())
        space = actions.create_space(
            actor(),
            name=given["name"],
            about=given["about"],
            kind=given["kind"],
            visibility=given["access"],
            organisation_id=given["organisation_id"],
        )
    except Invalid as refusal:
        return _form(None, form(), refusal), 422
    return redirect(f"/spaces/{space.id}", code=303)


@bp.get("/spaces/<int:space_id>/edit")
def edit_form(space_id: int) -> ResponseReturnValue:
    """The settings of a space."""
    return _form(_managed(space_id), {})


@bp.post("/spaces/<int:space_id>/edit")
def edit(space_id: int) -> ResponseReturnValue:
    """Change them."""
    space = _managed(space_id)
    try:
        given = parse(form(), **_fields())
        actions.change_space(
            actor(),
            space,
            name=given["name"],
            about=given["about"],
            visibility=given["access"],
            joins_freely=given["access"] == "open",
        )
    except Invalid as refusal:
        return _form(space, form(), refusal), 422
    return redirect(f"/spaces/{space_id}?done=saved", code=303)


@bp.get("/spaces/<int:space_id>/members")
def members(space_id: int) -> ResponseReturnValue:
    """Who belongs, and, for those who decide, who would like to."""
    return _members(queries.get_space(actor(), space_id))


@bp.post("/spaces/<int:space_id>/members")
def add_members(space_id: int) -> ResponseReturnValue:
    """Make people belong, by login or e-mail address."""
    space = _managed(space_id)
    typed = [name.strip().lstrip("@") for name in str(form().get("people", "")).split(",") if name.strip()][
        :50
    ]
    found = {name: by_login(name) for name in typed}
    unknown = [name for name, person in found.items() if person is None]
    if unknown or not typed:
        problem = (
            _("Nobody is called %(names)s.", names=", ".join(unknown))
            if unknown
            else _("Write something here.")
        )
        return _members(space, {"people": problem}), 422
    for person in found.values():
        if person is not None:
            actions.add_member(actor(), space, person)
    return redirect(f"/spaces/{space_id}/members?done=saved", code=303)


@bp.post("/spaces/<int:space_id>/members/<int:person_id>")
def change_member(space_id: int, person_id: int) -> ResponseReturnValue:
    """Another role in the space, or none (`_method=delete`)."""
    space, person = _managed(space_id), get_person(person_id)
    if form().get("_method") == "delete":
        actions.remove_member(actor(), space, person)
    else:
        actions.add_member(actor(), space, person, **parse(form(), role=choice(*MEMBER_ROLES)))
    return redirect(f"/spaces/{space_id}/members?done=saved", code=303)


@bp.post("/spaces/<int:space_id>/requests/<int:person_id>")
def answer(space_id: int, person_id: int) -> ResponseReturnValue:
    """Let somebody in who asked, or not."""
    space = queries.get_space(actor(), space_id)
    require(policy.can_answer_requests(actor(), space))  # before anybody is looked for
    given = parse(form(), answer=choice("accept", "decline"))
    actions.answer_request(actor(), space, get_person(person_id), accepted=given["answer"] == "accept")
    return redirect(f"/spaces/{space_id}/members?done=saved", code=303)


@bp.post("/spaces/<int:space_id>/membership")
def membership(space_id: int) -> ResponseReturnValue:
    """Belong, ask to, or no longer (`_method=delete`)."""
    space = queries.find_space(actor(), space_id)
    if form().get("_method") == "delete":
        actions.leave(actor(), space)
        return redirect("/spaces?done=left", code=303)
    joined = actions.join(actor(), space)
    return redirect(f"/spaces/{space_id}?done=joined" if joined else "/spaces?done=asked", code=303)


def _fields() -> dict[str, Any]:
    return {
        "name": text(longest=80, lines=False),
        "about": text(longest=LONGEST_ABOUT, shortest=0),
        "access": choice(*VISIBILITIES),
    }


def _managed(space_id: int) -> Space:
    space = queries.find_space(actor(), space_id)
    if not policy.can_manage(actor(), space):
        raise NotFound
    return space


def _form(space: Space | None, given: dict[str, Any], refusal: Invalid | None = None) -> str:
    view = {
        "id": space.id if space else None,
        "name": given.get("name", space.name if space else ""),
        "about": given.get("about", space.about if space else ""),
        "kind": given.get("kind", space.kind if space else "internal"),
        "organisation_id": given.get("organisation_id", space.organisation_id if space else ""),
        "access": given.get("access", space.visibility if space else "open"),
    }
    errors = dict(refusal.fields) if refusal else {}
    if "visibility" in errors:
        errors["access"] = errors.pop("visibility")
    known = {"client": _("client"), "supplier": _("supplier")}
    offered = [
        (o.id, f"{o.name} ({', '.join(known[role] for role in o.roles)})") for o in organisations(actor())
    ]
    page = "spaces/edit.html" if space else "spaces/new.html"
    return render_template(
        page,
        space=view,
        organisations=offered,
        errors=errors,
        kinds_locked=space is not None,
        can_archive=False,
    )


def _members(space: Space, errors: dict[str, str] | None = None) -> str:
    wanted = clean(request.args.get("q", ""), lines=False)[:80]
    manages = policy.can_manage(actor(), space)
    decides = manages or policy.can_moderate(actor(), space)
    shown = [
        {"person": p, "role": role, "organisation_name": None, "since": space.created_at}
        for p, role in queries.members(actor(), space)
        if folded(wanted) in p.name_key
    ]
    asked = [{"id": p.id, "person": p, "asked_at": None, "message": None} for p in queries.requests(space)]
    return render_template(
        "spaces/members.html",
        space=space_view(actor(), space),
        members=shown,
        requests=asked if decides else [],
        roles=[("owner", _("Owner")), ("moderator", _("Moderator")), ("member", _("Member"))]
        if manages
        else None,
        q=wanted,
        next=None,
        errors=errors or {},
    )


def _tile(space: Space, role: str | None, requested: bool) -> dict[str, Any]:
    return {
        "id": space.id,
        "name": space.name,
        "kind": space.kind,
        "organisation_name": space.organisation.name if space.organisation else None,
        "about": space.about,
        "member_count": space.member_count,
        "is_member": role is not None,
        "access": space.visibility,
        "requested": requested,
        "last_post_at": None,
    }
