"""What of the directory's word becomes of a person here.

A field follows when the directory's word for it changes, not each time it is said: what people changed of
their own profile since then stays. Closing always follows; opening again only what provisioning closed.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.auth import actions as auth
from app.auth.scim.errors import taken, wrong
from app.auth.scim.models import ScimPerson
from app.auth.scim.queries import is_kept, number_of
from app.auth.scim.said import Said
from app.kernel.db import db
from app.people import actions as people
from app.people.actions import is_login
from app.people.models import EMPLOYEE, Person, Team
from app.people.queries import is_line_manager


def refuse_taken_name(said: Said) -> None:
    """One user name, one person."""
    if (
        db.session.scalar(select(ScimPerson.person_id).where(ScimPerson.user_name_key == said.key))
        is not None
    ):
        raise taken("userName")


def same_person(said: Said) -> Person | None:
    """The employee whom the directory means and whom it doesn't keep yet: by login, by address."""
    named = or_(Person.login == said.key, func.lower(Person.email) == said.key)
    found = _employee(named) or (_employee(func.lower(Person.email) == said.email) if said.email else None)
    if found is None:
        return None
    kept = select(ScimPerson.person_id).where(ScimPerson.person_id == found.id, is_kept())
    if db.session.scalar(kept) is not None:
        raise taken("userName")
    return found


def free_email(email: str | None, person_id: int) -> str | None:
    """The address, which nobody else has."""
    other = select(Person.id).where(func.lower(Person.email) == email, Person.id != person_id)
    if email and db.session.scalar(other) is not None:
        raise taken("emails")
    return email


def take_over(person: Person, row: ScimPerson, before: Said, now: Said) -> None:
    """Change of a person what the directory's word changes."""
    fields = _fields(person, before, now)
    changed = {name: value for name, value in fields.items() if getattr(person, name) != value}
    if changed:
        people.change_profile(None, person, **changed)
    _open_or_close(person, row, now.active is not False)


def close(person: Person) -> None:
    """Cut somebody off now: sessions, tokens, sockets. Conflict for the last admin."""
    if person.deactivated_at is None:
        people.deactivate(None, person)
    auth.revoke_all_tokens(None, person.id)


def _open_or_close(person: Person, row: ScimPerson, is_active: bool) -> None:
    if not is_active:
        close(person)
    elif person.deactivated_at is not None and not row.active:
        people.reactivate(None, person)
    row.active = is_active


def _fields(person: Person, before: Said, now: Said) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if now.name != before.name:
        fields["name"] = now.name
    if now.title != before.title:
        fields["title"] = now.title or ""
    if now.speaks and now.speaks != before.speaks:
        fields["locale"] = now.speaks
    if now.timezone != before.timezone and now.timezone in available_timezones():
        fields["time_zone"] = now.timezone
    if now.email != before.email:
        fields["email"] = free_email(now.email, person.id)
    if now.department != before.department:
        fields["team_id"] = _team(now.department)
    if now.manager != before.manager:
        fields["manager_id"] = _manager(person, now.manager)
    if before.user_name and now.key != before.key and is_login(now.key):
        fields["login"] = _free_login(now.key, person)
    return fields


def _employee(which: Any) -> Person | None:
    rows = select(Person).where(which, Person.segment == EMPLOYEE).order_by(Person.id).limit(1)
    return db.session.scalar(rows.with_for_update(key_share=True).execution_options(populate_existing=True))


def _free_login(login: str, person: Person) -> str:
    other = select(Person.id).where(Person.login == login, Person.id != person.id)
    if db.session.scalar(other) is not None:
        raise taken("userName")
    return login


def _team(department: str | None) -> int | None:
    if not department:
        return None
    found = db.session.scalar(select(Team.id).where(Team.name == department))
    return found if found is not None else people.add_team(None, name=department).id


def _manager(person: Person, said: str | None) -> int | None:
    """The manager, when the directory keeps them here; who isn't known leaves the place empty."""
    number = number_of(said)
    kept = select(ScimPerson.person_id).where(ScimPerson.person_id == number, is_kept())
    if number is None or db.session.scalar(kept) is None:
        return None
    if number == person.id or is_line_manager(person.id, number):
        raise wrong("manager", _("Nobody can report to themselves, even through others."))
    return number
