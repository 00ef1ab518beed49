from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfEntry(Event):
    entry_id: int
    thread_id: int
    space_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class PostPublished(_OfEntry):
    """A post can be read, at once or after a moderator released it. `is_bare`: it surely carries no file."""

    is_bare: bool = False
    released_by_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CommentPublished(_OfEntry):
    """A comment can be read."""

    is_bare: bool = False
    parent_author_id: int | None = None
    released_by_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class EntryHeld(_OfEntry):
    """An entry, or an edit of a published one, waits for a moderator."""

    revision_id: int
    is_edit: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryFlagged(_OfEntry):
    """An entry was published, and a rule wants somebody to look at it."""

    revision_id: int


@dataclass(frozen=True, kw_only=True)
class WordsWatched(_OfEntry):
    """Watched words (by number) stand in what was said. Its author never learns of it."""

    revision_id: int
    words: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class EntryEdited(_OfEntry):
    """A published entry says something else now."""

    revision_id: int
    is_post: bool


@dataclass(frozen=True, kw_only=True)
class EntryCleared(_OfEntry):
    """What held an entry is gone: its author fixed or withdrew it; nobody needs to decide."""

    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class EntryRemoved(_OfEntry):
    """A published entry can't be read any more: deleted by its author or removed by a moderator."""

    by_id: int | None
    is_post: bool
    by_moderator: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryHidden(_OfEntry):
    """A published entry is out of sight until somebody decides."""

    is_post: bool


@dataclass(frozen=True, kw_only=True)
class EntryRestored(_OfEntry):
    """What was out of sight can be read again."""

    is_post: bool


@dataclass(frozen=True, kw_only=True)
class EntryRuled(_OfEntry):
    """A moderator returned or rejected an entry, or an edit of one."""

    outcome: str
    by_id: int


@dataclass(frozen=True, kw_only=True)
class ReactionsChanged(Event):
    """Other signs stand under an entry."""

    entry_id: int
    thread_id: int
    space_id: int
    person_id: int
    name: str
    added: bool


@dataclass(frozen=True, kw_only=True)
class PostPinned(_OfEntry):
    """A post is pinned in its space, or no longer."""

    pinned: bool


@dataclass(frozen=True, kw_only=True)
class PostMoved(Event):
    """A post went to another space with its thread; its comments too."""

    entry_id: int
    space_id: int
    from_space_id: int
    author_id: int
    by_id: int
