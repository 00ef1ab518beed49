from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import (
    BigInteger,
    Boolean,
    Row,
    Select,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from app.files.models import File
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.page import Page, cut, place
from app.kernel.reads import question
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.models import Person, Team
from app.people.prepared import numbers, prepared
from app.posts import policy
from app.posts.models import (
    COMMENT,
    KEPT_BACK,
    POST,
    PUBLISHED,
    SHOWN_TO_AUTHOR,
    Acknowledgement,
    Attachment,
    Bookmark,
    Draft,
    Entry,
    Follow,
    Pin,
    Reaction,
    Revision,
)
from app.spaces.models import MODERATOR as SPACE_MODERATOR
from app.spaces.models import OWNER, Membership, Space

LAST_COMMENTS = 2
THREAD_PAGE = 50
PAGE = 20


@dataclass(frozen=True, slots=True)
class SpaceTag:
    id: int
    name: str
    kind: str
    organisation_name: str | None


@dataclass(frozen=True, slots=True)
class AuthorTag:
    id: int
    name: str
    title: str
    team: str | None
    photo_url: str | None


@dataclass(frozen=True, slots=True)
class FileTag:
    id: str
    name: str
    kind: str
    url: str
    thumb_url: str | None
    width: int | None
    height: int | None
    size: int
    alt: str
    mime: str


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as every reader sees it."""

    id: int
    post_id: int
    parent_id: int | None
    author: AuthorTag
    published_at: datetime
    edited: bool
    body_html: Markup
    attachments: Sequence[FileTag]
    reaction_counts: Mapping[str, int]
    version: int
    state: str = PUBLISHED
    replies: list[CommentView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CardView:
    """A post as every reader sees it, with its last comments."""

    id: int
    type: str
    space: SpaceTag
    author: AuthorTag
    published_at: datetime
    edited: bool
    title: str
    body_html: Markup
    attachments: Sequence[FileTag]
    reaction_counts: Mapping[str, int]
    comment_count: int
    comments: Sequence[CommentView]
    version: int
    state: str = PUBLISHED
    kind_label: str | None = None


def get_entry(actor: Actor, entry_id: int, kind: str | None = None) -> Entry:
    """The entry with its space, or NotFound: whether it is missing or hidden is nobody's business."""
    rows = _visible_entry(actor, kind is not None).statement
    entry: Entry | None = db.session.scalar(rows, numbers(actor, entry=entry_id, kind=kind))
    if entry is None:
        raise NotFound
    return entry


@prepared
def _visible_entry(actor: Actor, is_of_kind: bool) -> Select[Any]:
    rows = select(Entry).where(policy.visible_to(actor), Entry.id == bindparam("entry"))
    if is_of_kind:
        rows = rows.where(Entry.kind == bindparam("kind"))
    return rows.options(joinedload(Entry.space).joinedload(Space.organisation))


def get_post(actor: Actor, post_id: int) -> Entry:
    """A post the actor may see, or NotFound."""
    return get_entry(actor, post_id, POST)


def get_comment(actor: Actor, comment_id: int) -> Entry:
    """A comment the actor may see, or NotFound."""
    return get_entry(actor, comment_id, COMMENT)


def entry_by_id(entry_id: int) -> Entry | None:
    """Any entry with its space, for reactions and jobs that already know they may."""
    rows = (
        select(Entry)
        .where(Entry.id == entry_id)
        .options(joinedload(Entry.space).joinedload(Space.organisation))
    )
    return db.session.scalar(rows)


def brief(entry_id: int) -> Any:
    """State, parent, counts of any entry as they are now, or None; for telling those who may know."""
    return _brief().first(entry=entry_id)


@question
def _brief() -> Any:
    rows = select(Entry.state, Entry.space_id, Entry.parent_id, Entry.comment_count, Entry.reaction_counts)
    return rows.where(Entry.id == bindparam("entry"))


def revision(entry: Entry) -> Revision:
    """What an entry says to its readers."""
    return db.session.get_one(Revision, entry.revision_id)


def latest_revision(entry: Entry) -> Revision:
    """What its author last wrote, seen by readers or not; of what is out of sight, what readers saw."""
    waiting = entry.pending_id if entry.has_waiting_edit else None
    return db.session.get_one(Revision, waiting or entry.revision_id)


def revisions(actor: Actor, entry: Entry) -> Sequence[Revision]:
    """Every text an entry had that readers saw (its author also sees those that wait), oldest first."""
    rows = select(Revision).where(Revision.entry_id == entry.id).order_by(Revision.number)
    shown = revision(entry)
    return [text for text in db.session.scalars(rows) if policy.can_see_text(actor, entry, text, shown)]


def cards(ids: Sequence[int]) -> dict[int, CardView]:
    """Posts by number as readers see them; three queries whatever the number. Asks no rights: the caller
    did.
    """
    if not ids:
        return {}
    rows = _entries().all(ids=list(ids))
    files = attachments([row.revision_id for row in rows])
    comments = _last_comments([row.id for row in rows if row.comment_count])
    return {row.id: _card(row, files, comments.get(row.id, ())) for row in rows}


def comments(ids: Sequence[int]) -> dict[int, CommentView]:
    """Comments by number as readers see them; asks no rights."""
    if not ids:
        return {}
    rows = _entries().all(ids=list(ids))
    files = attachments([row.revision_id for row in rows])
    return {row.id: _comment(row, files) for row in rows}


def thread(root: Entry, *, after: str | None = None, limit: int = THREAD_PAGE) -> Page[Any]:
    """A page of a post's published comments, oldest first; one query.

    Rows (id, version, kind, space_id, author_id, state, position, type, parent_id).
    """
    begin = place("thread", after)
    rows = _thread(begin is None).all(root=root.id, most=limit + 1, **_from(begin))
    return cut(rows, limit, "thread", lambda row: [row.position, row.id])


@question
def _thread(is_first: bool) -> Any:
    rows = _feed_columns().add_columns(Entry.parent_id).where(Entry.root_id == bindparam("root"))
    return _oldest(rows.where(Entry.state == PUBLISHED), is_first)


def nested(found: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Comments as a thread shows them: each that stands by itself, with the answers below it."""
    by_id = {comment.id: comment for comment in found}
    talks = {comment.id: [comment] for comment in found if comment.parent_id not in by_id}
    for comment in found:
        top = comment
        while top.parent_id in by_id:
            top = by_id[top.parent_id]
        if top is not comment:
            talks[top.id].append(comment)
    return [tuple(talk) for talk in talks.values()]


def flat_comments(root: Entry, *, after: str | None, limit: int) -> Page[CommentView]:
    """The same page without nesting, for programs."""
    begin = place("comments", after)
    found = _flat_thread(begin is None).all(root=root.id, most=limit + 1, **_from(begin))
    page = cut(found, limit, "comments", lambda row: [row.position, row.id])
    files = attachments([row.revision_id for row in page.items])
    return page.map(lambda row: _comment(row, files))


@question
def _flat_thread(is_first: bool) -> Any:
    rows = _entry_rows().where(Entry.root_id == bindparam("root"), Entry.state == PUBLISHED)
    return _oldest(rows, is_first)


@question
def _entries() -> Any:
    return _entry_rows().where(Entry.id.in_(bindparam("ids", expanding=True)))


def attachments(revision_ids: Sequence[int], *, kept_back: bool = False) -> dict[int, list[FileTag]]:
    """Files by revision, in order; one query. Pictures kept back are for their author and for who decides."""
    result: dict[int, list[FileTag]] = defaultdict(list)
    if not revision_ids:
        return result
    for row in _attachments().all(revisions=list(revision_ids), kept_back=kept_back):
        result[row.revision_id].append(_file_tag(row))
    return result


@question
def _attachments() -> Any:
    names = ("id", "name", "kind", "has_thumb", "width", "height", "size", "mime")
    return (
        select(Attachment.revision_id, Attachment.alt, *(getattr(File, name) for name in names))
        .join(File, File.id == Attachment.file_id)
        .where(
            Attachment.revision_id.in_(bindparam("revisions", expanding=True)),
            or_(File.holder != KEPT_BACK, bindparam("kept_back", type_=Boolean)),
        )
        .order_by(Attachment.revision_id, Attachment.position)
    )


def _file_tag(row: Any) -> FileTag:
    url = f"/files/{row.id}"
    thumb = f"{url}/thumb" if row.has_thumb else url if row.kind == "image" else None
    return FileTag(row.id, row.name, row.kind, url, thumb, row.width, row.height, row.size, row.alt, row.mime)


def marks(actor: Actor, entries: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """What differs for this reader, by entry: rows or views with (id, kind, space_id, author_id, state).
    One query.
    """
    rows = {entry.id: entry for entry in entries}
    if not rows:
        return {}
    spaces = list({row.space_id for row in rows.values()})
    mine: dict[int, list[str]] = defaultdict(list)
    kept, followed, role_in = set[int](), set[int](), dict[int, str]()
    asked = numbers(actor, ids=list(rows), spaces=spaces)
    for what, number, name in _marks(actor).all(asked):
        if what == "reaction":
            mine[number].append(name)
        elif what == "role":
            role_in[number] = name
        else:
            (kept if what == "kept" else followed).add(number)
    return {
        entry_id: _mark(
            actor, row, mine[entry_id], entry_id in kept, entry_id in followed, role_in.get(row.space_id)
        )
        for entry_id, row in rows.items()
    }


@prepared
def _marks(actor: Actor) -> Any:
    """Rows (what, number, name): own reactions, kept posts, followed threads, roles in spaces."""
    ids: Any = bindparam("ids", expanding=True)
    spaces: Any = bindparam("spaces", expanding=True)

    def rows(what: str, number: Any, name: Any, owner: Any, *where: Any) -> Select[Any]:
        return select(literal(what, String), number, name).where(owner == actor.id, *where)

    nothing = literal("", String)
    return union_all(
        rows("reaction", Reaction.entry_id, Reaction.name, Reaction.person_id, Reaction.entry_id.in_(ids)),
        rows("kept", Bookmark.entry_id, nothing, Bookmark.person_id, Bookmark.entry_id.in_(ids)),
        rows(
            "followed",
            Follow.entry_id,
            nothing,
            Follow.person_id,
            Follow.entry_id.in_(ids),
            Follow.mutes.is_(False),
        ),
        rows(
            "role",
            Membership.space_id,
            Membership.role,
            Membership.person_id,
            Membership.space_id.in_(spaces),
        ),
    )


def pinned(space_id: int) -> list[int]:
    """Numbers of the posts pinned in a space, newest pin first."""
    return _pinned().scalars(space=space_id)


@question
def _pinned() -> Any:
    rows = select(Pin.entry_id).join(Entry, Entry.id == Pin.entry_id)
    rows = rows.where(Pin.space_id == bindparam("space"), Entry.state == PUBLISHED)
    return rows.order_by(Pin.created_at.desc()).limit(3)


def waiting_entries(actor: Actor, space_id: int | None = None) -> Sequence[Entry]:
    """One's own entries that aren't published, newest first: they are shown in place to nobody else."""
    rows = _waiting_entries(actor, space_id is not None)
    ids = rows.scalars(numbers(actor, space_id=space_id))
    if not ids:
        return []
    found = select(Entry).where(Entry.id.in_(ids)).options(joinedload(Entry.space))
    return db.session.scalars(found.order_by(Entry.id.desc())).all()


@prepared
def _waiting_entries(actor: Actor, is_one_space: bool) -> Select[Any]:
    rows = select(Entry.id).where(
        Entry.author_id == actor.id, Entry.state.in_([s for s in SHOWN_TO_AUTHOR if s != PUBLISHED])
    )
    if is_one_space:
        rows = rows.where(Entry.space_id == bindparam("space_id"))
    return rows.order_by(Entry.id.desc()).limit(20)


def bookmarked(actor: Actor, *, after: str | None = None) -> Page[Row[*tuple[Any, ...]]]:
    """Posts kept by the actor and still visible, last kept first: rows (id, version, kind, space_id,
    author_id, state).
    """
    begin = place("bookmarks", after)
    rows = _feed_columns().add_columns(Bookmark.created_at.label("kept_at"))
    rows = rows.join(Bookmark, (Bookmark.entry_id == Entry.id) & (Bookmark.person_id == actor.id))
    rows = rows.where(policy.visible_to(actor), Entry.state == PUBLISHED)
    if begin:
        rows = rows.where(Bookmark.created_at < clock.instant(begin[0]))
    found = db.session.execute(rows.order_by(Bookmark.created_at.desc()).limit(PAGE + 1)).all()
    return cut(found, PAGE, "bookmarks", lambda row: [clock.micros(row.kept_at)])


def drafts(actor: Actor) -> Sequence[Draft]:
    """What the actor was writing, last saved first."""
    return db.session.scalars(
        select(Draft).where(Draft.person_id == actor.id).order_by(Draft.saved_at.desc())
    ).all()


def draft(actor: Actor, at: str) -> Any:
    """What the actor was writing at a place: (content, saved_at), or None."""
    return _draft().first(person=actor.id, place=at)


@question
def _draft() -> Any:
    mine = Draft.person_id == bindparam("person")
    return select(Draft.content, Draft.saved_at).where(mine, Draft.place == bindparam("place"))


def acknowledged(entry: Entry) -> int:
    """How many people said they read an announcement."""
    counted = select(func.count()).select_from(Acknowledgement).where(Acknowledgement.entry_id == entry.id)
    return db.session.scalar(counted) or 0


def to_acknowledge(actor: Actor) -> Sequence[Any]:
    """Announcements the actor may read and hasn't acknowledged: rows (id, title, published_at)."""
    return _to_acknowledge(actor).all(numbers(actor))


@prepared
def _to_acknowledge(actor: Actor) -> Any:
    done = select(Acknowledgement.entry_id).where(Acknowledgement.person_id == actor.id)
    rows = (
        select(Entry.id, Revision.title, Entry.published_at)
        .join(Revision, Revision.id == Entry.revision_id)
        .where(
            Entry.type == literal_column("'announcement'"),  # as the index says it
            Entry.kind == literal_column("'post'"),
            Entry.state == literal_column("'published'"),
            policy.visible_to(actor),
        )
        .where(Entry.id.not_in(done), Entry.author_id != actor.id)
    )
    return rows.order_by(Entry.position.desc()).limit(5)


def _feed_columns() -> Select[*tuple[Any, ...]]:
    return select(
        Entry.id,
        Entry.version,
        Entry.kind,
        Entry.space_id,
        Entry.author_id,
        Entry.state,
        Entry.position,
        Entry.type,
    )


def _entry_rows() -> Select[*tuple[Any, ...]]:
    outside = aliased(Organisation)
    return (
        select(
            Entry.id,
            Entry.kind,
            Entry.type,
            Entry.root_id,
            Entry.parent_id,
            Entry.state,
            Entry.position,
            Entry.published_at,
            Entry.created_at,
            Entry.edited_at,
            Entry.comment_count,
            Entry.reaction_counts,
            Entry.version,
            Entry.revision_id,
            Revision.title,
            Revision.body_html,
            Person.id.label("author_id"),
            Person.name.label("author_name"),
            Person.title.label("author_title"),
            Person.photo_id,
            Team.name.label("team"),
            Space.id.label("space_id"),
            Space.name.label("space_name"),
            Space.kind.label("space_kind"),
            outside.name.label("organisation_name"),
        )
        .join(Revision, Revision.id == Entry.revision_id)
        .join(Person, Person.id == Entry.author_id)
        .outerjoin(Team, Team.id == Person.team_id)
        .join(Space, Space.id == Entry.space_id)
        .outerjoin(outside, outside.id == Space.organisation_id)
    )


def _last_comments(root_ids: Sequence[int]) -> dict[int, Sequence[CommentView]]:
    if not root_ids:
        return {}
    rows = _last_of_threads().all(roots=list(root_ids))
    files = attachments([row.revision_id for row in rows])
    result: dict[int, list[CommentView]] = defaultdict(list)
    for row in rows:
        result[row.root_id].append(_comment(row, files))
    return dict(result)


@question
def _last_of_threads() -> Any:
    rank = func.row_number().over(
        partition_by=Entry.root_id, order_by=(Entry.position.desc(), Entry.id.desc())
    )
    roots: Any = bindparam("roots", expanding=True)
    ranked = select(Entry.id, rank.label("rank"))
    ranked = ranked.where(Entry.root_id.in_(roots), Entry.state == PUBLISHED, Entry.kind == COMMENT)
    last = ranked.subquery()
    rows = _entry_rows().join(last, last.c.id == Entry.id).where(last.c.rank <= LAST_COMMENTS)
    return rows.order_by(Entry.position, Entry.id)


def _card(row: Any, files: Mapping[int, list[FileTag]], last: Sequence[CommentView]) -> CardView:
    return CardView(
        id=row.id,
        type=row.type,
        space=SpaceTag(row.space_id, row.space_name, row.space_kind, row.organisation_name),
        author=_author(row),
        published_at=row.published_at or row.created_at,
        edited=row.edited_at is not None,
        title=row.title,
        body_html=_html(row.body_html),
        attachments=files.get(row.revision_id, []),
        reaction_counts=row.reaction_counts,
        comment_count=row.comment_count,
        comments=last,
        version=row.version,
        state=row.state,
    )


def _comment(row: Any, files: Mapping[int, list[FileTag]]) -> CommentView:
    return CommentView(
        id=row.id,
        post_id=row.root_id,
        parent_id=row.parent_id,
        author=_author(row),
        published_at=row.published_at or row.created_at,
        edited=row.edited_at is not None,
        body_html=_html(row.body_html),
        attachments=files.get(row.revision_id, []),
        reaction_counts=row.reaction_counts,
        version=row.version,
        state=row.state,
    )


def _author(row: Any) -> AuthorTag:
    photo = f"/files/{row.photo_id}/thumb" if row.photo_id else None
    return AuthorTag(row.author_id, row.author_name, row.author_title, row.team, photo)


def _html(stored: str) -> Markup:
    return Markup(stored)  # noqa: S704 - sanitised when it was written, by the kernel's one function


def _mark(
    actor: Actor, row: Any, mine: list[str], kept: bool, followed: bool, role: str | None
) -> dict[str, Any]:
    own, public = row.author_id == actor.id, row.state == PUBLISHED
    owns = role == OWNER or actor.is_admin
    return {
        "mine": mine,
        "bookmarked": kept,
        "followed": followed,
        "can_edit": own and row.state in {PUBLISHED, "held", "returned"},
        "can_delete": own and row.state in {PUBLISHED, "held", "returned", "rejected"},
        "can_pin": public
        and row.kind == POST
        and (owns or (role == SPACE_MODERATOR and not actor.is_partner)),
        "can_comment": public,
        "can_report": public and not own,
        "state": row.state,
    }


def _from(begin: Sequence[int] | None) -> dict[str, int]:
    return {"position": begin[0], "last": begin[1]} if begin else {}


def _oldest(rows: Select[*tuple[Any, ...]], is_first: bool) -> Any:
    if not is_first:
        beyond = (bindparam("position", type_=BigInteger), bindparam("last", type_=BigInteger))
        rows = rows.where(tuple_(Entry.position, Entry.id) > tuple_(*beyond))
    return rows.order_by(Entry.position, Entry.id).limit(bindparam("most"))


def author_tag(person_id: int) -> AuthorTag:
    """A person as a byline shows them."""
    rows = select(Person.name, Person.title, Person.photo_id, Team.name.label("team"))
    row = db.session.execute(
        rows.outerjoin(Team, Team.id == Person.team_id).where(Person.id == person_id)
    ).one()
    return AuthorTag(
        person_id, row.name, row.title, row.team, f"/files/{row.photo_id}/thumb" if row.photo_id else None
    )


def waiting_comments(actor: Actor, root: Entry) -> Sequence[Entry]:
    """One's own comments of a thread that aren't published."""
    ids = _waiting_comments().scalars(root=root.id, person=actor.id)
    if not ids:
        return []
    return db.session.scalars(select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id)).all()


@question
def _waiting_comments() -> Any:
    mine = (Entry.root_id == bindparam("root"), Entry.author_id == bindparam("person"))
    rows = select(Entry.id).where(*mine, Entry.state.in_([s for s in SHOWN_TO_AUTHOR if s != PUBLISHED]))
    return rows.order_by(Entry.id).limit(20)


def acknowledgements(actor: Actor, entry: Entry) -> tuple[int, int, bool]:
    """How many acknowledged an announcement, of how many members, and whether the actor did."""
    done = acknowledged(entry)
    total = db.session.scalar(select(Space.member_count).where(Space.id == entry.space_id)) or 0
    mine = db.session.get(Acknowledgement, (entry.id, actor.id)) is not None
    return done, max(done, total), mine or entry.author_id == actor.id


@dataclass(frozen=True, slots=True)
class SpaceFile:
    """A file joined to a post or comment of a space."""

    id: str
    name: str
    url: str
    thumb_url: str | None
    kind: str
    size: int
    author: AuthorTag
    post_id: int
    at: datetime


def files_of_space(space: Space, *, after: str | None = None) -> Page[SpaceFile]:
    """Files of what is published in a space that the caller loaded for its reader, newest first."""
    begin = place("files", after)
    rows = (
        select(
            File,
            Person.name,
            Person.title,
            Person.photo_id,
            Entry.id,
            Entry.root_id,
            Entry.author_id,
            Entry.position,
        )
        .join(Attachment, Attachment.file_id == File.id)
        .join(Entry, Entry.revision_id == Attachment.revision_id)
        .join(Person, Person.id == Entry.author_id)
        .where(Entry.space_id == space.id, Entry.state == PUBLISHED)
    )
    if begin:
        rows = rows.where(Entry.position < begin[0])
    found = db.session.execute(rows.order_by(Entry.position.desc(), File.id).limit(PAGE + 1)).all()
    page = cut(found, PAGE, "files", lambda row: [row.position])
    return page.map(_space_file)


def _space_file(row: Any) -> SpaceFile:
    file: File = row.File
    photo = f"/files/{row.photo_id}/thumb" if row.photo_id else None
    author = AuthorTag(row.author_id, row.name, row.title, None, photo)
    at = clock.instant(row.position)
    return SpaceFile(
        file.id, file.name, file.url, file.thumb_url, file.kind, file.size, author, row.root_id or row.id, at
    )
