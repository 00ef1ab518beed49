from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from stdnum.fr import siren as siren_number

from app.kernel import audit
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.policy import require
from app.organisations.events import RegistryChanged
from app.organisations.models import MODES, ROLES, Alias, Contact, Organisation
from app.organisations.policy import can_manage_registry
from app.people.actor import Actor


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
