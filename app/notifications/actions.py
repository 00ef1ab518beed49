from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from app.gate import quiet
from app.kernel import audit, changes, clock, settings, store
from app.kernel.action import action
from app.kernel.changes import PERSON
from app.kernel.db import Instant, db, is_sqlite
from app.kernel.policy import require
from app.notifications import policy
from app.notifications.models import Notification, Urgency
from app.people.actor import COLUMNS, Actor, from_row
from app.people.models import Person
from app.posts.models import Entry
from app.posts.policy import can_declare_urgent

LOOKED_AT, LOOK_EVERY, LONGEST_REST = "rings_looked_at", timedelta(minutes=1), timedelta(days=5)

_COLUMNS = (
    "id",
    "person_id",
    "kind",
    "subject",
    "topic",
    "entry_id",
    "space_id",
    "actor_id",
    "data",
    "created_at",
)


@action
def tell(
    kind: str,
    to: ColumnElement[bool],
    *,
    subject: str,
    topic: str = "",
    entry_id: int | None = None,
    space_id: int | None = None,
    actor_id: int | None = None,
    given: Mapping[str, Any] | None = None,
    **data: Any,
) -> None:
    """Tell everybody of this condition on Person, once each, in one statement whatever their number.

    A condition that stays the same from one call to the next, but for the parameters `given`, is put together
    once.
    """
    now = clock.now()
    said = {
        "kind": kind,
        "subject": subject,
        "topic": topic or subject,
        "told_entry": entry_id,
        "told_space": space_id,
        "told_actor": actor_id,
        "data": data,
        "now": now,
    }
    told = store.changed(_telling(to), said) if given is None else _order(to).run({**said, **given})
    if told:
        _tell_browsers(kind, subject, now)


@action
def mark_read(actor: Actor, *, up_to: Notification | None = None, line: Notification | None = None) -> None:
    """Take as read all that came until one of them, or all that one line stands for."""
    chosen = up_to or line
    if chosen is None:
        return
    mine = update(Notification).where(
        Notification.person_id == actor.id,
        Notification.read_at.is_(None),
        Notification.created_at <= chosen.created_at,
    )
    if line is not None:
        mine = mine.where(Notification.kind == line.kind, Notification.topic == line.topic)
    if store.changed(mine.values(read_at=clock.now()).execution_options(synchronize_session=False)):
        changes.record("counters", PERSON, actor.id, person_id=actor.id)


@action
def deliver_what_waited() -> int:
    """Ring for those whose rest has ended since the last look, each once, for the newest of what came
    meanwhile; for how many.
    """
    now = clock.now()
    before = clock.instant(settings.get(LOOKED_AT, clock.micros(now - LOOK_EVERY)))
    settings.put(LOOKED_AT, clock.micros(now))
    ended = quiet.rested(before, now)
    rung = _newest_waiting(ended, now) if ended is not None else []
    for person_id, notification_id in rung:
        changes.record("notification.created", PERSON, person_id, id=notification_id, person_id=person_id)
    return len(rung)


@action
def declare_urgent(actor: Actor, entry: Entry, *, motive: str) -> None:
    """Ring at once for everybody told of an announcement, at rest or not. The reason is kept and audited;
    saying it again changes nothing.
    """
    require(can_declare_urgent(actor, entry))
    if db.session.get(Urgency, entry.id) is not None:
        return
    db.session.add(Urgency(entry_id=entry.id, by_id=actor.id, motive=motive))
    audit.record("entry.urgent", actor.id, f"entry:{entry.id}", motive=motive)
    told = _object(id=Notification.id, person_id=Notification.person_id, urgent=literal_column("1"))
    of_entry = (Notification.entry_id == entry.id, Notification.kind == policy.ANNOUNCEMENT)
    unread = select(Notification.person_id, told).where(*of_entry, Notification.read_at.is_(None))
    changes.record_each("notification.created", unread)


@action
def recount(which: ColumnElement[bool]) -> None:
    """Those with unread notifications of this condition hear their number anew: some went out of sight."""
    people = select(Notification.person_id, _object(person_id=Notification.person_id))
    unread = people.where(which, Notification.read_at.is_(None))
    changes.record_each("counters", unread.group_by(Notification.person_id))


def _telling(to: ColumnElement[bool]) -> Any:
    rows = select(
        _some_number(),
        Person.id,
        bindparam("kind", type_=String),
        bindparam("subject", type_=String),
        bindparam("topic", type_=String),
        bindparam("told_entry", type_=BigInteger),
        bindparam("told_space", type_=BigInteger),
        bindparam("told_actor", type_=BigInteger),
        bindparam("data", type_=JSON),
        bindparam("now", type_=Instant),
    ).where(to, Person.deactivated_at.is_(None))
    return store.insert_into(Notification).from_select(_COLUMNS, rows).on_conflict_do_nothing()


_order = store.order(_telling)


def _tell_browsers(kind: str, subject: str, at: Any) -> None:
    new = (Notification.subject == subject, Notification.kind == kind, Notification.created_at == at)
    told = _object(id=Notification.id, person_id=Notification.person_id)
    changes.record_each("notification.created", select(Notification.person_id, told).where(*new))
    counted = _object(person_id=Notification.person_id)
    changes.record_each("counters", select(Notification.person_id, counted).where(*new))


def _newest_waiting(ended: ColumnElement[bool], now: datetime) -> list[tuple[int, int]]:
    """(person, notification) for those who rest no more and were told something while they did."""
    waiting = (
        select(Notification.id.label("notification_id"), Notification.created_at, *COLUMNS)
        .join(Person, Person.id == Notification.person_id)
        .where(ended, Notification.read_at.is_(None), Notification.created_at > now - LONGEST_REST)
        .order_by(Notification.person_id, Notification.created_at.desc())
    )
    found: dict[int, tuple[int, int] | None] = {}
    for row in db.session.execute(waiting):
        if row.id not in found:
            who = from_row(row)
            waited = who and quiet.is_quiet(who, row.created_at) and not quiet.is_quiet(who, now)
            found[row.id] = (row.id, row.notification_id) if waited else None
    return [one for one in found.values() if one]


def _some_number() -> ColumnElement[int]:
    """A number below 2**53 drawn by the database for each row: nothing can be told from it."""
    if is_sqlite():
        return literal_column("(random() & 9007199254740991)")
    return literal_column("floor(random() * 9007199254740991)::bigint")


def _object(**fields: Any) -> ColumnElement[Any]:
    build = func.json_object if is_sqlite() else func.json_build_object
    parts: list[Any] = []
    for name, value in fields.items():
        parts += [literal_column(f"'{name}'"), value]
    return build(*parts)
