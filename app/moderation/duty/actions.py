from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.gate.queries import present
from app.kernel import audit, clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.policy import require
from app.moderation.duty import policy, queries
from app.moderation.duty.models import DutyReplacement, DutySlot
from app.people.actor import Actor

MOST, DAY = 200, 24 * 60
FURTHEST = timedelta(days=180)


@action
def add_slot(actor: Actor, *, person_id: int, day: int, begin: int, end: int) -> DutySlot:
    """Put a moderator on duty, on a day of each week; minutes of the day. The same again is the same slot."""
    require(policy.can_keep_roster(actor))
    problems = {}
    if person_id not in dict(queries.moderators()):
        problems["person_id"] = _("Choose a moderator.")
    if not 0 <= begin < end <= DAY:
        problems["end"] = _("It ends later on the same day: split a night in two.")
    if (db.session.scalar(select(func.count()).select_from(DutySlot)) or 0) >= MOST:
        problems["day"] = _("There are many already. Remove one that nobody needs first.")
    if problems or not 0 <= day <= 6:
        raise Invalid(fields=problems or {"day": _("Choose one of the values offered.")})
    same = {"person_id": person_id, "day": day, "begin": begin, "end": end}
    present_one = db.session.scalar(select(DutySlot).filter_by(**same))
    if present_one is not None:
        return present_one
    slot = DutySlot(**same, by_id=actor.id)
    db.session.add(slot)
    db.session.flush()
    audit.record("duty.added", actor.id, f"person:{person_id}", slot=slot.id)
    return slot


@action
def drop_slot(actor: Actor, slot: DutySlot) -> None:
    """Take a slot from the roster, with those who would have stood in."""
    require(policy.can_keep_roster(actor))
    db.session.execute(delete(DutyReplacement).where(DutyReplacement.slot_id == slot.id))
    db.session.execute(delete(DutySlot).where(DutySlot.id == slot.id))
    audit.record("duty.dropped", actor.id, f"person:{slot.person_id}", slot=slot.id)


@action
def stand_in(actor: Actor, slot: DutySlot, *, on: date, person_id: int) -> None:
    """Somebody else takes a slot on a date; whose it is takes it back the same way. The last word counts."""
    require(policy.can_replace(actor, slot))
    today, problems = clock.now().astimezone(present().zone).date(), {}
    if person_id not in dict(queries.moderators()):
        problems["person_id"] = _("Choose a moderator.")
    if on.weekday() != slot.day or not today <= on <= today + FURTHEST:
        problems["on"] = _("Choose a coming day on which this slot is.")
    if problems:
        raise Invalid(fields=problems)
    db.session.merge(
        DutyReplacement(slot_id=slot.id, date=on.isoformat(), person_id=person_id, by_id=actor.id)
    )
    db.session.flush()
    audit.record("duty.replaced", actor.id, f"person:{person_id}", slot=slot.id, date=on.isoformat())
