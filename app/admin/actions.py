from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from app.accounts import actions as accounts
from app.admin.colours import is_colour
from app.admin.events import AuditBroken
from app.admin.policy import can_administer
from app.auth import actions as auth
from app.auth.models import Session
from app.gate.document import MOST_HOLIDAYS
from app.gate.hours import read_holidays, read_minute
from app.kernel import audit, changes, clock, idempotency, settings
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid, Stale
from app.kernel.holds import is_kept
from app.kernel.policy import require
from app.moderation.worktime import SETTING
from app.people import actions as people
from app.people.actor import Actor
from app.people.models import Person, Team
from app.people.queries import by_login, is_line_manager
from app.posts.models import SpentNudge

CHANGES_FOR, ANSWERS_FOR = timedelta(days=7), timedelta(days=1)
NUDGES_FOR, SESSIONS_FOR = timedelta(days=2), timedelta(days=30)


@action
def save_company(
    actor: Actor | None, *, name: str, accent: str, partners: bool, domain: str = "", time_zone: str = ""
) -> None:
    """Set the company's marks and whether partners may sign in.

    Invalid for something that isn't a colour or a time zone.
    """
    require(actor is None or can_administer(actor))
    problems = {}
    if not is_colour(accent):
        problems["accent"] = _("Give a colour such as #0b6062.")
    if time_zone and time_zone not in available_timezones():
        problems["time_zone"] = _("Give a time zone such as Europe/Paris.")
    if problems:
        raise Invalid(fields=problems)
    chosen = {
        "company_name": name.strip(),
        "accent": accent.lower(),
        "partners_enabled": partners,
        "company_domain": domain.strip().lower(),
        "time_zone": time_zone or "Europe/Paris",
    }
    by_id = actor.id if actor else None
    changed = {key: value for key, value in chosen.items() if settings.get(key) != value}
    for key, value in changed.items():
        settings.put(key, value, by_id)
    audit.record("company.changed", by_id, "company", **changed)


@action
def save_working_hours(
    actor: Actor, *, days: list[int], start: str, end: str, zone: str, closed: list[str]
) -> None:
    """Set the hours in which moderators work; deadlines of what comes in from now on follow.

    Invalid with a sentence for each field when they can't be.
    """
    require(can_administer(actor))
    problems, begin, until = {}, _minute(start), _minute(end)
    if begin is None:
        problems["start"] = _("Give a time such as 08:30.")
    if until is None or (begin is not None and until <= begin):
        problems["end"] = _("Give a time later than the first.")
    if not days or not set(days) <= set(range(7)):
        problems["days"] = _("Choose one day at least.")
    if zone and zone not in available_timezones():
        problems["zone"] = _("Give a time zone such as Europe/Paris.")
    if len(closed) > MOST_HOLIDAYS or not _are_days(closed):
        problems["closed"] = _("Give days such as 2026-12-25, or 12-25 for every year.")
    if problems:
        raise Invalid(fields=problems)
    told = {"days": sorted(days), "start": start, "end": end, "zone": zone, "closed": closed}
    settings.put(SETTING, told, actor.id)
    audit.record("hours.changed", actor.id, "company", **told)


@action
def change_account(actor: Actor, person: Person, *, version: int, roles: list[str], **fields: Any) -> Person:
    """Change an account and its roles: name, email, title, site, team_id, manager (a login or "").

    Stale when it was changed meanwhile; Invalid for an address taken, a team or manager that isn't there.
    """
    require(can_administer(actor))
    if person.version != version:
        raise Stale
    manager = fields.pop("manager").strip()
    fields["manager_id"] = _checked(person, fields, manager)
    changed = {key: value for key, value in fields.items() if getattr(person, key) != value}
    if changed:
        people.change_profile(actor, person, **changed)
        audit.record("person.changed", actor.id, f"person:{person.id}", fields=sorted(changed))
    if sorted(roles) != sorted(person.roles):
        people.set_roles(actor, person, roles)
    return person


@action
def forget_the_old() -> None:
    """Forget changes told a week ago, answers given a day ago, hints spent and sessions over for long."""
    now = clock.now()
    changes.prune(now - CHANGES_FOR)
    idempotency.prune(now - ANSWERS_FOR)
    db.session.execute(delete(SpentNudge).where(SpentNudge.at < now - NUDGES_FOR))
    over = or_(Session.revoked_at < now - SESSIONS_FOR, Session.expires_at < now - SESSIONS_FOR)
    db.session.execute(delete(Session).where(over, ~is_kept("person", Session.person_id)))
    auth.forget_the_old()
    accounts.forget_the_old()


@action
def note_check(is_whole: bool, seq: int) -> None:
    """Remember how the last check of the log went; when it isn't whole, whoever must act is called."""
    settings.put("audit_checked", {"is_whole": is_whole, "seq": seq, "at": _now_micros()})
    if not is_whole:
        announce(AuditBroken(seq=seq))


@action
def note_backup() -> None:
    """Remember when the last backup was made."""
    settings.put("backup_at", _now_micros())
    audit.record("backup.made", None, "company")


def _checked(person: Person, fields: dict[str, Any], manager_login: str) -> int | None:
    problems = {}
    email = fields.get("email")
    taken = select(Person.id).where(Person.email == email, Person.id != person.id)
    if email and db.session.scalar(taken) is not None:
        problems["email"] = _("Somebody already has this e-mail address.")
    if fields.get("team_id") is not None and db.session.get(Team, fields["team_id"]) is None:
        problems["team"] = _("Choose one of the values offered.")
    manager = by_login(manager_login) if manager_login else None
    if manager_login and manager is None:
        problems["manager"] = _("Nobody signs in with this name.")
    if manager and (manager.id == person.id or is_line_manager(person.id, manager.id)):
        problems["manager"] = _("Nobody can report to themselves, even through others.")
    if problems:
        raise Invalid(fields=problems)
    return manager.id if manager else None


def _now_micros() -> int:
    return clock.micros(clock.now())


def _minute(written: str) -> int | None:
    try:
        return read_minute(written)
    except ValueError:
        return None


def _are_days(written: list[str]) -> bool:
    try:
        read_holidays(written)
    except ValueError:
        return False
    return True
