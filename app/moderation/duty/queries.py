from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.gate.queries import present
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.moderation import ground
from app.moderation.duty.models import DutyReplacement, DutySlot
from app.moderation.duty.policy import can_see_roster
from app.moderation.models import ReviewItem
from app.people.actor import Actor
from app.people.models import Person


@dataclass(frozen=True)
class Turn:
    """A slot as the roster shows it: its next date, and who really is there then."""

    slot: DutySlot
    name: str
    on: date
    stand_in: str | None
    is_now: bool


def roster(actor: Actor, now: datetime | None = None) -> Sequence[Turn]:
    """The slots of the week, in order; NotFound for whom it doesn't concern."""
    if not can_see_roster(actor):
        raise NotFound
    local = (now or clock.now()).astimezone(present().zone)
    minute, today = local.hour * 60 + local.minute, local.date()
    slots = db.session.scalars(select(DutySlot).order_by(DutySlot.day, DutySlot.begin, DutySlot.id)).all()
    dates = {slot.id: _next(slot, today, minute) for slot in slots}
    instead = _instead(slots)
    names = _names([slot.person_id for slot in slots] + list(instead.values()))
    return [
        Turn(
            slot=slot,
            name=names[slot.person_id],
            on=dates[slot.id],
            stand_in=names.get(instead.get((slot.id, dates[slot.id].isoformat()), 0)),
            is_now=dates[slot.id] == today and slot.begin <= minute < slot.end,
        )
        for slot in slots
    ]


def on_duty(now: datetime | None = None) -> list[int]:
    """Who is on duty at a moment, by the company's clock; those who still moderate."""
    local = (now or clock.now()).astimezone(present().zone)
    minute = local.hour * 60 + local.minute
    here = (DutySlot.day == local.weekday(), DutySlot.begin <= minute, DutySlot.end > minute)
    slots = db.session.scalars(select(DutySlot).where(*here).order_by(DutySlot.id)).all()
    instead, today = _instead(slots), local.date().isoformat()
    people = [instead.get((slot.id, today), slot.person_id) for slot in slots]
    able = {person_id for person_id, _name in moderators()}
    return [person_id for person_id in dict.fromkeys(people) if person_id in able]


def to_be_paged(item: ReviewItem, now: datetime | None = None) -> tuple[int, ...]:
    """Who is on duty and may handle an item; else the senior moderators; else whoever may."""
    able = ground.reviewers_for(item)
    there = tuple(person_id for person_id in on_duty(now) if person_id in able)
    return there or ground.seniors_for(item) or able


def moderators() -> list[tuple[int, str]]:
    """Moderators of the company, by name."""
    ids = ground.moderators()
    rows = select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.name_key)
    return [(row.id, row.name) for row in db.session.execute(rows)]


def get_slot(actor: Actor, slot_id: int) -> DutySlot:
    """A slot, or NotFound."""
    slot = db.session.get(DutySlot, slot_id) if can_see_roster(actor) else None
    if slot is None:
        raise NotFound
    return slot


def _next(slot: DutySlot, today: date, minute: int) -> date:
    ahead = (slot.day - today.weekday()) % 7
    return today + timedelta(days=7 if ahead == 0 and slot.end <= minute else ahead)


def _instead(slots: Sequence[DutySlot]) -> dict[tuple[int, str], int]:
    rows = select(DutyReplacement).where(DutyReplacement.slot_id.in_([slot.id for slot in slots]))
    return {(row.slot_id, row.date): row.person_id for row in db.session.scalars(rows)}


def _names(ids: Sequence[int]) -> dict[int, str]:
    rows = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return {row.id: row.name for row in db.session.execute(rows)}
