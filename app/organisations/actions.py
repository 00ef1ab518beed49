from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from stdnum.fr import siren as siren_number

from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_id
from app.kernel.policy import require
from app.organisations.events import OrganisationsMerged, RegistryChanged
from app.organisations.importing import read_list
from app.organisations.models import MODES, ROLES, Alias, Contact, Organisation, RegistryImport
from app.organisations.policy import can_manage_registry
from app.organisations.queries import everything
from app.people.actor import Actor
from app.people.models import Person


@action
def save_organisation(
    actor: Actor | None,
    organisation: Organisation | None = None,
    *,
    name: str,
    roles: list[str],
    aliases: list[tuple[str, str]] | None = None,
    domains: list[str] | None = None,
    siren: str | None = None,
    contacts: list[tuple[str, str | None]] | None = None,
    valid_to: date | None = None,
) -> Organisation:
    """Register an organisation, or change one. Aliases are (text, mode), contacts (name, e-mail).

    Invalid for a name that is taken, no role, an unknown mode or a SIREN whose key is wrong.
    """
    require(actor is None or can_manage_registry(actor))
    _check(organisation, name, roles, aliases or [], siren)
    if organisation is None:
        organisation = Organisation(aliases=[], contacts=[])
        db.session.add(organisation)
    organisation.name, organisation.siren, organisation.valid_to = name.strip(), siren or None, valid_to
    organisation.is_client, organisation.is_supplier = "client" in roles, "supplier" in roles
    organisation.domains = sorted({d.strip().lower() for d in domains or [] if d.strip()})
    organisation.aliases = [Alias(text=text, mode=mode) for text, mode in aliases or []]
    organisation.contacts = [Contact(name=who, email=email) for who, email in contacts or []]
    db.session.flush()
    audit.record(
        "organisation.saved", actor.id if actor else None, f"organisation:{organisation.id}", roles=roles
    )
    announce(RegistryChanged(organisation_id=organisation.id))
    return organisation


@action
def remove_organisation(actor: Actor | None, organisation: Organisation) -> None:
    """Take an organisation out of the registry; Conflict while a space or a person belongs to it."""
    require(actor is None or can_manage_registry(actor))
    number = organisation.id
    try:
        with db.session.begin_nested():
            db.session.delete(organisation)
            db.session.flush()
    except IntegrityError as problem:
        raise Conflict(_("A space or a person belongs to it. Give a date of its end instead.")) from problem
    audit.record(
        "organisation.removed", actor.id if actor else None, f"organisation:{number}", name=organisation.name
    )
    announce(RegistryChanged(organisation_id=number))


@action
def prepare_import(actor: Actor, content: bytes) -> RegistryImport:
    """Read a list and keep what was read, so that it can be looked at before it counts."""
    require(can_manage_registry(actor))
    names = {name.casefold() for name in db.session.scalars(select(Organisation.name))}
    read = read_list(content, names)
    made = RegistryImport(by_id=actor.id, rows=read.rows, problems=[list(one) for one in read.problems])
    db.session.add(made)
    db.session.flush()
    return made


@action
def apply_import(actor: Actor, prepared: RegistryImport) -> None:
    """Take a list over, all of its good lines or none; once.

    What is registered already keeps what it has, and gets the names, domains and contacts it lacks.
    """
    require(can_manage_registry(actor) and prepared.by_id == actor.id)
    taken = update(RegistryImport).where(
        RegistryImport.id == prepared.id, RegistryImport.applied_at.is_(None)
    )
    if store.changed(taken.values(applied_at=clock.now())) != 1:
        return
    known = {one.name.casefold(): one for one in everything()}
    _add_all([row for row in prepared.rows if row["name"].casefold() not in known])
    for row in prepared.rows:
        if (one := known.get(row["name"].casefold())) is not None:
            _complete(one, row)
    db.session.flush()
    db.session.refresh(prepared)
    audit.record(
        "registry.imported",
        actor.id,
        f"import:{prepared.id}",
        lines=len(prepared.rows),
        left_out=len(prepared.problems),
    )
    announce(RegistryChanged(organisation_id=0))


