from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.db import Instant, Model, PublicId, Timestamped


class ProvisioningKey(Timestamped, Model):
    """What the company's directory proves itself with: shown once, stored hashed, good for nothing else."""

    __tablename__ = "scim_keys"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ScimPerson(Timestamped, Model):
    """What the directory says of a person. Ended, the directory doesn't know them any more, nor we for it."""

    __tablename__ = "scim_people"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    user_name: Mapped[str] = mapped_column(String(254))
    user_name_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(255), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    display_name: Mapped[str | None] = mapped_column(String(200))
    formatted: Mapped[str | None] = mapped_column(String(200))
    family_name: Mapped[str | None] = mapped_column(String(120))
    given_name: Mapped[str | None] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str | None] = mapped_column(String(60))
    timezone: Mapped[str | None] = mapped_column(String(60))
    employee_number: Mapped[str | None] = mapped_column(String(120))
    department: Mapped[str | None] = mapped_column(String(120))
    manager: Mapped[str | None] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ScimEmail(Model):
    """An e-mail address that the directory gives for a person."""

    __tablename__ = "scim_emails"
    __table_args__ = (Index("ix_scim_emails_value_key", "value_key"),)
    person_id: Mapped[int] = mapped_column(ForeignKey("scim_people.person_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str | None] = mapped_column(String(254))
    value_key: Mapped[str | None] = mapped_column(String(254))
    kind: Mapped[str | None] = mapped_column(String(40))
    is_primary: Mapped[bool | None]


class ScimGroup(Timestamped, Model):
    """A group that the directory keeps here."""

    __tablename__ = "scim_groups"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(255), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(255), index=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class ScimMember(Model):
    """The directory says that a person is in one of its groups."""

    __tablename__ = "scim_members"
    group_id: Mapped[int] = mapped_column(ForeignKey("scim_groups.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("scim_people.person_id"), primary_key=True, index=True)
