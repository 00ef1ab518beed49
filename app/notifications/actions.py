from __future__ import annotations

from collections.abc import Mapping
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

from app.kernel import changes, clock, store
from app.kernel.action import action
from app.kernel.changes import PERSON
from app.kernel.db import Instant, is_sqlite
from app.notifications.models import Notification
from app.people.actor import Actor
from app.people.models import Person

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
