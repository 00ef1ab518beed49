from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, PublicId, Timestamped


class DutySlot(Timestamped, Model):
    """A moderator is on duty on a day of the week (Monday is 0), from a minute of the day until another."""

    __tablename__ = "duty_slots"
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[int]
    begin: Mapped[int]
    end: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class DutyReplacement(Timestamped, Model):
    """Somebody else stands in for a slot on one date."""

    __tablename__ = "duty_replacements"
    slot_id: Mapped[int] = mapped_column(ForeignKey("duty_slots.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[str] = mapped_column(String(10), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
