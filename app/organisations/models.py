from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Instant, Model, PublicId, Timestamped

ROLES = ("client", "supplier")
MODES = ("plain", "cap", "ctx")


class Organisation(Timestamped, Model):
    """A client, a supplier, or both."""

    __tablename__ = "organisations"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    is_client: Mapped[bool] = mapped_column(default=False)
    is_supplier: Mapped[bool] = mapped_column(default=False)
    siren: Mapped[str | None] = mapped_column(String(9))
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    valid_to: Mapped[date | None] = mapped_column(Date)
    aliases: Mapped[list[Alias]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Alias.text"
    )
    contacts: Mapped[list[Contact]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Contact.name"
    )

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(r for r, held in zip(ROLES, (self.is_client, self.is_supplier), strict=True) if held)


class Alias(Model):
    """Another way to write an organisation's name, and when it counts."""

    __tablename__ = "aliases"
    id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(String(120))
    mode: Mapped[str] = mapped_column(String(5), default="plain")


class Contact(Model):
    """A person outside the company whose name brings their organisation."""

    __tablename__ = "contacts"
    id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))


class RegistryImport(Timestamped, Model):
    """A list that somebody sent and looks at before it is taken over; `rows` are the good lines, read."""

    __tablename__ = "registry_imports"
    id: Mapped[PublicId]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    problems: Mapped[list[list[Any]]] = mapped_column(JSON)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
