from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.db import Instant, Model, PublicId, Timestamped

OPEN, EXPIRED, REVOKED, WAITS, USED, REFUSED = "open", "expired", "revoked", "waits", "used", "refused"


class Invitation(Timestamped, Model):
    """Somebody is asked to join: what their account will be. Its secret is kept only as a hash."""

    __tablename__ = "invitations"
    id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    by_id: Mapped[int] = mapped_column(BigInteger)
    login: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    segment: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    space_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ends_on: Mapped[date | None] = mapped_column(Date)
    site: Mapped[str] = mapped_column(String(120), default="")
    enters_from: Mapped[list[str]] = mapped_column(JSON, default=list)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(BigInteger)
    is_approved: Mapped[bool] = mapped_column(default=False)

    @property
    def state(self) -> str:
        """Where it has got to."""
        if self.used_at is None:
            if self.revoked_at is not None:
                return REVOKED
            return OPEN if self.expires_at > clock.now() else EXPIRED
        if not self.needs_approval or self.is_approved:
            return USED
        return WAITS if self.answered_at is None else REFUSED


class PeopleImport(Timestamped, Model):
    """A list of people that somebody sent and looks at before it counts; `rows` are the good lines, read."""

    __tablename__ = "people_imports"
    id: Mapped[PublicId]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    problems: Mapped[list[list[Any]]] = mapped_column(JSON)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
