"""What people say: posts, comments, and what hangs on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PostKind = Literal["post", "question", "announcement", "kudos", "article"]
Outcome = Literal["published", "flagged", "held"]
REACTIONS = ("like", "thanks", "bravo", "idea", "support")


@dataclass(frozen=True)
class File:
    """A picture or file of a post. `content()` draws it on demand; the same seed gives the same bytes."""

    name: str
    mime: str
    alt: str
    draw: Callable[[], bytes] = field(compare=False, repr=False)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the grid rather than listed."""
        return self.mime.startswith("image/")

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.draw()


@dataclass(frozen=True)
class Reaction:
    """One person's reaction; `name` is one of REACTIONS."""

    login: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Edit:
    """A later revision: the whole new text."""

    at: datetime
    body: str


@dataclass(frozen=True)
class Report:
    """A colleague's signal, waiting for a moderator; `clause` is the number of a clause."""

    login: str
    clause: str
    comment: str
    at: datetime


@dataclass(frozen=True)
class Comment:
    """A comment; `parent` is the key of an earlier comment of the same post, or None."""

    key: str
    author: str
    body: str
    at: datetime
    parent: str | None = None
    outcome: Outcome = "published"
    reactions: tuple[Reaction, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Post:
    """A post with all that hangs on it. `outcome` is what the rules make of it when it is sent in."""

    key: str
    space: str
    author: str
    kind: PostKind
    title: str | None
    body: str
    at: datetime
    outcome: Outcome = "published"
    pinned: bool = False
    files: tuple[File, ...] = ()
    edits: tuple[Edit, ...] = ()
    comments: tuple[Comment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    reports: tuple[Report, ...] = ()
