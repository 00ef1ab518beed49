"""The registry of clients and suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin import queries
from app.admin.pages.guard import query_of
from app.kernel import inputs
from app.kernel.errors import Conflict, Invalid
from app.kernel.http import actor, form, heavy
from app.kernel.inputs import optional, text
from app.kernel.policy import require
from app.organisations import actions
from app.organisations.importing import COLUMNS
from app.organisations.models import MODES, Organisation, RegistryImport
from app.organisations.policy import can_manage_registry
from app.organisations.queries import by_name, get_import, get_organisation
from app.people.actor import Actor
from app.trials.impact import Impact, impacts

SHOWN = 200
bp = Blueprint("organisations", __name__, url_prefix="/organisations")
_BLANK: dict[str, Any] = {
    "id": None,
    "name": "",
    "is_client": False,
    "is_supplier": False,
    "siren": "",
    "domains": "",
    "valid_to": "",
    "aliases": [],
    "contacts": [],
}


@bp.get("")
def index() -> ResponseReturnValue:
    """The registry, found by name, alias or domain, and by role."""
    filters = {"q": request.args.get("q", "")[:120], "role": request.args.get("role", "")}
    filters["role"] = filters["role"] if filters["role"] in ("client", "supplier") else ""
    page = queries.organisations(_keeper(), after=request.args.get("after"), **filters)
    return render_template(
        "admin/organisations.html",
        organisations=[_line(row) for row in page.items],
        next=page.next,
        filters=filters,
        query=query_of(filters),
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """An empty form."""
    _keeper()
    return _page(_BLANK)


@bp.post("")
def add() -> ResponseReturnValue:
    """Register an organisation."""
    return _save(None)


@bp.get("/<int:organisation_id>")
def show(organisation_id: int) -> ResponseReturnValue:
    """One organisation, with what may be wrong with its names."""
    known = _known(get_organisation(_keeper(), organisation_id))
    if not request.args.get("done"):
        return _page(known)
    found = impacts([(known["name"], MODES[0]), *((one["text"], one["mode"]) for one in known["aliases"])])
    return _page(known, warnings=_warnings(found), impacts=found)


@bp.post("/<int:organisation_id>")
def change(organisation_id: int) -> ResponseReturnValue:
    """Change an organisation and its names."""
    return _save(get_organisation(_keeper(), organisation_id))


@bp.post("/<int:organisation_id>/delete")
@heavy
def delete(organisation_id: int) -> ResponseReturnValue:
    """Take an organisation out of the registry."""
    organisation = get_organisation(_keeper(), organisation_id)
    try:
        actions.remove_organisation(actor(), organisation)
    except Conflict as refusal:
        return _page(_known(organisation), errors={"name": str(refusal)}), refusal.status
    return redirect("/admin/organisations?done=deleted", code=303)


@bp.post("/<int:organisation_id>/merge")
@heavy
def merge(organisation_id: int) -> ResponseReturnValue:
    """Make one of two entries: all that this one has goes over to the other."""
    gone = get_organisation(_keeper(), organisation_id)
    kept = by_name(str(form().get("into", "")).strip())
    if kept is None or kept.id == gone.id:
        errors = {"into": _("Give the exact name of another organisation of the registry.")}
        return _page(_known(gone), errors=errors), Invalid.status
    actions.merge(actor(), gone, kept)
    return redirect(f"/admin/organisations/{kept.id}?done=saved", code=303)


@bp.get("/import")
def import_form() -> ResponseReturnValue:
    """Send a list."""
    _keeper()
    return _import_page(None)


@bp.post("/import")
def prepare_import() -> ResponseReturnValue:
    """Read a list; nothing counts before it was looked at."""
    who, sent = _keeper(), request.files.get("file")
    content = sent.read() if sent else b""
    if not content.strip():
        return _import_page(None, errors={"file": _("Choose a file.")}), Invalid.status
    prepared = actions.prepare_import(who, content)
    return redirect(f"/admin/organisations/imports/{prepared.id}", code=303)


@bp.get("/imports/<int:import_id>")
def show_import(import_id: int) -> ResponseReturnValue:
    """What a list would add and change, and every line that can't be taken."""
    return _import_page(get_import(_keeper(), import_id))


