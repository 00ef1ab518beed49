"""What the charter recorded about a person, as they may read it: own messages, reports, acceptances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.charter import queries as charter
from app.charter.models import Acceptance, CharterVersion, Finding
from app.kernel import clock
from app.kernel.db import db
from app.kernel.page import Page, cut, place
from app.kernel.text import excerpt
from app.moderation import ground
from app.moderation.models import LETTING_STAND, OPEN_STATES, Appeal, Decision, Report, ReviewItem
from app.moderation.queries import APPEALS_OPEN_FOR
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.posts.models import (
    HELD,
    HIDDEN_PENDING,
    POST,
    PUBLISHED,
    REJECTED,
    REMOVED,
    RETURNED,
    Draft,
    Entry,
    Revision,
)
from app.posts.queries import SpaceTag
from app.spaces.models import Space
from app.spaces.policy import readable_by

PAGE = 20
MOST_REPORTS = 50
STOPPED = (HELD, RETURNED, REJECTED, REMOVED, HIDDEN_PENDING)
_PLACE = re.compile(r"(space|comment|edit)-(\d{1,18})")


@dataclass(frozen=True)
class Clause:
    number: str
    title: str
    href: str


@dataclass(frozen=True)
class Recorded:
    """A message of one's own that was stopped, why, and what one can do."""

    id: int
    kind: str
    excerpt: str
    space: SpaceTag
    at: datetime
    url: str
    state: str
    clause: Clause | None
    reason: str | None
    expected_by: datetime | None
    edit_url: str | None
    withdraw_url: str | None
    appeal: Appealed | None = None


@dataclass(frozen=True)
class Appealed:
    """The way to a second look, or to the one that was asked for."""

    url: str
    state: str | None


@dataclass(frozen=True)
class InForce:
    """A measure that concerns the reader, with its end and the way to contest it."""

    step: str
    reason: str
    ends_at: datetime | None
    appeal: Appealed | None


@dataclass(frozen=True)
class Reported:
    """A report of one's own and what became of it."""

    id: int
    excerpt: str
    reason: str
    at: datetime
    outcome: str | None
    answer: str | None = None
    appeal: Appealed | None = None


@dataclass(frozen=True)
class Unsent:
    """A draft, in words."""

    place: str
    where: str
    title: str | None
    excerpt: str
    saved_at: datetime
    url: str


def recorded(actor: Actor, *, after: str | None = None) -> Page[Recorded]:
    """Messages of one's own that wait, came back or were taken away, newest first; four queries at most."""
    begin = place("recorded", after)
    rows = _own_entries().where(Entry.author_id == actor.id)
    rows = rows.where(
        or_(Entry.state.in_(STOPPED), and_(Entry.state == PUBLISHED, Entry.pending_id.is_not(None)))
    )
    if begin:
        rows = rows.where(Entry.id < begin[0])
    found = db.session.execute(rows.order_by(Entry.id.desc()).limit(PAGE + 1)).all()
    page = cut(found, PAGE, "recorded", lambda row: [row.id])
    ids = [row.id for row in page.items]
    appeals = _appeals(actor, Decision.entry_id.in_(ids))
    clauses = _found_clauses([row.revision_id for row in page.items])
    decided, expected = _decisions(ids), _deadlines(ids)
    return page.map(lambda row: _recorded(row, clauses, decided, expected, appeals))


def measures(actor: Actor) -> Sequence[InForce]:
    """What the reader may not do at present and until when, and what they were reminded of."""
    found = ground.measures_of(actor.id, clock.now())
    appeals = _appeals(actor, Decision.id.in_([measure.decision_id for measure in found]))
    return [InForce(m.step, m.reason, m.ends_at, appeals.get(m.decision_id)) for m in found]


