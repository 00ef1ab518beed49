from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.organisations.models import Organisation, RegistryImport
from app.organisations.policy import can_read_registry
from app.people.actor import Actor


def organisations(actor: Actor) -> Sequence[Organisation]:
    """The registry by name, with aliases and contacts; nothing for partners."""
    return everything() if can_read_registry(actor) else []


def get_organisation(actor: Actor, organisation_id: int) -> Organisation:
    """One organisation with aliases and contacts, or NotFound."""
    found = db.session.scalar(_whole().where(Organisation.id == organisation_id))
    if found is None or not can_read_registry(actor):
        raise NotFound
    return found


def everything() -> Sequence[Organisation]:
    """The whole registry, for the rules."""
    return db.session.scalars(_whole().order_by(Organisation.name)).all()


def get_import(actor: Actor, import_id: int) -> RegistryImport:
    """A list that the actor sent, or NotFound."""
    found = db.session.get(RegistryImport, import_id)
    if found is None or found.by_id != actor.id:
        raise NotFound
    return found


def by_name(name: str) -> Organisation | None:
    """The organisation registered under exactly this name, with aliases and contacts."""
    return db.session.scalar(_whole().where(Organisation.name == name))


def _whole() -> Select[Organisation]:
    return select(Organisation).options(
        selectinload(Organisation.aliases), selectinload(Organisation.contacts)
    )