@bp.post("/imports/<int:import_id>/apply")
def apply_import(import_id: int) -> ResponseReturnValue:
    """Take it over."""
    actions.apply_import(_keeper(), get_import(actor(), import_id))
    return redirect("/admin/organisations?done=saved", code=303)


def _import_page(prepared: RegistryImport | None, **more: Any) -> str:
    rows = prepared.rows if prepared else []
    return render_template(
        "admin/organisations_import.html",
        prepared=prepared,
        added=sum(1 for row in rows if row["is_new"]),
        changed=sum(1 for row in rows if not row["is_new"]),
        rows=rows[:SHOWN],
        problems=prepared.problems[:SHOWN] if prepared else [],
        columns=COLUMNS,
        **{"errors": {}, **more},
    )


def _save(organisation: Organisation | None) -> ResponseReturnValue:
    who, typed = _keeper(), _typed()
    try:
        given = inputs.parse(
            typed,
            name=text(longest=120, lines=False),
            siren=optional(text(longest=20, lines=False)),
            domains=optional(text(longest=4_000), ""),
            valid_to=optional(inputs.day()),
        )
        siren = "".join((given["siren"] or "").split())
        saved = actions.save_organisation(
            who,
            organisation,
            name=given["name"],
            roles=[role for role in ("client", "supplier") if typed[f"is_{role}"]],
            aliases=[(one["text"], one["mode"]) for one in typed["aliases"]],
            domains=given["domains"].split(),
            siren=siren or None,
            contacts=[(one["name"], one["email"] or None) for one in typed["contacts"]],
            valid_to=given["valid_to"],
        )
    except Invalid as refusal:
        errors = {{"roles": "role"}.get(field, field): sentence for field, sentence in refusal.fields.items()}
        known = {**typed, "id": organisation.id if organisation else None}
        return _page(known, errors=errors), refusal.status
    return redirect(f"/admin/organisations/{saved.id}?done=saved", code=303)


def _typed() -> dict[str, Any]:
    given = form()
    names = ("alias_text[]", "alias_mode[]", "contact_name[]", "contact_email[]")
    texts, modes, people, emails = (
        [inputs.clean(v, lines=False) for v in given.get(n, [])][:200] for n in names
    )
    aliases = [
        {"text": text_, "mode": mode} for text_, mode in zip_longest(texts, modes, fillvalue="") if text_
    ]
    contacts = [
        {"name": who, "email": email} for who, email in zip_longest(people, emails, fillvalue="") if who
    ]
    typed = {name: given.get(name, "") for name in ("name", "siren", "domains", "valid_to")}
    roles = {name: bool(given.get(name)) for name in ("is_client", "is_supplier")}
    return {**_BLANK, **typed, **roles, "aliases": aliases, "contacts": contacts}


def _known(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "is_client": organisation.is_client,
        "is_supplier": organisation.is_supplier,
        "siren": organisation.siren,
        "domains": "\n".join(organisation.domains),
        "valid_to": organisation.valid_to.isoformat() if organisation.valid_to else "",
        "aliases": [{"text": alias.text, "mode": alias.mode} for alias in organisation.aliases],
        "contacts": [{"name": contact.name, "email": contact.email} for contact in organisation.contacts],
    }


def _line(row: Any) -> dict[str, Any]:
    return {
        **_BLANK,
        **{
            name: getattr(row.Organisation, name)
            for name in ("id", "name", "is_client", "is_supplier", "siren")
        },
        "domains": row.Organisation.domains,
        "valid_to": row.Organisation.valid_to,
        "alias_count": row.alias_count,
        "contact_count": row.contact_count,
    }


def _warnings(found: Sequence[Impact]) -> list[str]:
    sentences = {
        "empty": _("“%(name)s” has no letter or digit: it never counts."),
        "short": _("“%(name)s” is short and counts everywhere: consider “in context”."),
        "common": _("“%(name)s” is an everyday word: consider “with its capital”, or “in context”."),
        "context": _("“%(name)s” is one of the words that make others count: choose another name."),
    }
    return [sentences[why] % {"name": one.text} for one in found for why in one.warnings]


def _page(organisation: dict[str, Any], **more: Any) -> str:
    return render_template(
        "admin/organisation.html",
        organisation=organisation,
        **{"warnings": [], "impacts": [], "errors": {}, **more},
    )


def _keeper() -> Actor:
    who = actor()
    require(can_manage_registry(who))
    return who
