"""Past entries as the engine reads them, many at a time: a few statements a chunk, whatever its length."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Select, func, select

from app.charter.engine import (
    Attachment as EngineFile,
)
from app.charter.engine import (
    Author,
    Draft,
    Event,
    Member,
    Mention,
    Neighbour,
    PastItem,
    Policy,
    RuleSpec,
    Side,
    Thread,
    sides_of,
)
from app.charter.engine import (
    Space as EngineSpace,
)
from app.files.models import File
from app.kernel.db import db
from app.kernel.text import hashtags
from app.people.models import Person
from app.posts.models import (
    HELD,
    HIDDEN_PENDING,
    PUBLISHED,
    REJECTED,
    REMOVED,
    RETURNED,
    Attachment,
    Entry,
    Revision,
)
from app.posts.models import Mention as Named
from app.spaces.models import Space

SAID = (PUBLISHED, HELD, RETURNED, REJECTED, HIDDEN_PENDING, REMOVED)
_WITH_THREAD = frozenset({"mixing", "combination"})
_WITH_PAST = frozenset({"rate", "duplicate", "combination"})
_MOST_SIBLINGS = 50


@dataclass(frozen=True)
class Past:
    """An entry of the past, and the draft it once was."""

    entry_id: int
    revision_id: int
    space_id: int
    author_id: int
    at: datetime
    draft: Draft


@dataclass
class _Around:
    """What a chunk needs beside its own rows, by number."""

    files: Mapping[int, list[EngineFile]] = field(default_factory=dict)
    named: Mapping[int, list[Mention]] = field(default_factory=dict)
    texts: Mapping[int, Row[Any]] = field(default_factory=dict)
    threads: Mapping[int, list[Row[Any]]] = field(default_factory=dict)
    said: Mapping[int, list[PastItem]] = field(default_factory=dict)
    first: Mapping[int, datetime] = field(default_factory=dict)


def rows(
    *, after: int, upto: int, since: datetime, limit: int, states: Sequence[str] = SAID
) -> Sequence[Row[Any]]:
    """The next entries by number, with the text that stands."""
    wanted = _entries().where(
        Entry.id > after, Entry.id <= upto, Entry.created_at >= since, Entry.state.in_(states)
    )
    return db.session.execute(wanted.order_by(Entry.id).limit(limit)).all()


def rows_of(numbers: Iterable[int]) -> Sequence[Row[Any]]:
    """These entries, as far as they are still there."""
    return db.session.execute(_entries().where(Entry.id.in_(list(numbers))).order_by(Entry.id)).all()


def drafts(
    found: Sequence[Row[Any]], specs: Sequence[RuleSpec], event: Event, policy: Policy
) -> Sequence[Past]:
    """What these rows were when they were said, as far as these rules ask."""
    kinds = {spec.kind for spec in specs}
    around = _Around(files=_files(found), named=_named(found))
    if kinds & _WITH_THREAD:
        around.texts, around.threads = _texts(found), _threads(found)
    if kinds & _WITH_PAST:
        around.said = _said(found, _longest_window(specs))
    if "combination" in kinds:
        around.first = _first(found)
    sides: dict[int, tuple[Side, ...]] = {}
    return [_past(row, around, event, policy, sides) for row in found]


def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Entry.id,
            Entry.kind,
            Entry.root_id,
            Entry.parent_id,
            Entry.space_id,
            Entry.author_id,
            Entry.revision_id,
            Entry.approved_pairs,
            Entry.state,
            Entry.created_at,
            Entry.published_at,
            Revision.title,
            Revision.body,
            Space.kind.label("space_kind"),
            Space.organisation_id,
            Person.segment,
            Person.roles,
            Person.created_at.label("joined_at"),
        )
        .join(Revision, Revision.id == Entry.revision_id)
        .join(Space, Space.id == Entry.space_id)
        .join(Person, Person.id == Entry.author_id)
    )


def _past(
    row: Row[Any], around: _Around, event: Event, policy: Policy, sides: dict[int, tuple[Side, ...]]
) -> Past:
    at = row.published_at or row.created_at
    draft = Draft(
        object="comment" if row.root_id else "post",
        event=event,
        title=row.title,
        body=row.body,
        space=EngineSpace(
            str(row.space_id),
            row.space_kind,
            row.space_kind != "social",
            str(row.organisation_id or "") or None,
        ),
        author=_author(row, around),
        mentions=tuple(around.named.get(row.id, ())),
        attachments=tuple(around.files.get(row.revision_id, ())),
        hashtags=tuple(hashtags(row.body)),
        history=_before(around.said.get(row.author_id, ()), row.created_at),
        created_at=row.created_at,
        published_at=row.published_at,
    )
    if row.root_id and around.texts:
        draft = replace(draft, thread=_thread(row, around, policy, sides))
    return Past(row.id, row.revision_id, row.space_id, row.author_id, at, draft)


def _author(row: Row[Any], around: _Around) -> Author:
    first = around.first.get(row.author_id)
    count = None if first is None else int(row.created_at > first)
    return Author(str(row.author_id), frozenset({"employee", *row.roles}), row.segment, row.joined_at, count)


def _first(found: Sequence[Row[Any]]) -> Mapping[int, datetime]:
    """When each of these authors was first heard."""
    rows = select(Entry.author_id, func.min(Entry.created_at)).where(
        Entry.author_id.in_({row.author_id for row in found}), Entry.state.in_(SAID)
    )
    return dict(db.session.execute(rows.group_by(Entry.author_id)).all())


def _thread(row: Row[Any], around: _Around, policy: Policy, sides: dict[int, tuple[Side, ...]]) -> Thread:
    def neighbour(entry: Row[Any]) -> Neighbour:
        if entry.id not in sides:
            said = Draft(title=entry.title, body=entry.body)
            sides[entry.id] = sides_of(policy, said, row.created_at)
        return Neighbour(sides=sides[entry.id])

    root = around.texts.get(row.root_id)
    chain: list[Neighbour] = []
    parent = around.texts.get(row.parent_id) if row.parent_id else None
    while parent is not None and parent.root_id and len(chain) < 20:
        chain.append(neighbour(parent))
        parent = around.texts.get(parent.parent_id) if parent.parent_id else None
    beside = [one for one in around.threads.get(row.root_id, ()) if one.id != row.id][-_MOST_SIBLINGS:]
    return Thread(
        root=neighbour(root) if root is not None else None,
        ancestors=tuple(chain),
        siblings=tuple(neighbour(one) for one in beside),
    )


def _files(found: Sequence[Row[Any]]) -> Mapping[int, list[EngineFile]]:
    carried: dict[int, list[EngineFile]] = defaultdict(list)
    wanted = (
        select(Attachment.revision_id, Attachment.alt, File)
        .join(File, File.id == Attachment.file_id)
        .where(Attachment.revision_id.in_([row.revision_id for row in found]))
        .order_by(Attachment.position)
    )
    for revision_id, alt, file in db.session.execute(wanted):
        carried[revision_id].append(_file(file, alt))
    return carried


def _file(file: File, alt: str) -> EngineFile:
    known = file.facts
    return EngineFile(
        name=file.name,
        mime=file.mime,
        magic=known.get("magic", ""),
        text=file.text,
        alt=alt,
        members=tuple(Member(name, magic) for name, magic in known.get("members", ())),
        macros=bool(known.get("macros")),
        problems=tuple(known.get("problems", ())),
    )


def _named(found: Sequence[Row[Any]]) -> Mapping[int, list[Mention]]:
    named: dict[int, list[Mention]] = defaultdict(list)
    wanted = (
        select(Named.entry_id, Person.login, Person.segment, Person.organisation_id)
        .join(Person, Person.id == Named.person_id)
        .where(Named.entry_id.in_([row.id for row in found]))
    )
    for entry_id, login, segment, organisation_id in db.session.execute(wanted):
        named[entry_id].append(Mention(login, segment, str(organisation_id) if organisation_id else None))
    return named


def _texts(found: Sequence[Row[Any]]) -> Mapping[int, Row[Any]]:
    """Roots and answered comments, up to the top."""
    known: dict[int, Row[Any]] = {}
    wanted = {number for row in found if row.root_id for number in (row.root_id, row.parent_id) if number}
    while wanted:
        above = _text_rows().where(Entry.id.in_(list(wanted)), Entry.state.in_(SAID))
        fresh = {row.id: row for row in db.session.execute(above)}
        known |= fresh
        wanted = {row.parent_id for row in fresh.values() if row.parent_id} - set(known)
    return known


def _threads(found: Sequence[Row[Any]]) -> Mapping[int, list[Row[Any]]]:
    roots = {row.root_id for row in found if row.root_id}
    threads: dict[int, list[Row[Any]]] = defaultdict(list)
    if roots:
        beside = (
            _text_rows().where(Entry.root_id.in_(list(roots)), Entry.state == PUBLISHED).order_by(Entry.id)
        )
        for row in db.session.execute(beside):
            threads[row.root_id].append(row)
    return threads


def _text_rows() -> Select[*tuple[Any, ...]]:
    return select(Entry.id, Entry.root_id, Entry.parent_id, Revision.title, Revision.body).join(
        Revision, Revision.id == Entry.revision_id
    )


def _said(found: Sequence[Row[Any]], window: timedelta) -> Mapping[int, list[PastItem]]:
    """What these authors said until then, as far back as a rule looks."""
    if not found:
        return {}
    first, last = min(row.created_at for row in found), max(row.created_at for row in found)
    wanted = (
        select(Entry.author_id, Entry.created_at, Entry.space_id, Revision.body)
        .join(Revision, Revision.id == Entry.revision_id)
        .where(
            Entry.author_id.in_({row.author_id for row in found}),
            Entry.created_at >= first - window,
            Entry.created_at <= last,
            Entry.state.in_(SAID),
        )
        .order_by(Entry.created_at)
    )
    said: dict[int, list[PastItem]] = defaultdict(list)
    for author_id, at, space_id, body in db.session.execute(wanted):
        said[author_id].append(PastItem(at, str(space_id), body))
    return said


def _before(said: Sequence[PastItem], at: datetime) -> tuple[PastItem, ...]:
    """The last sixty of them before that moment, as when it was said."""
    stop = bisect_left(said, at, key=lambda one: one.at)
    start = bisect_right(said, at - timedelta(days=1), hi=stop, key=lambda one: one.at)
    return tuple(said[max(start, stop - 60) : stop])


def _longest_window(specs: Sequence[RuleSpec]) -> timedelta:
    windows = [float(cast(Any, spec.params.get("window_s", 3600))) for spec in specs]
    return timedelta(seconds=max(windows, default=3600))
