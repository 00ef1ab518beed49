from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.files.models import File
from app.kernel.db import Instant, Model, PublicId, Timestamped
from app.people.models import Person
from app.spaces.models import Space

POST, COMMENT = "post", "comment"
PUBLISHED, HELD, RETURNED, REJECTED, WITHDRAWN = "published", "held", "returned", "rejected", "withdrawn"
HIDDEN_PENDING, REMOVED, DELETED = "hidden_pending", "removed", "deleted"
SHOWN_TO_AUTHOR = (PUBLISHED, HELD, RETURNED, REJECTED, HIDDEN_PENDING, REMOVED)
KEPT_BACK = "kept_back"  # what holds a picture that readers of its entry don't see any more
REACTIONS = ("like", "thanks", "bravo", "idea", "support", "seen")


class Entry(Timestamped, Model):
    """A post or a comment. The author and the space's rights never leave it; what it says is in its
    revisions.

    `position` is when it was published (microseconds): feeds are ordered by it. `version` grows with every
    change of what readers see, and with nothing else, so that a rendered card is known by (id, version) and
    an edit that waits leaves no trace.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index(
            "ix_entries_feed",
            "space_id",
            "position",
            "id",
            sqlite_where=text("kind = 'post' AND state = 'published'"),
            postgresql_where=text("kind = 'post' AND state = 'published'"),
        ),
        Index(
            "ix_entries_announcements",
            "position",
            sqlite_where=text("type = 'announcement' AND kind = 'post' AND state = 'published'"),
            postgresql_where=text("type = 'announcement' AND kind = 'post' AND state = 'published'"),
        ),
        Index("ix_entries_thread", "root_id", "position", "id"),
        Index("ix_entries_author", "author_id", "position", "id"),
        Index(
            "ix_entries_waiting",
            "author_id",
            "id",
            sqlite_where=text("state <> 'published' AND state <> 'deleted'"),
            postgresql_where=text("state <> 'published' AND state <> 'deleted'"),
        ),
    )
    id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(7))
    type: Mapped[str] = mapped_column(String(12), default="post")
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    root_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(14), default=PUBLISHED)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    pending_id: Mapped[int | None] = mapped_column(BigInteger)
    comment_count: Mapped[int] = mapped_column(default=0)
    reaction_counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    approved_pairs: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)

    author: Mapped[Person] = relationship(lazy="raise_on_sql")
    space: Mapped[Space] = relationship(lazy="raise_on_sql")

    @property
    def is_post(self) -> bool:
        return self.kind == POST

    @property
    def thread_id(self) -> int:
        """The post whose thread this belongs to; a post's own number."""
        return self.root_id or self.id

    @property
    def has_waiting_edit(self) -> bool:
        """Readers see one text while another waits for a moderator."""
        return self.state == PUBLISHED and self.pending_id is not None

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.id}"


class Revision(Timestamped, Model):
    """What an entry says, or said: never changed once written."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)
    id: Mapped[PublicId]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    title: Mapped[str] = mapped_column(String(160), default="")
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(6), default="allow")
    justification: Mapped[str] = mapped_column(Text, default="")


class Attachment(Model):
    """A file carried by a revision, in order, with a description for those who don't see it."""

    __tablename__ = "attachments"
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True, index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(String(300), default="")
    file: Mapped[File] = relationship(lazy="raise_on_sql")


class Reaction(Timestamped, Model):
    """A person's sign on an entry; at most one of each name."""

    __tablename__ = "reactions"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(10), primary_key=True)


class Mention(Model):
    """An entry names a person."""

    __tablename__ = "mentions"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class Pin(Timestamped, Model):
    """A post is pinned in its space while this row exists."""

    __tablename__ = "pins"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class Bookmark(Timestamped, Model):
    """A person keeps a post to find it again."""

    __tablename__ = "bookmarks"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)


class Follow(Timestamped, Model):
    """A person wants to hear of a thread while `mutes` is no; with yes, never."""

    __tablename__ = "follows"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, index=True)
    mutes: Mapped[bool] = mapped_column(default=False)


class Acknowledgement(Timestamped, Model):
    """A person says they have read an announcement."""

    __tablename__ = "acknowledgements"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class Draft(Model):
    """What a person was writing at a place ("post", "space-7", "comment-12", "edit-15"); for nobody else,
    never scanned.
    """

    __tablename__ = "drafts"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(60), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class SpentNudge(Model):
    """A hint's token that an author used to go on; it counts once."""

    __tablename__ = "spent_nudges"
    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Views(Model):
    """How often an entry was shown within ten minutes; nobody is named."""

    __tablename__ = "views"
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    slice: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]
