"""What is about to be said, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ObjectType = Literal["post", "comment"]
Event = Literal["create", "edit", "move", "attach", "publish", "rescan"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes; an unknown fact stays None and is never taken for a value."""

    id: str | None = None
    roles: frozenset[str] = frozenset({"employee"})
    segment: str = "employee"
    joined_at: datetime | None = None
    published_count: int | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """Where it is said. `organisation` is the client or supplier the space is about."""

    id: str | None = None
    kind: str = "internal"
    work_only: bool = False
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A handle that resolved to an account."""

    handle: str
    segment: str = "employee"
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedPerson:
    """Somebody named on an image by hand."""

    name: str
    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive, from its directory only."""

    name: str
    magic: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: what its name, first bytes, members and extracted text say."""

    name: str
    mime: str = ""
    magic: str = ""
    text: str = ""
    alt: str = ""
    members: tuple[Member, ...] = ()
    people: tuple[TaggedPerson, ...] = ()
    macros: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """An organisation that some text brings, and whether that is certain."""

    organisation: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another entry of the thread. `sides` spares reading the text again when it is already known."""

    text: str = ""
    title: str = ""
    sides: tuple[Side, ...] | None = None
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """What surrounds the draft: above it, beside it, below it."""

    root: Neighbour | None = None
    ancestors: tuple[Neighbour, ...] = ()
    siblings: tuple[Neighbour, ...] = ()
    descendants: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class PastItem:
    """Something published before; `body_key` is `duplicate_key(text)` when the text isn't at hand."""

    at: datetime
    space: str | None = None
    text: str | None = None
    body_key: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One unit of text on its way to being published, or read again later."""

    object: ObjectType = "post"
    event: Event = "create"
    title: str = ""
    body: str = ""
    space: Space = Space()
    author: Author = Author()
    mentions: tuple[Mention, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    poll: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    thread: Thread = Thread()
    history: tuple[PastItem, ...] = ()
    past_hits: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    previous: str | None = None
    approved: frozenset[str] = frozenset()
    category: str = ""
    created_at: datetime | None = None
    published_at: datetime | None = None
    work_score: float | None = None
    tone_score: float | None = None
