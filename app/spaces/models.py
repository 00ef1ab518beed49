from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Model, PublicId, Timestamped
from app.organisations.models import Organisation

KINDS = ("internal", "client", "supplier", "social")
OPEN, CLOSED, SECRET = "open", "closed", "secret"
VISIBILITIES = (OPEN, CLOSED, SECRET)
OWNER, MODERATOR, MEMBER = "owner", "moderator", "member"
MEMBER_ROLES = (OWNER, MODERATOR, MEMBER)


class Space(Timestamped, Model):
    """A place where people meet: the unit of visibility, with at most one outside organisation."""

    __tablename__ = "spaces"
    id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80), index=True)
    about: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(10), default="internal")
    visibility: Mapped[str] = mapped_column(String(6), default=OPEN)
    joins_freely: Mapped[bool] = mapped_column(default=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(BigInteger)
    member_count: Mapped[int] = mapped_column(default=0)
    last_position: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")

    @property
    def is_open(self) -> bool:
        return self.visibility == OPEN


class Membership(Timestamped, Model):
    """A person belongs to a space while this row exists."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_person_id_space_id", "person_id", "space_id"),)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), default=MEMBER)


class GroupSeat(Timestamped, Model):
    """A person belongs to a space because of a group of the directory, and for no other reason."""

    __tablename__ = "group_seats"
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class JoinRequest(Timestamped, Model):
    """A person would like to belong; gone once answered."""

    __tablename__ = "join_requests"
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