@action
def merge(actor: Actor, gone: Organisation, kept: Organisation) -> None:
    """Two entries of the registry are one organisation: names, people and spaces go over to `kept`."""
    require(can_manage_registry(actor))
    if gone.id == kept.id:
        raise Invalid(fields={"into": _("Choose another organisation.")})
    told = {
        "roles": sorted({*gone.roles, *kept.roles}),
        "aliases": [[gone.name, "plain"], *([alias.text, alias.mode] for alias in gone.aliases)],
        "domains": gone.domains,
        "siren": gone.siren,
        "contacts": [[contact.name, contact.email] for contact in gone.contacts],
    }
    _complete(kept, told)
    kept.is_client, kept.is_supplier = kept.is_client or gone.is_client, kept.is_supplier or gone.is_supplier
    number = gone.id
    people = update(Person).where(Person.organisation_id == number).values(organisation_id=kept.id)
    db.session.execute(people.execution_options(synchronize_session="fetch"))
    announce(OrganisationsMerged(gone_id=number, kept_id=kept.id))
    db.session.delete(gone)
    db.session.flush()
    audit.record("organisation.merged", actor.id, f"organisation:{kept.id}", gone=number, name=gone.name)
    announce(RegistryChanged(organisation_id=kept.id))


def _add_all(rows: list[dict[str, Any]]) -> None:
    numbered = [(new_id(), row) for row in rows]
    now = clock.now()
    found: list[tuple[type[Any], list[dict[str, Any]]]] = [
        (
            Organisation,
            [
                {
                    "id": number,
                    "name": row["name"],
                    "is_client": "client" in row["roles"],
                    "is_supplier": "supplier" in row["roles"],
                    "siren": row["siren"],
                    "domains": sorted(set(row["domains"])),
                    "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                    "created_at": now,
                }
                for number, row in numbered
            ],
        ),
        (
            Alias,
            [
                {"id": new_id(), "organisation_id": number, "text": text, "mode": mode}
                for number, row in numbered
                for text, mode in row["aliases"]
            ],
        ),
        (
            Contact,
            [
                {"id": new_id(), "organisation_id": number, "name": name, "email": email}
                for number, row in numbered
                for name, email in row["contacts"]
            ],
        ),
    ]
    for table, values in found:
        if values:
            db.session.execute(insert(table), values)


def _complete(one: Organisation, row: dict[str, Any]) -> None:
    """Give what it lacks; take nothing away."""
    names = {one.name.casefold(), *(alias.text.casefold() for alias in one.aliases)}
    for text, mode in row["aliases"]:
        if text.casefold() not in names:
            names.add(text.casefold())
            one.aliases.append(Alias(text=text, mode=mode))
    people = {contact.name.casefold() for contact in one.contacts}
    for name, email in row["contacts"]:
        if name.casefold() not in people:
            people.add(name.casefold())
            one.contacts.append(Contact(name=name, email=email))
    one.domains = sorted({*one.domains, *row["domains"]})
    one.siren = one.siren or row["siren"]


def _check(
    organisation: Organisation | None,
    name: str,
    roles: list[str],
    aliases: list[tuple[str, str]],
    siren: str | None,
) -> None:
    problems = {}
    taken = db.session.scalar(select(Organisation.id).where(Organisation.name == name.strip()))
    if taken is not None and (organisation is None or organisation.id != taken):
        problems["name"] = _("This organisation is registered already.")
    if not roles or not set(roles) <= set(ROLES):
        problems["roles"] = _("Say whether it is a client, a supplier, or both.")
    if any(mode not in MODES or not text.strip() for text, mode in aliases):
        problems["aliases"] = _("Give each alias a text and a mode: plain, cap or ctx.")
    if siren and not siren_number.is_valid(siren):
        problems["siren"] = _("This SIREN isn't valid: check its nine digits.")
    if problems:
        raise Invalid(fields=problems)
