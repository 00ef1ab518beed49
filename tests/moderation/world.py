"""A company with a charter, a client and a supplier, and people who moderate."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.db import db
from app.moderation.models import ReviewItem
from app.people.actor import Actor
from app.posts.models import Entry
from app.spaces import actions as spaces
from app.spaces.models import MODERATOR, Space
from tests.make import (
    accept,
    actor,
    make_mixing_rule,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)

MIXED = "Acme will meet Boulonex on Monday."
REASON = "It names a client and a supplier together."


@dataclass
class World:
    author: Actor
    colleague: Actor
    moderator: Actor
    other_moderator: Actor
    space: Space


def make_world(**space: object) -> World:
    """An open space; what names Acme and Boulonex together is held under clause 4.2."""
    make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    make_mixing_rule()
    author, colleague = make_person("ana"), make_person("bo")
    moderator, other = make_person("mo", roles=["moderator"]), make_person("max", roles=["moderator"])
    place = make_space(author, colleague, **space)
    accept(author, colleague, moderator, other)
    return World(author, colleague, moderator, other, place)


def held(world: World, body: str = MIXED) -> tuple[Entry, ReviewItem]:
    """Something of the author's that waits, and its item."""
    entry = make_post(world.author, world.space, body)
    assert entry.state == "held"
    return entry, item_of(entry)


def item_of(entry: Entry) -> ReviewItem:
    """The newest item of an entry."""
    rows = select(ReviewItem).where(ReviewItem.entry_id == entry.id).order_by(ReviewItem.id.desc())
    found = db.session.scalar(rows.limit(1).execution_options(populate_existing=True))
    assert found is not None
    return found


def state(entry: Entry) -> str:
    """What the entry's state is now."""
    return db.session.scalar(select(Entry.state).where(Entry.id == entry.id)) or ""


def make_space_moderator(space: Space, login: str) -> Actor:
    """Somebody who moderates this space only."""
    person = make_person(login)
    spaces.add_member(None, space, person_of(person), role=MODERATOR)
    return actor(person.id)
