"""Who acts: what every policy needs to know of the signed-in person, read once a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from app.kernel import clock, settings
from app.kernel.db import db
from app.people.models import EMPLOYEE, Person

PROOF_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person who does something, through a session, a token, a job or the console."""

    id: int
    login: str
    name: str
    segment: str = EMPLOYEE
    organisation_id: int | None = None
    roles: frozenset[str] = frozenset()
    locale: str = "fr"
    theme: str = "auto"
    time_zone: str = "Europe/Paris"
    team_id: int | None = None
    manager_id: int | None = None
    photo_url: str | None = None
    title: str = ""
    site: str = ""
    session_id: int | None = None
    token_id: int | None = None
    second_factor_at: datetime | None = None
    suspended_until: datetime | None = None
    enters_from: tuple[str, ...] = ()
    proven_at: datetime | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login asks for."""
        return str(self.id)

    @property
    def is_partner(self) -> bool:
        return self.segment != EMPLOYEE

    @property
    def is_suspended(self) -> bool:
        """Reads what was decided about them and may appeal; nothing else, for a while."""
        return self.suspended_until is not None and self.suspended_until > clock.now()

    @property
    def has_just_proved(self) -> bool:
        """Who they are, in this session: with a second factor, or the password when there is none."""
        return self.proven_at is not None and self.proven_at > clock.now() - PROOF_LASTS

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def is_moderator(self) -> bool:
        return not self.is_partner and bool(self.roles & {"moderator", "senior_moderator"})

    @property
    def is_senior(self) -> bool:
        return not self.is_partner and "senior_moderator" in self.roles


COLUMNS = (
    Person.id,
    Person.login,
    Person.name,
    Person.segment,
    Person.organisation_id,
    Person.roles,
    Person.locale,
    Person.theme,
    Person.time_zone,
    Person.team_id,
    Person.manager_id,
    Person.photo_id,
    Person.title,
    Person.site,
    Person.deactivated_at,
    Person.suspended_until,
    Person.ends_at,
    Person.enters_from,
)


def from_row(
    row: Any,
    *,
    session_id: int | None = None,
    token_id: int | None = None,
    second_factor_at: datetime | None = None,
    proven_at: datetime | None = None,
) -> Actor | None:
    """The actor of a row with COLUMNS, or None for somebody who may not act (left, their time is over, or
    partners are switched off).
    """
    if row.deactivated_at is not None or (row.ends_at is not None and row.ends_at <= clock.now()):
        return None
    if row.segment != EMPLOYEE and not settings.get("partners_enabled", False):
        return None
    return Actor(
        id=row.id,
        login=row.login,
        name=row.name,
        segment=row.segment,
        organisation_id=row.organisation_id,
        roles=frozenset(row.roles),
        locale=row.locale,
        theme=row.theme,
        time_zone=row.time_zone,
        team_id=row.team_id,
        manager_id=row.manager_id,
        photo_url=f"/files/{row.photo_id}/thumb" if row.photo_id else None,
        title=row.title,
        site=row.site,
        session_id=session_id,
        token_id=token_id,
        second_factor_at=second_factor_at,
        suspended_until=row.suspended_until,
        enters_from=tuple(row.enters_from or ()),
        proven_at=proven_at,
    )


def of_person(person_id: int) -> Actor | None:
    """A person as they would act right now; None when they may not."""
    row = db.session.execute(_people().where(Person.id == person_id)).first()
    return from_row(row) if row else None


def _people() -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS)