def reports(actor: Actor) -> Sequence[Reported]:
    """One's own last reports, each with the words as they were, while one may read the space."""
    open_to_me = Entry.space_id.in_(select(Space.id).where(readable_by(actor)))
    rows: Select[*tuple[Any, ...]] = select(
        Report.id,
        Report.reason,
        Report.created_at,
        Report.outcome,
        Report.item_id,
        Revision.body_html,
        open_to_me.label("readable"),
    )
    rows = rows.join(Entry, Entry.id == Report.entry_id).join(Revision, Revision.id == Report.revision_id)
    rows = rows.where(Report.reporter_id == actor.id).order_by(Report.id.desc()).limit(MOST_REPORTS)
    found = db.session.execute(rows).all()
    stands = Decision.item_id.in_([row.item_id for row in found if row.outcome in LETTING_STAND])
    decided = {d.item_id: d.id for d in _standing(stands)}
    appeals = _appeals(actor, Decision.id.in_(decided.values()))
    return [
        Reported(
            row.id,
            excerpt(row.body_html) if row.readable else "",
            _reason(row.reason),
            row.created_at,
            row.outcome,
            appeal=appeals.get(decided.get(row.item_id, 0)) if row.readable else None,
        )
        for row in found
    ]


def _standing(which: ColumnElement[bool]) -> Sequence[Decision]:
    return db.session.scalars(select(Decision).where(which, ground.not_undone()).order_by(Decision.id)).all()


def accepted(actor: Actor) -> Sequence[Row[int, datetime]]:
    """Versions of the charter that one accepted, newest first: rows (number, at)."""
    rows = select(CharterVersion.number, Acceptance.at).join(
        Acceptance, Acceptance.version_id == CharterVersion.id
    )
    return db.session.execute(
        rows.where(Acceptance.person_id == actor.id).order_by(Acceptance.at.desc())
    ).all()


def unsent(actor: Actor, drafts: Sequence[Draft]) -> list[Unsent]:
    """Drafts with the place they were written for, where the actor may still go there; two queries."""
    places = {draft.place: _split(draft.place) for draft in drafts}
    spaces = _space_names(actor, [number for kind, number in places.values() if kind == "space"])
    entries = _first_words([number for kind, number in places.values() if kind in {"comment", "edit"}])
    return [_unsent(draft, *places[draft.place], spaces, entries) for draft in drafts]


def _own_entries() -> Select[*tuple[Any, ...]]:
    """With the edit that waits, where readers see the text before it."""
    outside, waiting = aliased(Organisation), case((Entry.state == PUBLISHED, Entry.pending_id))
    rows: Select[*tuple[Any, ...]] = select(
        Entry.id, Entry.kind, Entry.root_id, Entry.state, Entry.pending_id, Entry.created_at,
        Revision.id.label("revision_id"), Revision.title, Revision.body_html,
        Space.id.label("space_id"), Space.name.label("space_name"), Space.kind.label("space_kind"),
        outside.name.label("organisation_name"),
    )  # fmt: skip
    return (
        rows.join(Revision, Revision.id == func.coalesce(waiting, Entry.revision_id))
        .join(Space, Space.id == Entry.space_id)
        .outerjoin(outside, outside.id == Space.organisation_id)
    )


