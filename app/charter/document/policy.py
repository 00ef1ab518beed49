"""Who reads, comments, writes and signs a version. Reading has two forms that a test keeps equal.

What is announced is everybody's to read. A draft is read by its owners, by staff representatives and by those
who sign; partners never see one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, literal, or_

from app.charter.document.models import Signatory
from app.charter.models import DRAFT, SCHEDULED, CharterVersion
from app.charter.policy import can_manage_charter
from app.kernel.db import db
from app.people.actor import Actor


def function_of(actor: Actor) -> str | None:
    """The function that a person signs for, None for most."""
    if actor.is_partner:
        return None
    found = db.session.get(Signatory, actor.id)
    return found.function if found else None


def can_read_drafts(actor: Actor) -> bool:
    """Charter owners, staff representatives and signatories read what is being prepared."""
    return _reads_by_role(actor) or function_of(actor) is not None


def drafts_read_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_read_drafts`: the same for every row."""
    if actor.is_partner or _reads_by_role(actor):
        return literal(not actor.is_partner)
    return exists().where(Signatory.person_id == actor.id)


def can_see_version(actor: Actor, version: CharterVersion) -> bool:
    """What was announced, and drafts for those who read drafts."""
    return version.state != DRAFT or can_read_drafts(actor)


def versions_seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_version`."""
    return or_(CharterVersion.state != DRAFT, drafts_read_by(actor))


def can_remark(actor: Actor, version: CharterVersion) -> bool:
    """Those who read drafts comment on a version until it takes effect."""
    return can_read_drafts(actor) and version.state in {DRAFT, SCHEDULED}


def can_write_version(actor: Actor, version: CharterVersion) -> bool:
    """Charter owners write a draft; nothing else is ever changed."""
    return can_manage_charter(actor) and version.state == DRAFT


def can_sign(actor: Actor, version: CharterVersion) -> bool:
    """Signatories sign a draft, each for their own function."""
    return version.state == DRAFT and function_of(actor) is not None


def can_appoint(actor: Actor) -> bool:
    """Admins say who signs for what."""
    return not actor.is_partner and actor.is_admin


def _reads_by_role(actor: Actor) -> bool:
    representative = not actor.is_partner and "staff_representative" in actor.roles
    return representative or can_manage_charter(actor)
