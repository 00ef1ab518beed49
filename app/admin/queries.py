from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, exists, func, or_, select, text

from app.admin.policy import can_administer
from app.auth.models import Session
from app.auth.queries import IDLE
from app.files.actions import LOOSE_FOR
from app.files.queries import loose_before
from app.kernel import clock
from app.kernel.audit import CHAIN, AuditEntry
from app.kernel.db import db
from app.kernel.jobs import MOST_ATTEMPTS, Job
from app.kernel.page import Page, cut, place
from app.kernel.policy import require
from app.organisations.models import Alias, Contact, Organisation
from app.organisations.policy import can_manage_registry
from app.people.actor import Actor
from app.people.models import EMPLOYEE, Person
from app.people.policy import can_read_audit
from app.people.queries import folded
from app.posts.models import DELETED, Draft, Entry
from app.spaces.models import Space

PAGE = 50
_JOB_PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class JobsState:
    """How the work for later goes: how many wait, how many gave up or failed last time, the longest wait."""

    waiting: int
    troubled: int
    lag: timedelta


def people(
    actor: Actor, *, q: str = "", state: str = "active", role: str = "", after: str | None = None
) -> Page[Any]:
    """Accounts by name: rows (Person, organisation_name)."""
    require(can_administer(actor))
    begin = place("admin-people", after)
    rows = select(Person, Organisation.name.label("organisation_name")).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )
    rows = rows.where(*_state(state), *_matching(q, Person.name_key, Person.email))
    if role:
        rows = rows.where(cast(Person.roles, String).contains(f'"{role}"', autoescape=True))
    if begin:
        later = or_(Person.name_key > begin[0], (Person.name_key == begin[0]) & (Person.id > begin[1]))
        rows = rows.where(later)
    found = db.session.execute(rows.order_by(Person.name_key, Person.id).limit(PAGE + 1)).all()
    return cut(found, PAGE, "admin-people", lambda row: [row.Person.name_key, row.Person.id])


def organisations(actor: Actor, *, q: str = "", role: str = "", after: str | None = None) -> Page[Any]:
    """The registry by name: rows (Organisation, alias_count, contact_count)."""
    require(can_manage_registry(actor))
    begin = place("admin-organisations", after)
    rows = select(Organisation, _count(Alias).label("alias_count"), _count(Contact).label("contact_count"))
    if q.strip():
        named = exists().where(Alias.organisation_id == Organisation.id, *_matching(q, Alias.text))
        rows = rows.where(or_(named, *_matching(q, Organisation.name, cast(Organisation.domains, String))))
    if role:
        rows = rows.where(Organisation.is_client if role == "client" else Organisation.is_supplier)
    if begin:
        rows = rows.where(Organisation.name > begin[0])
    found = db.session.execute(rows.order_by(Organisation.name).limit(PAGE + 1)).all()
    return cut(found, PAGE, "admin-organisations", lambda row: [row.Organisation.name])


def organisation_names() -> list[tuple[int, str]]:
    """(id, name) of all, for a list to choose from."""
    rows = db.session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.name))
    return [(number, name) for number, name in rows]


def sessions(actor: Actor, *, q: str = "", after: str | None = None) -> Page[Any]:
    """Sessions that stand, the last seen first: rows (Session, Person)."""
    require(can_administer(actor))
    begin = place("admin-sessions", after)
    rows = select(Session, Person).join(Person, Person.id == Session.person_id)
    rows = rows.where(*_open(), *_matching(q, Person.name_key, Session.address))
    if begin:
        seen = clock.instant(begin[0])
        rows = rows.where(or_(Session.seen_at < seen, (Session.seen_at == seen) & (Session.id < begin[1])))
    found = db.session.execute(rows.order_by(Session.seen_at.desc(), Session.id.desc()).limit(PAGE + 1)).all()
    return cut(found, PAGE, "admin-sessions", lambda row: [clock.micros(row.Session.seen_at), row.Session.id])


def open_sessions(person_id: int) -> int:
    """How many sessions of a person stand."""
    return db.session.scalar(select(func.count()).where(Session.person_id == person_id, *_open())) or 0


