from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.page import Page, cut, place
from app.kernel.text import excerpt
from app.notifications.kinds import KINDS, Kind
from app.notifications.models import Notification
from app.notifications.policy import heard_by
from app.people.actor import Actor
from app.people.models import Person
from app.people.prepared import numbers, prepared
from app.posts.models import COMMENT, Entry, Revision
from app.spaces.models import Space

PAGE = 60
MOST_COUNTED = 300


@dataclass(frozen=True)
class Face:
    """Somebody a notification comes from."""

    id: int
    name: str
    photo_url: str | None


@dataclass
class Told:
    """One line: one or several notifications of the same kind about the same topic, the newest first."""

    id: int
    kind: str
    at: datetime
    is_unread: bool
    data: dict[str, Any]
    space_id: int | None
    space_name: str
    entry_url: str | None
    is_comment: bool
    is_own_thread: bool
    excerpt: str
    people: list[Face] = field(default_factory=list)

    @property
    def icon(self) -> str:
        return self._kind.icon

    @property
    def text(self) -> str:
        return self._kind.text(self)

    @property
    def url(self) -> str:
        return self._kind.url(self)

    @property
    def words(self) -> str:
        return self._kind.excerpt(self)

    @property
    def _kind(self) -> Kind:
        return KINDS[self.kind]


def unread(actor: Actor) -> int:
    """How many lines the actor hasn't read, of what they may still see."""
    return _count_unread(actor).scalar(numbers(actor)) or 0


@prepared
def _count_unread(actor: Actor) -> Select[Any]:
    rows = select(Notification.kind, Notification.topic).where(
        Notification.read_at.is_(None), heard_by(actor)
    )
    lines = rows.limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(select(lines).distinct().subquery())


def notifications(actor: Actor, *, after: str | None = None, limit: int = PAGE) -> Page[Told]:
    """What was told to the actor and may still be seen, newest first, alike ones as one line; one query."""
    begin = place("notifications", after)
    rows = _rows().where(heard_by(actor))
    if begin:
        at, last = clock.instant(begin[0]), begin[1]
        rows = rows.where(
            or_(Notification.created_at < at, (Notification.created_at == at) & (Notification.id < last))
        )
    newest = rows.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit + 1)
    page = cut(
        db.session.execute(newest).all(),
        limit,
        "notifications",
        lambda row: [clock.micros(row.Notification.created_at), row.Notification.id],
    )
    return Page(_lines(actor, page.items), page.next)


def one(actor: Actor, notification_id: int) -> Told | None:
    """A notification as a line of its own; None when it isn't the actor's, or no longer to be seen."""
    rows = db.session.execute(_rows().where(Notification.id == notification_id, heard_by(actor))).all()
    return next(iter(_lines(actor, rows)), None)


def get_notification(actor: Actor, notification_id: int) -> Notification:
    """One of the actor's own, or NotFound."""
    found = db.session.scalar(select(Notification).where(Notification.id == notification_id, heard_by(actor)))
    if found is None:
        raise NotFound
    return found


def _rows() -> Select[*tuple[Any, ...]]:
    entry, root, space = aliased(Entry), aliased(Entry), aliased(Space)  # the policy speaks of the plain ones
    rows: Select[*tuple[Any, ...]] = (
        select(
            Notification,
            entry.kind.label("entry_kind"),
            entry.root_id,
            entry.author_id,
            root.author_id.label("root_author_id"),
            Revision.title,
            Revision.body_html,
            Person.id.label("face_id"),
            Person.name.label("face_name"),
            Person.photo_id,
            space.id.label("place_id"),
            space.name.label("place_name"),
        )
        .outerjoin(entry, entry.id == Notification.entry_id)
        .outerjoin(root, root.id == entry.root_id)
        .outerjoin(Revision, Revision.id == entry.revision_id)
        .outerjoin(Person, Person.id == Notification.actor_id)
        .outerjoin(space, space.id == func.coalesce(Notification.space_id, entry.space_id))
    )
    return rows


def _lines(actor: Actor, rows: Any) -> list[Told]:
    lines: dict[tuple[str, str, bool], Told] = {}
    for row in rows:
        notification = row.Notification
        key = (notification.kind, notification.topic, notification.read_at is None)
        line = lines.setdefault(key, _line(actor, row))
        face = _face(row)
        if face is not None and face not in line.people:
            line.people.append(face)
    return list(lines.values())


def _line(actor: Actor, row: Any) -> Told:
    notification = row.Notification
    return Told(
        id=notification.id,
        kind=notification.kind,
        at=notification.created_at,
        is_unread=notification.read_at is None,
        data=notification.data,
        space_id=row.place_id,
        space_name=row.place_name or "",
        entry_url=_entry_url(notification.entry_id, row.root_id),
        is_comment=row.entry_kind == COMMENT,
        is_own_thread=(row.root_author_id or row.author_id) == actor.id,
        excerpt=row.title or excerpt(row.body_html or "", 140),
    )


def _face(row: Any) -> Face | None:
    if row.face_id is None:
        return None
    return Face(row.face_id, row.face_name, f"/files/{row.photo_id}/thumb" if row.photo_id else None)


def _entry_url(entry_id: int | None, root_id: int | None) -> str | None:
    if entry_id is None:
        return None
    return f"/posts/{root_id}#comment-{entry_id}" if root_id else f"/posts/{entry_id}"
