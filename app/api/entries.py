"""What posts and comments have in common: reading them for somebody, and being told what the charter says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.api import queries, serial
from app.api.queries import Extra
from app.api.serial import Json
from app.charter.queries import findings
from app.kernel import http
from app.kernel.openapi import Schema, many, maybe, number, obj, one_of, string
from app.kernel.text import LONGEST
from app.people.actor import Actor
from app.posts import actions
from app.posts import queries as posts
from app.posts.inputs import LONGEST_ALT, LONGEST_COMMENT, LONGEST_TITLE, MOST_FILES, TYPES, Edition
from app.posts.models import COMMENT, PUBLISHED, Entry
from app.posts.queries import CommentView

_SAID: dict[str, Schema] = {
    "attachments": many(string(40, 1), MOST_FILES),
    "alts": many(string(LONGEST_ALT), MOST_FILES),
    "nudge_token": maybe(string(1000)),
    "justification": maybe(string(500)),
}
_POST = {"body": string(LONGEST, 1), "title": maybe(string(LONGEST_TITLE)), **_SAID}
NEW_POST = obj("body", type=one_of(*TYPES), publish_at={"type": "null"}, **_POST)
NEW_COMMENT = obj("body", body=string(LONGEST_COMMENT, 1), parent_id=maybe(number(1)), **_SAID)
EDITED_POST = obj(**_POST)
EDITED_COMMENT = obj(body=string(LONGEST_COMMENT, 1), **_SAID)


MOST = 1_000
_posts: dict[tuple[int, int], Json] = {}


def edition(actor: Actor, entry: Entry) -> Edition:
    """What an entity tag says of it: to its author also which edit waits, to nobody else."""
    return Edition(entry.version, entry.pending_id if actor.id == entry.author_id else None)


@dataclass(frozen=True)
class _Row:
    """What `marks` wants to know of a comment."""

    id: int
    kind: str
    space_id: int
    author_id: int
    state: str


def post_cards(actor: Actor, rows: Sequence[Any], marks: Mapping[int, Any] | None = None) -> list[Json]:
    """Posts of rows (id, kind, space_id, author_id, state), in order; the same queries for 1 and for 50."""
    marks = posts.marks(actor, rows) if marks is None else marks
    told = _as_all_read(rows)
    waiting = queries.own_edits_waiting(actor, [row.id for row in rows if row.author_id == actor.id])
    return [
        {**told[row.id], **serial.marked(marks[row.id]), "edit_pending": row.id in waiting}
        for row in rows
        if row.id in told
    ]


def _as_all_read(rows: Sequence[Any]) -> dict[int, Json]:
    """Posts as every reader reads them, by number; told anew when their version is another."""
    found = {row.id: _posts[row.id, row.version] for row in rows if (row.id, row.version) in _posts}
    if missing := [row.id for row in rows if row.id not in found]:
        bodies = queries.bodies(missing)
        for card in posts.cards(missing).values():
            nobody = dict.fromkeys(serial.MARKED), Extra(bodies[card.id], edit_pending=False)
            found[card.id] = _posts[card.id, card.version] = serial.post(card, *nobody)
        while len(_posts) > MOST:
            del _posts[next(iter(_posts))]
    return found


def comment_list(actor: Actor, root: Entry, views: Sequence[CommentView]) -> list[Json]:
    """A page of a thread, likewise."""
    rows = [_Row(v.id, COMMENT, root.space_id, v.author.id, v.state) for v in views]
    marks, extras = posts.marks(actor, rows), queries.extras(actor, [v.id for v in views])
    return [serial.comment(v, marks[v.id], extras[v.id]) for v in views]


def one(actor: Actor, entry: Entry) -> Json:
    """An entry the actor may see; with what was found in it, for its author.

    Who decides on what isn't public reads it without names.
    """
    found = (
        [serial.finding(f) for f in findings(entry.pending_id or entry.revision_id)]
        if entry.author_id == actor.id
        else []
    )
    mark, extra = posts.marks(actor, [entry])[entry.id], queries.extras(actor, [entry.id])[entry.id]
    if entry.is_post:
        told = serial.post(posts.cards([entry.id])[entry.id], mark, extra, found)
    else:
        told = serial.comment(posts.comments([entry.id])[entry.id], mark, extra, found)
    shows_names = entry.state == PUBLISHED or entry.author_id == actor.id
    return told if shows_names else {**told, "author": None}


def merged(entry: Entry, given: Any, names: Sequence[str]) -> Json:
    """An edit: what isn't given stays as its author last wrote it."""
    last = posts.latest_revision(entry)
    files = posts.attachments([last.id]).get(last.id, [])
    before = {
        "body": last.body,
        "title": last.title,
        "attachments": [f.id for f in files],
        "alts": [f.alt for f in files],
    }
    return {**{name: before[name] for name in names}, **given}


def keep_if_refused(actor: Actor, place: str, given: Any) -> None:
    """Refused by the charter: the text is kept where it was being written."""
    kept = {name: given[name] for name in ("title", "body", "attachments") if given.get(name)}
    http.if_refused(_saving(actor, place, kept))


def _saving(actor: Actor, place: str, kept: Json) -> Callable[[], object]:
    return lambda: actions.save_draft(actor, place, kept)