def audit_entries(
    actor: Actor, *, who: str = "", act: str = "", subject: str = "", after: str | None = None
) -> Page[Any]:
    """The log, newest first: rows (AuditEntry, name of who acted)."""
    require(can_read_audit(actor))
    begin = place("audit", after)
    rows = select(AuditEntry, Person.name.label("actor_name")).outerjoin(
        Person, Person.id == AuditEntry.actor_id
    )
    rows = rows.where(AuditEntry.chain == CHAIN)
    if who.strip():
        acting = select(Person.id).where(
            or_(Person.login == who.strip().lower(), *_matching(who, Person.name_key))
        )
        rows = rows.where(AuditEntry.actor_id.in_(acting))
    if act:
        rows = rows.where(AuditEntry.act == act)
    if subject.strip():
        rows = rows.where(AuditEntry.subject == subject.strip())
    if begin:
        rows = rows.where(AuditEntry.id < begin[0])
    found = db.session.execute(rows.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    return cut(found, PAGE, "audit", lambda row: [row.AuditEntry.id])


def data_of(entry: AuditEntry) -> list[tuple[str, str]]:
    """What an entry notes beside who, what and when."""
    data = json.loads(entry.record)["data"]
    return [(key, _said(value)) for key, value in data.items()]


def acts() -> list[str]:
    """Every act that the log knows, found by skipping from one to the next."""
    found = db.session.scalars(
        text(
            "WITH RECURSIVE known(act) AS (SELECT min(act) FROM audit_entries UNION ALL "
            "SELECT (SELECT min(act) FROM audit_entries WHERE act > known.act) FROM known "
            "WHERE known.act IS NOT NULL) "
            "SELECT act FROM known WHERE act IS NOT NULL"
        )
    )
    return [str(act) for act in found]


def figures() -> dict[str, int]:
    """How much there is of everything."""
    active = Person.deactivated_at.is_(None)
    counted = {
        "people": select(func.count()).select_from(Person).where(active),
        "sessions": select(func.count()).select_from(Session).where(*_open()),
        "spaces": select(func.count()).select_from(Space),
        "entries": select(func.count()).select_from(Entry).where(Entry.state != DELETED),
        "organisations": select(func.count()).select_from(Organisation),
    }
    row = db.session.execute(
        select(*[query.scalar_subquery().label(name) for name, query in counted.items()])
    ).one()
    return dict(row._mapping)


def jobs_state() -> JobsState:
    """How the work for later goes; a plain read."""
    now = clock.now()
    due = Job.due_at <= now
    row = db.session.execute(
        select(
            func.coalesce(func.sum(case((due, 1), else_=0)), 0).label("waiting"),
            func.coalesce(func.sum(case((_in_trouble(), 1), else_=0)), 0).label("troubled"),
            func.min(case((due & Job.lease.is_(None) & (Job.attempts < MOST_ATTEMPTS), Job.due_at))).label(
                "oldest"
            ),
        )
    ).one()
    oldest = clock.instant(row.oldest) if isinstance(row.oldest, int) else row.oldest
    return JobsState(
        int(row.waiting), int(row.troubled), max(now - oldest, timedelta(0)) if oldest else timedelta(0)
    )


def files_in_drafts() -> set[str]:
    """Loose files that somebody's saved draft still names."""
    loose = loose_before(clock.now() - LOOSE_FOR)
    owners = {file.owner_id for file in loose}
    saved = db.session.scalars(select(Draft.content).where(Draft.person_id.in_(owners)))
    named = " ".join(json.dumps(content) for content in saved)
    return {file.id for file in loose if file.id in named}


def is_late(state: JobsState) -> bool:
    """True when nobody seems to do the work."""
    return state.lag > _JOB_PATIENCE


def partners_left() -> bool:
    """True when accounts of clients or suppliers exist."""
    return db.session.scalar(select(exists().where(Person.segment != EMPLOYEE))) or False


def _in_trouble() -> ColumnElement[bool]:
    return (Job.attempts >= MOST_ATTEMPTS) | (Job.trouble != "")


def _state(state: str) -> Sequence[ColumnElement[bool]]:
    known = {"active": Person.deactivated_at.is_(None), "left": Person.deactivated_at.is_not(None)}
    return [known[state]] if state in known else []


def _matching(q: str, *columns: Any) -> Sequence[ColumnElement[bool]]:
    words = q.split()[:5]
    return [
        or_(
            *(
                func.lower(column).contains(form, autoescape=True)
                for column in columns
                for form in _forms(word)
            )
        )
        for word in words
    ]


def _forms(word: str) -> set[str]:
    return {folded(word[:60]), word[:60].lower()}


def _open() -> tuple[ColumnElement[bool], ...]:
    now: datetime = clock.now()
    return (Session.revoked_at.is_(None), Session.expires_at > now, Session.seen_at > now - IDLE)


def _count(kind: type[Alias] | type[Contact]) -> Any:
    counted = select(func.count()).select_from(kind).where(kind.organisation_id == Organisation.id)
    return counted.correlate(Organisation).scalar_subquery()


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
