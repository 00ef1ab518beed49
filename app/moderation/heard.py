"""Which changes somebody may hear of: their own, those of the spaces they read, of the queue they review."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from app.kernel import changes
from app.kernel.changes import EVERYONE, MODERATORS, PERSON, SPACE, Change, Cursor
from app.kernel.db import is_sqlite
from app.moderation.models import ReviewItem
from app.moderation.policy import items_seen_by
from app.people.actor import Actor
from app.people.prepared import numbers, prepared
from app.posts.policy import reviewable_by
from app.spaces.models import Space
from app.spaces.policy import readable_by

MOST_CHANGES = 200
NEWEST = 64
_START = Cursor(0, 0)


def since(actor: Actor, cursor: Cursor) -> list[Any]:
    """What changed since for audiences in which the actor is now, oldest first, at most MOST_CHANGES."""
    return _since(actor, is_sqlite()).all(numbers(actor, xid=cursor.xid, last=cursor.id))


def beginning(actor: Actor) -> Cursor:
    """The actor's own last change, else the first that is kept: neither moves with what they can't see."""
    last = _last(actor, is_sqlite()).first(numbers(actor))
    last = last or _last_of_each(actor, is_sqlite()).first(numbers(actor))
    return Cursor(last.xid, last.id) if last else changes.oldest() or _START


@prepared
def _since(actor: Actor, _is_sqlite: bool) -> Any:
    rows = changes.after().where(_heard_by(actor, Change))
    return rows.limit(MOST_CHANGES)


@prepared
def _last(actor: Actor, _is_sqlite: bool) -> Any:
    """Among the newest of all: where it is found, nearly always."""
    newest = aliased(Change, changes.newest().limit(NEWEST).subquery())
    rows = select(newest.xid, newest.id).where(_heard_by(actor, newest))
    return rows.order_by(newest.xid.desc(), newest.id.desc()).limit(1)


@prepared
def _last_of_each(actor: Actor, _is_sqlite: bool) -> Any:
    """The last change of each audience, by its index: for those to whom little of what happens is told."""
    last = union_all(
        select(_newest_of(PERSON, Change.audience_id == actor.id).label("id")),
        select(_newest_of(EVERYONE).label("id")),
        select(_newest_of(SPACE, Change.audience_id == Space.id).label("id")).where(readable_by(actor)),
        select(
            _newest_of(MODERATORS, Change.audience_id == Space.id, _is_of_seen_item(actor, Change)).label(
                "id"
            )
        ).where(reviewable_by(actor)),
    ).subquery()
    rows = select(Change.xid, Change.id).where(Change.id.in_(select(last.c.id)))
    return rows.order_by(Change.xid.desc(), Change.id.desc()).limit(1)


def _newest_of(audience: str, *where: ColumnElement[bool]) -> Any:
    rows = changes.newest(Change.id).where(Change.audience == audience, *where)
    return rows.limit(1).correlate(Space).scalar_subquery()


def _heard_by(actor: Actor, change: Any) -> ColumnElement[bool]:
    readable = select(Space.id).where(readable_by(actor))
    return or_(
        and_(change.audience == PERSON, change.audience_id == actor.id),
        and_(change.audience == SPACE, change.audience_id.in_(readable)),
        and_(change.audience == MODERATORS, _is_of_seen_item(actor, change)),
        change.audience == EVERYONE,
    )


def _is_of_seen_item(actor: Actor, change: Any) -> ColumnElement[bool]:
    item_id = cast(change.payload["item_id"].as_string(), BigInteger)
    return exists().where(ReviewItem.id == item_id, items_seen_by(actor)).correlate(change)
