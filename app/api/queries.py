"""Lists that only programs ask for, in keyset pages; what may be seen is asked of the features' policies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select, tuple_
from sqlalchemy.orm import joinedload

from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.page import Page, cut, place
from app.kernel.reads import question
from app.moderation.models import Report
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import Person
from app.people.queries import folded
from app.posts.models import Entry, Revision
from app.spaces.models import Membership, Space
from app.spaces.policy import findable_by, met_by, readable_by


class Extra(NamedTuple):
    """What programs read of an entry beside its card."""

    body: str
    edit_pending: bool


class SpaceRow(NamedTuple):
    """A space, the actor's role there, and whether they read it."""

    space: Space
    role: str | None
    can_read: bool


def bodies(ids: Sequence[int]) -> dict[int, str]:
    """By entry, the text as it was written; asks no rights."""
    return dict(_bodies().all(ids=list(ids)))


@question
def _bodies() -> Any:
    rows = select(Entry.id, Revision.body).join(Revision, Revision.id == Entry.revision_id)
    return rows.where(Entry.id.in_(bindparam("ids", expanding=True)))


def own_edits_waiting(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Those of these entries of the actor's own whose edit waits for a moderator."""
    if not ids:
        return set()
    return set(_own_edits_waiting().scalars(person=actor.id, ids=list(ids)))


@question
def _own_edits_waiting() -> Any:
    own = (Entry.author_id == bindparam("person"), Entry.id.in_(bindparam("ids", expanding=True)))
    return select(Entry.id).where(*own, Entry.pending_id.is_not(None))


def extras(actor: Actor, ids: Sequence[int]) -> dict[int, Extra]:
    """By entry, the text as it was written; an edit that waits is known to its author alone. One query."""
    if not ids:
        return {}
    return {
        row.id: Extra(row.body, row.pending_id is not None and row.author_id == actor.id)
        for row in _written().all(ids=list(ids))
    }


@question
def _written() -> Any:
    rows = select(Entry.id, Revision.body, Entry.author_id, Entry.pending_id)
    rows = rows.join(Revision, Revision.id == Entry.revision_id)
    return rows.where(Entry.id.in_(bindparam("ids", expanding=True)))


def spaces(actor: Actor, *, after: str | None, limit: int) -> Page[SpaceRow]:
    """Spaces the actor may know of, by name."""
    rows = _space_rows(actor).where(findable_by(actor))
    begin = place("api.spaces", after)
    if begin:
        rows = rows.where(tuple_(Space.name, Space.id) > tuple_(*begin))
    found = db.session.execute(rows.order_by(Space.name, Space.id).limit(limit + 1)).all()
    page: Page[Any] = cut(found, limit, "api.spaces", lambda row: [row[0].name, row[0].id])
    return page.map(lambda row: SpaceRow(*row))


def space(actor: Actor, space_id: int) -> SpaceRow:
    """One space the actor may know of, as it is now; or NotFound."""
    rows = _space_rows(actor).where(findable_by(actor), Space.id == space_id)
    row = db.session.execute(rows.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound
    return SpaceRow(*row)


def members(actor: Actor, of: Space, *, after: str | None, limit: int) -> Page[tuple[Person, str]]:
    """Those who belong and whom the actor may know of, by name."""
    rows = (
        select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.space_id == of.id, met_by(actor), Person.deactivated_at.is_(None))
        .options(joinedload(Person.team))
    )
    begin = place("api.members", after)
    if begin:
        rows = rows.where(tuple_(Person.name_key, Person.id) > tuple_(*begin))
    found = db.session.execute(rows.order_by(Person.name_key, Person.id).limit(limit + 1)).all()
    page: Page[Any] = cut(found, limit, "api.members", lambda row: [row[0].name_key, row[0].id])
    return page.map(lambda row: (row[0], row[1]))


def people(actor: Actor, *, q: str, after: str | None, limit: int) -> Page[Person]:
    """People the actor may know of whose name or login has words beginning so, by name."""
    rows = (
        select(Person).where(met_by(actor), Person.deactivated_at.is_(None)).options(joinedload(Person.team))
    )
    for word in folded(q).split()[:5]:
        escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        rows = rows.where(
            or_(
                Person.name_key.like(f"{escaped}%", escape="\\"),
                Person.name_key.like(f"% {escaped}%", escape="\\"),
            )
        )
    begin = place("api.people", after)
    if begin:
        rows = rows.where(tuple_(Person.name_key, Person.id) > tuple_(*begin))
    found = db.session.scalars(rows.order_by(Person.name_key, Person.id).limit(limit + 1)).all()
    return cut(found, limit, "api.people", lambda who: [who.name_key, who.id])


def person(actor: Actor, person_id: int) -> tuple[Person, str | None]:
    """Somebody the actor may know of, with team, manager and the name of their organisation; or NotFound."""
    rows = select(Person, Organisation.name).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )
    rows = rows.where(Person.id == person_id, met_by(actor))
    row = db.session.execute(
        rows.options(joinedload(Person.team), joinedload(Person.manager).joinedload(Person.team))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def revision(revision_id: int) -> Revision:
    """A text by number; asks no rights."""
    return db.session.get_one(Revision, revision_id)


def reports(item_id: int) -> Sequence[Report]:
    """What people said of an item, in order; asks no rights."""
    return db.session.scalars(select(Report).where(Report.item_id == item_id).order_by(Report.id)).all()


def audit(
    filters: Mapping[str, Any], *, after: str | None, limit: int
) -> Page[tuple[AuditEntry, dict[str, Any]]]:
    """Acts, newest first, with what was recorded of each; filters: actor_id, act, subject."""
    rows = select(AuditEntry)
    for column, value in filters.items():
        if value is not None:
            rows = rows.where(getattr(AuditEntry, column) == value)
    begin = place("api.audit", after)
    if begin:
        rows = rows.where(AuditEntry.id < begin[0])
    found = db.session.scalars(rows.order_by(AuditEntry.id.desc()).limit(limit + 1)).all()
    page = cut(found, limit, "api.audit", lambda entry: [entry.id])
    return page.map(lambda entry: (entry, json.loads(entry.record)["data"]))


def _space_rows(actor: Actor) -> Any:
    mine = select(Membership.space_id, Membership.role).where(Membership.person_id == actor.id).subquery()
    return (
        select(Space, mine.c.role, readable_by(actor).label("can_read"))
        .outerjoin(mine, mine.c.space_id == Space.id)
        .options(joinedload(Space.organisation))
    )
