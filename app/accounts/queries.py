from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Invitation
from app.accounts.policy import can_answer, can_invite, can_sponsor
from app.auth.queries import hash_of
from app.gate import queries as gate
from app.kernel import clock, settings
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.page import Page, cut, place
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person
from app.spaces.models import Space

PAGE = 50
LONGEST_STAY = timedelta(days=366)


def end_of(day: date) -> datetime:
    """The instant at which a day is over, by the company's clock."""
    zone = ZoneInfo(gate.zone())
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone).astimezone(UTC)


def last_day(ends_at: datetime) -> date:
    """The day that `end_of` was given."""
    return (ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(gate.zone())).date()


def today() -> date:
    """By the company's clock."""
    return clock.now().astimezone(ZoneInfo(gate.zone())).date()


def open_invitation(secret: str) -> Invitation:
    """The invitation with this secret, while it may be accepted; NotFound for any other."""
    found = db.session.scalar(select(Invitation).where(Invitation.secret_hash == hash_of(secret), *_open()))
    if found is None or (found.segment != EMPLOYEE and not _may_be_taken_in(found)):
        raise NotFound
    return found


def is_asked(login: str, email: str | None) -> bool:
    """True when an invitation that may still be accepted promises this login or address."""
    same = (
        Invitation.login == login if not email else or_(Invitation.login == login, Invitation.email == email)
    )
    return db.session.scalar(select(Invitation.id).where(same, *_open()).limit(1)) is not None


def get_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """An invitation, for whoever may answer for it; NotFound otherwise."""
    found = db.session.get(Invitation, invitation_id)
    if found is None or not can_answer(actor, found):
        raise NotFound
    return found


def invitations(actor: Actor, *, after: str | None = None) -> Page[Any]:
    """Every invitation, newest first, with the names of the organisation and of the sponsor."""
    if not can_invite(actor):
        raise NotFound
    begin = place("invitations", after)
    rows = _told()
    if begin:
        rows = rows.where(Invitation.id < begin[0])
    found = db.session.execute(rows.order_by(Invitation.id.desc()).limit(PAGE + 1)).all()
    return cut(found, PAGE, "invitations", lambda row: [row.Invitation.id])


def waiting_for(actor: Actor) -> Sequence[Any]:
    """Those who accepted and wait for the actor's answer as their sponsor."""
    waits = (
        Invitation.sponsor_id == actor.id,
        Invitation.needs_approval,
        Invitation.used_at.is_not(None),
        Invitation.answered_at.is_(None),
    )
    return db.session.execute(_told().where(*waits).order_by(Invitation.id)).all()


def outside_spaces() -> Sequence[Any]:
    """Spaces that have an outside organisation, by name: (id, name, organisation_id)."""
    rows = select(Space.id, Space.name, Space.organisation_id).where(Space.organisation_id.is_not(None))
    return db.session.execute(rows.order_by(Space.name)).all()


def spaces_of_organisation(organisation_id: int, ids: Sequence[int]) -> Sequence[Space]:
    """Those of these spaces that belong to an organisation."""
    rows = select(Space).where(Space.organisation_id == organisation_id, Space.id.in_(ids))
    return db.session.scalars(rows.order_by(Space.id)).all()


def _told() -> Any:
    sponsor = aliased(Person)
    return (
        select(Invitation, Organisation.name.label("organisation"), sponsor.name.label("sponsor"))
        .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(sponsor, sponsor.id == Invitation.sponsor_id)
    )


def _open() -> tuple[Any, ...]:
    unused = and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    return unused, Invitation.expires_at > clock.now()


def _may_be_taken_in(partner: Invitation) -> bool:
    sponsor = db.session.get(Person, partner.sponsor_id) if partner.sponsor_id else None
    in_time = partner.ends_on is not None and partner.ends_on >= today()
    return (
        bool(settings.get("partners_enabled", False))
        and in_time
        and sponsor is not None
        and can_sponsor(sponsor)
    )
