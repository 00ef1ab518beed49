"""One case as a moderator reads it. Names are left out here, not in the template, until revealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.charter import queries as charter
from app.charter.models import CharterVersion, Clause, Finding
from app.kernel import clock
from app.kernel.db import db
from app.moderation import dossier, policy, priority, queries, words
from app.moderation.dossier import Dossier
from app.moderation.ground import not_undone
from app.moderation.models import APPEAL, ESCALATE, ESCALATED, SPECIAL_REASONS, Decision, Report, ReviewItem
from app.moderation.policy import items_seen_by
from app.moderation.queries import ItemRow
from app.people.actor import Actor
from app.people.models import Person
from app.posts.models import PUBLISHED, Entry, Revision
from app.posts.queries import FileTag, attachments
from app.relevance.classifier.model import TASKS
from app.relevance.queries import explain

AROUND, LONGEST_NEIGHBOUR, MOST_PAST = 4, 600, 5


@dataclass(frozen=True, slots=True)
class FoundView:
    """Something a rule noticed, numbered as in the text."""

    n: int
    text: str
    clause: str
    action: str
    part: str | None
    tags: Sequence[str]
    href: str
    weighed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ClauseView:
    number: str
    title: str
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class ReportView:
    label: str
    name: str | None
    reason: str
    comment: str | None
    at: datetime
    earlier_text: bool
    file: str | None = None


@dataclass(frozen=True, slots=True)
class NeighbourView:
    author_label: str
    at: datetime
    text: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class PastView:
    outcome: str
    clause: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TermView:
    key: str
    value: int


@dataclass(frozen=True, slots=True)
class PriorityView:
    total: int
    terms: Sequence[TermView]


@dataclass(frozen=True)
class Case:
    """Everything a decision needs; what the queue's row says is under `row`, and reached directly."""

    row: ItemRow
    revision_id: int
    title: str | None
    segments: Sequence[tuple[str, FoundView | None]]
    attachments: Sequence[FileTag]
    justification: str | None
    author_label: str
    author_name: str | None
    submitted_at: datetime
    clause: ClauseView | None
    findings: Sequence[FoundView]
    reports: Sequence[ReportView]
    thread: Sequence[NeighbourView]
    past: Sequence[PastView]
    priority: PriorityView
    why_not: str | None
    file: Dossier
    can_reveal: bool
    outcomes: Sequence[str]
    clauses: Sequence[tuple[str, str]]
    replies: Sequence[tuple[str, str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        if name in ItemRow.__slots__:
            return getattr(self.row, name)
        raise AttributeError(name)


def read(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> Case:
    """The case of an item that the actor may see (`queries.get_item`)."""
    now = now or clock.now()
    entry = db.session.get_one(Entry, item.entry_id)
    text = db.session.get_one(Revision, item.revision_id)
    author = db.session.get_one(Person, item.author_id)
    is_revealed = queries.revealed(actor, item) is not None
    stored = charter.findings(item.revision_id)
    found = _findings(stored, f"{text.title}\n{text.body}".strip(), actor.locale)
    reports = db.session.scalars(select(Report).where(Report.item_id == item.id).order_by(Report.id)).all()
    refusal = policy.why_not(actor, item)
    return Case(
        row=queries.item_row(actor, item, now=now),
        revision_id=text.id,
        title=text.title or None,
        segments=_segments(text.body, list(zip(stored, found, strict=True))),
        attachments=attachments([text.id], kept_back=True).get(text.id, []),
        justification=text.justification or None,
        author_label=words.author(0),
        author_name=author.name if is_revealed else None,
        submitted_at=text.created_at,
        clause=_clause(stored, reports, actor.locale),
        findings=found,
        reports=_reports(reports, item, actor.locale, is_revealed),
        thread=_thread(entry, text, is_revealed),
        past=_past(actor, item),
        priority=_priority(item, now),
        why_not=words.closed(item.state) or refusal,
        file=dossier.read(actor, item, now),
        can_reveal=refusal is None and not is_revealed,
        outcomes=_outcomes(item),
        clauses=[(c.number, f"{c.number} {_title(c, actor.locale)}") for c in charter.clauses_in_force()],
        replies=words.replies(item.kind, author.locale),
    )


def _findings(stored: Sequence[Finding], text: str, locale: str) -> list[FoundView]:
    return [
        FoundView(
            number,
            _said(one, locale),
            one.clause,
            one.action,
            words.part(one.part),
            one.tags,
            cited.href if (cited := _cited(one, locale)) else "/charter",
            _weighed(one, text),
        )
        for number, one in enumerate(stored, start=1)
    ]


def _weighed(finding: Finding, text: str) -> Sequence[str]:
    """The words that weighed most for what a model noticed."""
    kind = charter.kind_of(finding.rule)
    return explain(kind, text) if kind in TASKS else ()


def _said(finding: Finding, locale: str) -> str:
    if "degraded" in finding.tags:
        return _("A rule could not be evaluated: %(rule)s", rule=finding.rule or _("the whole text"))
    cited = _cited(finding, locale)
    return cited.message or cited.title if cited else finding.rule


def _cited(finding: Finding, locale: str) -> charter.Cited | None:
    return charter.cite(finding.clause, locale, rule=finding.rule, version=finding.version_number)


def _segments(body: str, found: Sequence[tuple[Finding, FoundView]]) -> list[tuple[str, FoundView | None]]:
    """The text cut where findings begin and end; of two that overlap, the first is underlined."""
    segments: list[tuple[str, FoundView | None]] = []
    end = 0
    places = [
        (f.start, f.end, view) for f, view in found if f.part == "body" and f.start is not None and f.end
    ]
    for start, stop, view in sorted(places, key=lambda place: (place[0], place[1])):
        if start < end or stop > len(body):
            continue
        segments += [(body[end:start], None)] if start > end else []
        segments.append((body[start:stop], view))
        end = stop
    return [*segments, (body[end:], None)] if end < len(body) else segments


def _clause(stored: Sequence[Finding], reports: Sequence[Report], locale: str) -> ClauseView | None:
    """The most severe clause concerned, quoted from the charter of its time."""
    named = {(f.clause, f.version_number) for f in stored} | {
        (r.reason, _version_at(r.created_at)) for r in reports if r.reason not in SPECIAL_REASONS
    }
    if not named:
        return None
    rows = (
        select(Clause, CharterVersion.number)
        .join(CharterVersion, CharterVersion.id == Clause.version_id)
        .where(or_(*((Clause.number == n) & (CharterVersion.number == v) for n, v in named)))
        .order_by(Clause.severity.desc(), Clause.number)
    )
    row = db.session.execute(rows.limit(1)).first()
    if row is None:
        return None
    clause, version = row
    text = clause.text_en if locale == "en" else clause.text_fr
    return ClauseView(clause.number, _title(clause, locale), text, version)


def _version_at(at: datetime) -> int:
    current = charter.version_in_force()
    if current is not None and current.effective_at is not None and current.effective_at <= at:
        return current.number
    then = charter.version_in_force(at)
    return then.number if then else 0


def _title(clause: Clause, locale: str) -> str:
    return clause.title_en if locale == "en" else clause.title_fr


def _reports(reports: Sequence[Report], item: ReviewItem, locale: str, is_revealed: bool) -> list[ReportView]:
    names = _names([r.reporter_id for r in reports]) if is_revealed else {}
    files = _file_names(item) if any(one.part for one in reports) else {}
    return [
        ReportView(
            words.reporter(number),
            names.get(one.reporter_id),
            _reason(one, locale),
            one.comment or None,
            one.created_at,
            one.revision_id != item.revision_id,
            files.get(one.part.removeprefix("file:")),
        )
        for number, one in enumerate(reports)
    ]


def _file_names(item: ReviewItem) -> dict[str, str]:
    found = attachments([item.revision_id], kept_back=True).get(item.revision_id, [])
    return {file.id: file.alt or file.name for file in found}


def _reason(report: Report, locale: str) -> str:
    reason = report.reason
    if reason in SPECIAL_REASONS:
        return words.special_reason(reason)
    cited = charter.cite(reason, locale, version=_version_at(report.created_at))
    return f"{reason} {cited.title}" if cited else reason


def _names(person_ids: Sequence[int]) -> Mapping[int, str]:
    rows = select(Person.id, Person.name).where(Person.id.in_(set(person_ids)))
    return {person_id: name for person_id, name in db.session.execute(rows)}  # noqa: C416 - rows aren't pairs


def _thread(entry: Entry, text: Revision, is_revealed: bool) -> list[NeighbourView]:
    """What stands around it, under the same pseudonyms; nothing when it stands alone."""
    rows = _around(entry)
    if not rows:
        return []
    everyone = sorted([*rows, _this(entry, text)], key=lambda row: (row["at"], row["id"]))
    labels = {entry.author_id: words.author(0)}
    for row in everyone:
        labels.setdefault(row["author_id"], words.author(len(labels)))
    names = _names(list(labels)) if is_revealed else {}
    return [
        NeighbourView(
            names.get(row["author_id"], labels[row["author_id"]]),
            row["at"],
            row["text"],
            row["id"] == entry.id,
        )
        for row in everyone
    ]


def _this(entry: Entry, text: Revision) -> dict[str, Any]:
    return {"id": entry.id, "author_id": entry.author_id, "at": entry.created_at, "text": _cut(text.body)}


def _around(entry: Entry) -> list[dict[str, Any]]:
    """Of a comment: its post, what it answers and what was said just before; of a post: its first answers."""
    rows = (
        select(Entry.id, Entry.author_id, Entry.created_at, Revision.body)
        .join(Revision, Revision.id == Entry.revision_id)
        .where(Entry.state == PUBLISHED, Entry.id != entry.id)
    )
    if entry.root_id is None:
        near = rows.where(Entry.root_id == entry.id).order_by(Entry.position).limit(AROUND)
        found = list(db.session.execute(near))
    else:
        above = rows.where(Entry.id.in_({entry.root_id, entry.parent_id or entry.root_id}))
        before = rows.where(Entry.root_id == entry.root_id, Entry.position <= entry.position)
        before = before.order_by(Entry.position.desc()).limit(AROUND)
        found = [*db.session.execute(above), *db.session.execute(before)]
    unique = {row.id: row for row in found}
    return [
        {"id": row.id, "author_id": row.author_id, "at": row.created_at, "text": _cut(row.body)}
        for row in unique.values()
    ]


def _cut(body: str) -> str:
    return body if len(body) <= LONGEST_NEIGHBOUR else f"{body[:LONGEST_NEIGHBOUR]}…"


def _past(actor: Actor, item: ReviewItem) -> list[PastView]:
    """Decisions about this entry, then those under the same clauses, newest first."""
    same_entry = Decision.entry_id == item.entry_id
    rows = (
        select(Decision)
        .join(ReviewItem, ReviewItem.id == Decision.item_id)
        .where(items_seen_by(actor), Decision.item_id != item.id, not_undone())
        .where(or_(same_entry, Decision.clause.in_(queries.concerned_clauses(item))))
        .order_by(same_entry.desc(), Decision.id.desc())
    )
    found = db.session.scalars(rows.limit(MOST_PAST))
    return [PastView(d.outcome, d.clause, d.reason, d.created_at) for d in found]


def _priority(item: ReviewItem, now: datetime) -> PriorityView:
    age = priority.age_term(item.created_at, item.deadline, item.closed_at or now)
    terms = {**item.terms, **({"age": age} if age else {})}
    return PriorityView(item.priority + age, [TermView(key, value) for key, value in terms.items()])


def _outcomes(item: ReviewItem) -> tuple[str, ...]:
    """What may be decided, and passing it on where there is somebody further."""
    further = item.kind != APPEAL and item.state != ESCALATED
    return (*queries.outcomes(item), ESCALATE) if further else queries.outcomes(item)
