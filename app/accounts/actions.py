from __future__ import annotations

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, delete, update

from app.accounts import policy
from app.accounts.events import InvitationUsed
from app.accounts.models import Invitation, PeopleImport
from app.accounts.queries import (
    LONGEST_STAY,
    end_of,
    is_asked,
    open_invitation,
    spaces_of_organisation,
    today,
)
from app.accounts.terms import NewInvitation
from app.auth import actions as auth
from app.auth.queries import hash_of
from app.gate import queries as gate
from app.gate.address import BadNetwork, canonical, parse_networks
from app.kernel import audit, clock, settings, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.policy import require
from app.organisations.models import Organisation
from app.people import actions as people
from app.people.actor import Actor, of_person
from app.people.models import CLIENT, EMPLOYEE, Person
from app.people.queries import by_login, get_person
from app.spaces import actions as spaces

INVITATIONS_FOR, LISTS_FOR = timedelta(days=180), timedelta(days=30)


@action
def invite(actor: Actor, new: NewInvitation) -> tuple[Invitation, str]:
    """Ask somebody to join; the secret of their link is answered here and kept nowhere.

    Invalid for a login or address that is taken or promised, for a partner without sponsor, end or
    organisation, or with a space of another organisation.
    """
    require(policy.can_invite(actor))
    login, email = new.login.strip().lower(), (new.email or "").strip().lower() or None
    people.check_new(login, email, new.segment, new.organisation_id, [])
    if is_asked(login, email):
        raise Invalid(fields={"login": _("Somebody was invited under this login or address already.")})
    sponsor = _checked(new)
    secret = secrets.token_urlsafe(32)
    made = Invitation(
        secret_hash=hash_of(secret),
        by_id=actor.id,
        login=login,
        name=new.name.strip(),
        email=email,
        segment=new.segment,
        organisation_id=new.organisation_id,
        space_ids=sorted(set(new.space_ids)),
        sponsor_id=sponsor.id if sponsor else None,
        ends_on=new.ends_on,
        site=new.site,
        enters_from=_networks(new.networks),
        needs_approval=new.needs_approval,
        expires_at=clock.now() + timedelta(days=new.days),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("invitation.made", actor.id, f"invitation:{made.id}", login=login, segment=new.segment)
    return made, secret


@action
def revoke(actor: Actor, invitation: Invitation) -> None:
    """The link leads nowhere any more; Conflict when it was used meanwhile."""
    require(policy.can_invite(actor))
    still = update(Invitation).where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
    if store.changed(still.where(Invitation.revoked_at.is_(None)).values(revoked_at=clock.now())):
        audit.record("invitation.revoked", actor.id, f"invitation:{invitation.id}")
    elif db.session.get_one(Invitation, invitation.id, populate_existing=True).used_at is not None:
        raise Conflict


@action
def accept(secret: str, *, password: str, locale: str, address: str) -> tuple[Person, bool]:
    """Make the account that an invitation promises, once; whether it works already, or waits for an answer.

    NotFound for a link that is unknown, used, over or taken back, and where the gate wouldn't let this person
    in from: all the same. Invalid for a password that isn't taken, or a login taken meanwhile; the link
    stays good then.
    """
    asked = open_invitation(secret)
    mine = update(Invitation).where(
        Invitation.id == asked.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
    )
    if store.changed(mine.values(used_at=clock.now())) != 1:
        raise NotFound
    person = _made(asked, locale)
    who = of_person(person.id)
    if who is None or gate.standing(who, canonical(address)).is_outside:
        raise NotFound
    auth.set_password(None, person, password)
    if asked.needs_approval:
        people.deactivate(None, person)
    db.session.execute(update(Invitation).where(Invitation.id == asked.id).values(person_id=person.id))
    audit.record("invitation.used", person.id, f"invitation:{asked.id}")
    announce(
        InvitationUsed(
            invitation_id=asked.id,
            person_id=person.id,
            told_id=asked.sponsor_id or asked.by_id,
            waits=asked.needs_approval,
        )
    )
    return person, not asked.needs_approval


@action
def answer(actor: Actor, invitation: Invitation, *, approved: bool) -> None:
    """Let somebody in who accepted an invitation and waits, or not; the first answer counts."""
    require(policy.can_answer(actor, invitation))
    waits = update(Invitation).where(
        Invitation.id == invitation.id,
        Invitation.needs_approval,
        Invitation.person_id.is_not(None),
        Invitation.answered_at.is_(None),
    )
    answered = {"answered_at": clock.now(), "answered_by_id": actor.id, "is_approved": approved}
    if store.changed(waits.values(**answered)) != 1:
        raise Conflict
    if approved:
        people.reactivate(None, get_person(invitation.person_id or 0))
    act = "invitation.approved" if approved else "invitation.refused"
    audit.record(act, actor.id, f"invitation:{invitation.id}", person=invitation.person_id)


@action
def forget_the_old() -> None:
    """Forget invitations made half a year ago that nobody waits on, and lists that were sent a month ago."""
    now = clock.now()
    waits = and_(Invitation.needs_approval, Invitation.used_at.is_not(None), Invitation.answered_at.is_(None))
    old = (Invitation.created_at < now - INVITATIONS_FOR, Invitation.expires_at < now, ~waits)
    db.session.execute(delete(Invitation).where(*old))
    db.session.execute(delete(PeopleImport).where(PeopleImport.created_at < now - LISTS_FOR))


def _made(asked: Invitation, locale: str) -> Person:
    person = people.add_person(
        None,
        login=asked.login,
        name=asked.name,
        email=asked.email,
        segment=asked.segment,
        organisation_id=asked.organisation_id,
        site=asked.site,
        locale=locale,
        sponsor_id=asked.sponsor_id,
        ends_at=end_of(asked.ends_on) if asked.ends_on else None,
        enters_from=asked.enters_from or None,
    )
    if asked.organisation_id is not None:
        for space in spaces_of_organisation(asked.organisation_id, asked.space_ids):
            spaces.add_member(None, space, person)
    return person


def _checked(new: NewInvitation) -> Person | None:
    """The sponsor of a partner; Invalid for what a partner or an employee can't have."""
    problems = {}
    _networks(new.networks)
    if new.segment == EMPLOYEE:
        if new.space_ids or new.sponsor or new.ends_on:
            problems["segment"] = _("Spaces, a sponsor and an end are for partners.")
        sponsor = None
    else:
        sponsor = by_login(new.sponsor) if new.sponsor else None
        if sponsor is None or not policy.can_sponsor(sponsor):
            problems["sponsor"] = _("Give the login of an employee who answers for them.")
        problems |= _problems_of_stay(new)
    if problems:
        raise Invalid(fields=problems)
    return sponsor


def _problems_of_stay(new: NewInvitation) -> dict[str, str]:
    problems = {}
    if not settings.get("partners_enabled", False):
        problems["segment"] = _("Partners are switched off.")
    if new.ends_on is None or not today() <= new.ends_on <= today() + LONGEST_STAY:
        problems["ends_on"] = _("Give the last day of their stay, within a year.")
    firm = db.session.get(Organisation, new.organisation_id) if new.organisation_id else None
    if firm is None or not (firm.is_client if new.segment == CLIENT else firm.is_supplier):
        problems["organisation"] = _("Choose an organisation that is a client or a supplier, as they are.")
    elif len(spaces_of_organisation(firm.id, new.space_ids)) != len(set(new.space_ids)):
        problems["spaces"] = _("Choose among the spaces of their organisation.")
    return problems


def _networks(written: str) -> list[str]:
    try:
        return [str(network) for network in parse_networks(written).entries]
    except BadNetwork as problem:
        raise Invalid(fields={"networks": _("Give networks such as 10.1.0.0/16, one a line.")}) from problem