def _found_clauses(revision_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    if not revision_ids:
        return {}
    rows = select(Finding.revision_id, Finding.clause, Finding.version_number).where(
        Finding.revision_id.in_(revision_ids), Finding.exempted.is_(False)
    )
    first: dict[int, tuple[str, int]] = {}
    for revision_id, clause, version in db.session.execute(rows.order_by(Finding.id)):
        first.setdefault(revision_id, (clause, version))
    return first


def _decisions(entry_ids: Sequence[int]) -> dict[int, Decision]:
    """The last decision on each."""
    if not entry_ids:
        return {}
    rows = select(Decision).where(Decision.entry_id.in_(entry_ids), ground.not_undone())
    rows = rows.order_by(Decision.created_at, Decision.id)
    return {decision.entry_id: decision for decision in db.session.scalars(rows)}


def _deadlines(entry_ids: Sequence[int]) -> dict[int, datetime]:
    if not entry_ids:
        return {}
    rows = select(ReviewItem.entry_id, ReviewItem.deadline).where(
        ReviewItem.entry_id.in_(entry_ids), ReviewItem.state.in_(OPEN_STATES)
    )
    return {row.entry_id: row.deadline for row in db.session.execute(rows)}


def _recorded(
    row: Any,
    clauses: dict[int, tuple[str, int]],
    decided: dict[int, Decision],
    expected: dict[int, datetime],
    appeals: dict[int, Appealed],
) -> Recorded:
    edit_waits = row.state == PUBLISHED and row.pending_id is not None
    state = HELD if edit_waits else row.state
    decision = decided.get(row.id) if state in {RETURNED, REJECTED, REMOVED} else None
    found = clauses.get(row.revision_id, ("", 0))
    cited = (decision.clause, decision.charter_version) if decision and decision.clause else found
    base = f"/{'posts' if row.kind == POST else 'comments'}/{row.id}"
    may_act = state in {HELD, RETURNED}
    return Recorded(
        id=row.id,
        kind=row.kind,
        excerpt=row.title or excerpt(row.body_html),
        space=SpaceTag(row.space_id, row.space_name, row.space_kind, row.organisation_name),
        at=row.created_at,
        url=f"/posts/{row.root_id}" if row.root_id else base,
        state=state,
        clause=_clause(*cited),
        reason=decision.reason if decision else None,
        expected_by=expected.get(row.id) if state in {HELD, HIDDEN_PENDING} else None,
        edit_url=f"{base}/edit" if may_act else None,
        withdraw_url=f"{base}/withdrawal" if may_act and not edit_waits else None,
        appeal=appeals.get(decision.id) if decision else None,
    )


def _appeals(actor: Actor, which: ColumnElement[bool]) -> dict[int, Appealed]:
    """By decision: the appeal of one's own, or the way to one while there is still time."""
    since = clock.now() - APPEALS_OPEN_FOR
    rows: Select[*tuple[Any, ...]] = select(
        Decision.id, Decision.created_at, Appeal.id, Appeal.state, Appeal.person_id
    )
    rows = rows.outerjoin(Appeal, Appeal.decision_id == Decision.id).where(which)
    found: dict[int, Appealed] = {}
    for decision_id, at, appeal_id, state, person_id in db.session.execute(rows):
        if person_id == actor.id:
            found[decision_id] = Appealed(f"/appeals/{appeal_id}", state)
        elif appeal_id is None and at >= since:
            found[decision_id] = Appealed(f"/decisions/{decision_id}/appeal", None)
    return found


def _clause(number: str, version: int | None = None) -> Clause | None:
    cited = charter.cite(number, str(get_locale() or "fr"), version=version) if number else None
    return Clause(cited.number, cited.title, cited.href) if cited else None


def _reason(reason: str) -> str:
    special = {
        "in_picture": _("I am in this picture and did not agree to it"),
        "danger": _("Somebody may be in danger"),
        "other": _("Something else"),
    }
    clause = _clause(reason)
    return special.get(reason) or (f"{clause.number} {clause.title}" if clause else reason)


def _split(written_at: str) -> tuple[str, int]:
    found = _PLACE.fullmatch(written_at)
    return (found.group(1), int(found.group(2))) if found else ("post", 0)


def _space_names(actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    rows = select(Space.id, Space.name).where(Space.id.in_(ids), readable_by(actor))
    return {row.id: row.name for row in db.session.execute(rows)} if ids else {}


def _first_words(ids: Sequence[int]) -> dict[int, Any]:
    """What one answered or corrected, by number; its words aren't shown, only where it is."""
    rows = select(Entry.id, Entry.kind, Entry.root_id).where(Entry.id.in_(ids))
    return {row.id: row for row in db.session.execute(rows)} if ids else {}


def _unsent(draft: Draft, kind: str, number: int, spaces: dict[int, str], entries: dict[int, Any]) -> Unsent:
    where, url = _("In a new post"), "/?write=1"
    if kind == "space" and number in spaces:
        where, url = _("In %(space)s", space=spaces[number]), f"/spaces/{number}?write=1"
    elif kind == "comment" and number in entries:
        where, url = _("Answer to a post"), f"/posts/{number}#comment-form"
    elif kind == "edit" and number in entries:
        where = _("Change of what you said")
        url = f"/{'posts' if entries[number].kind == POST else 'comments'}/{number}/edit"
    title, body = str(draft.content.get("title") or ""), str(draft.content.get("body") or "")
    words = " ".join(body.split())
    return Unsent(draft.place, where, title or None, words[:240], draft.saved_at, url)
