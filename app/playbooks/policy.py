from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, union
from sqlalchemy.orm import aliased

from app.files.models import File
from app.kernel.db import db
from app.moderation.models import ReviewItem
from app.moderation.policy import can_see_item, items_seen_by
from app.people.actor import Actor
from app.people.models import Person
from app.people.queries import is_line_manager
from app.playbooks.models import (
    CUSTODIAN,
    CUSTODIANS,
    OUTSIDE_LINE,
    SIGNALS,
    CaseCustodian,
    CaseStep,
    PlaybookCase,
)
from app.spaces.models import Space

HOLDER = "case"
# Roles that see a case of moderation only when a step of it is theirs.
CALLED = ("charter_owner", "auditor", "staff_representative")


def can_read_playbooks(actor: Actor) -> bool:
    """Knows what is to be done when, and sets it going: moderators of the company and admins."""
    return not actor.is_partner and (actor.is_moderator or actor.is_admin)


def can_edit_playbooks(actor: Actor) -> bool:
    """Writes what is to be done."""
    return not actor.is_partner and (actor.is_senior or actor.is_admin)


def can_entrust(actor: Actor) -> bool:
    """Says to whom restricted cases are entrusted."""
    return not actor.is_partner and actor.is_admin


def has_cases(actor: Actor) -> bool:
    """There may be a case for this person to look at: theirs by role, or entrusted to them."""
    if actor.is_partner:
        return False
    if can_read_playbooks(actor) or actor.roles & set(CALLED):
        return True
    entrusted = exists().where(CaseCustodian.person_id == actor.id)
    return bool(db.session.scalar(select(entrusted)))


def can_see_case(actor: Actor, case: PlaybookCase) -> bool:
    """May know that a case exists. Whom it is about never does."""
    if actor.is_partner or case.concerned_id == actor.id:
        return False
    if case.access == OUTSIDE_LINE and case.concerned_id and _in_one_line(actor.id, case.concerned_id):
        return False
    if is_custodian(actor, case):
        return True
    if case.access == CUSTODIANS:
        return False
    if case.access == OUTSIDE_LINE:
        return actor.is_senior or actor.is_admin
    return actor.is_admin or _is_called(actor, case) or _reviews(actor, case)


def cases_seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_case`, on PlaybookCase."""
    if actor.is_partner:
        return false()
    concerned = PlaybookCase.concerned_id
    apart = or_(concerned.is_(None), concerned != actor.id)
    outside = or_(PlaybookCase.access != OUTSIDE_LINE, concerned.is_(None), concerned.not_in(_line_of(actor)))
    entrusted = exists().where(CaseCustodian.case_id == PlaybookCase.id, CaseCustodian.person_id == actor.id)
    above = true() if actor.is_senior or actor.is_admin else false()
    usual = PlaybookCase.access.not_in((OUTSIDE_LINE, CUSTODIANS))
    return and_(
        apart,
        outside,
        or_(
            entrusted,
            and_(PlaybookCase.access == OUTSIDE_LINE, above),
            and_(usual, or_(true() if actor.is_admin else false(), _called(actor), _reviewed(actor))),
        ),
    )


def is_custodian(actor: Actor, case: PlaybookCase) -> bool:
    """The case is entrusted to this person."""
    return db.session.get(CaseCustodian, (case.id, actor.id)) is not None


def can_handle(actor: Actor, case: PlaybookCase, owner: str) -> bool:
    """Does a step that is the owner's, of a case that the actor sees; admins stand in, custodians among
    themselves.
    """
    if case.access == CUSTODIANS:
        return is_custodian(actor, case)
    if actor.is_admin or owner in actor.roles:
        return True
    if owner == CUSTODIAN:
        return is_custodian(actor, case)
    if owner == "moderator":
        return actor.is_moderator or (case.item_id is not None and _reviews(actor, case))
    return False


def can_keep(actor: Actor, case: PlaybookCase) -> bool:
    """Ends a case early, lifts what is kept for it: custodians, else senior moderators and admins."""
    if case.access == CUSTODIANS:
        return is_custodian(actor, case)
    return actor.is_senior or actor.is_admin or is_custodian(actor, case)


def can_read_content(actor: Actor, case: PlaybookCase) -> bool:
    """Reads the text that a case is about. To be told of a case isn't to read a closed space."""
    if case.entry_id is None:
        return True
    if is_custodian(actor, case):
        return True
    if case.access != CUSTODIANS and case.item_id is not None:
        return (case.access == OUTSIDE_LINE and can_keep(actor, case)) or _reviews(actor, case)
    return False


def can_make_bundle(actor: Actor, case: PlaybookCase) -> bool:
    """Takes the evidence of a case out of the product."""
    return can_keep(actor, case) and can_read_content(actor, case)


def can_make_item_bundle(actor: Actor, item: ReviewItem) -> bool:
    """The same for a review item without a playbook."""
    return actor.is_senior and _sees_item(actor, item)


def files_of_cases(actor: Actor) -> ColumnElement[bool]:
    """What was put to a step, for those who see the case; on File."""
    return exists().where(PlaybookCase.id == File.holder_id, cases_seen_by(actor))


def starts_on(signal: str) -> bool:
    """Something that a playbook can begin by itself on."""
    return signal in SIGNALS or signal.startswith("report:")


def _is_called(actor: Actor, case: PlaybookCase) -> bool:
    mine = exists().where(CaseStep.case_id == case.id, CaseStep.owner.in_(_roles_called(actor)))
    return bool(db.session.scalar(select(mine)))


def _called(actor: Actor) -> ColumnElement[bool]:
    step = aliased(CaseStep)
    return exists().where(step.case_id == PlaybookCase.id, step.owner.in_(_roles_called(actor)))


def _roles_called(actor: Actor) -> list[str]:
    return sorted(actor.roles & set(CALLED))


def _reviews(actor: Actor, case: PlaybookCase) -> bool:
    if case.item_id is None:
        return actor.is_moderator
    return _sees_item(actor, db.session.get_one(ReviewItem, case.item_id))


def _reviewed(actor: Actor) -> ColumnElement[bool]:
    freely = and_(PlaybookCase.item_id.is_(None), true() if actor.is_moderator else false())
    item = exists().where(ReviewItem.id == PlaybookCase.item_id, items_seen_by(actor))
    return or_(freely, item)


def _sees_item(actor: Actor, item: ReviewItem) -> bool:
    return can_see_item(actor, item, db.session.get_one(Space, item.space_id))


def _in_one_line(one_id: int, other_id: int) -> bool:
    return is_line_manager(one_id, other_id) or is_line_manager(other_id, one_id)


def _line_of(actor: Actor) -> Any:
    """Everybody above and below the actor."""
    up = select(Person.manager_id.label("id")).where(Person.id == actor.id, Person.manager_id.is_not(None))
    above = up.cte("above", recursive=True)
    above = above.union(
        select(Person.manager_id).where(Person.id == above.c.id, Person.manager_id.is_not(None))
    )
    below = select(Person.id).where(Person.manager_id == actor.id).cte("below", recursive=True)
    below = below.union(select(Person.id).where(Person.manager_id == below.c.id))
    return union(select(above.c.id), select(below.c.id)).scalar_subquery()
