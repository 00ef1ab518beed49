from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Instant, Model, PublicId, Timestamped

EMPLOYEE, CLIENT, SUPPLIER = "employee", "client", "supplier"
SEGMENTS = (EMPLOYEE, CLIENT, SUPPLIER)
ROLES = ("moderator", "senior_moderator", "charter_owner", "admin", "auditor", "staff_representative")
LOCALES = ("fr", "en")
THEMES = ("auto", "light", "dark")


class Team(Timestamped, Model):
    """A group in the company's tree."""

    __tablename__ = "teams"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class Person(Timestamped, Model):
    """An account. Segment says employee, client or supplier; the last two belong to one organisation.

    Partners may have a sponsor among the employees, an instant at which their time is over, and networks
    that they enter from, narrower than what the gate allows.
    """

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_name_key", "name_key"),)
    id: Mapped[PublicId]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(160))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    site: Mapped[str] = mapped_column(String(120), default="", index=True)
    about: Mapped[str] = mapped_column(Text, default="")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    segment: Mapped[str] = mapped_column(String(10), default=EMPLOYEE)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("files.id", use_alter=True))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    time_zone: Mapped[str] = mapped_column(String(60), default="Europe/Paris")
    deactivated_at: Mapped[datetime | None] = mapped_column(Instant)
    suspended_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    sponsor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    enters_from: Mapped[list[str] | None] = mapped_column(JSON)

    team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
    manager: Mapped[Person | None] = relationship(remote_side="Person.id", lazy="raise_on_sql")

    @property
    def is_partner(self) -> bool:
        return self.segment != EMPLOYEE

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def photo_url(self) -> str | None:
        return f"/files/{self.photo_id}/thumb" if self.photo_id else None


class GroupGrant(Timestamped, Model):
    """Who is in this group of the company's directory has this role, or belongs to this space."""

    __tablename__ = "group_grants"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(255), index=True)
    role: Mapped[str | None] = mapped_column(String(24))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(BigInteger)


class KnownGroup(Model):
    """A directory says that a person is in a group."""

    __tablename__ = "known_groups"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(255))


class GrantedRole(Timestamped, Model):
    """A person has this role because of a group, and for no other reason."""

    __tablename__ = "granted_roles"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(24), primary_key=True)


class Restriction(Timestamped, Model):
    """What a person may not do for a while; `space_id` 0 is everywhere."""

    __tablename__ = "restrictions"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    space_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[datetime] = mapped_column(Instant)
