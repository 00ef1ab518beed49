"""Before anything is said or changed: what the charter makes of it. Pure reading; nothing is written here."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from app.charter import queries as charter
from app.charter.engine import Attachment as EngineFile
from app.charter.engine import (
    Author,
    Draft,
    Member,
    Mention,
    Neighbour,
    PastItem,
    Policy,
    Thread,
    Verdict,
    evaluate,
    fold_text,
    is_at_least,
    unevaluated,
)
from app.charter.engine import Finding as EngineFinding
from app.charter.engine import Space as EngineSpace
from app.charter.models import Finding
from app.charter.rulebook.advice import suggestion
from app.charter.watch.queries import MARK
from app.files.models import File
from app.kernel import clock, keys
from app.kernel.db import db
from app.kernel.reads import question
from app.kernel.text import hashtags, mentions
from app.people.actor import Actor, of_person
from app.people.models import Person
from app.people.queries import by_logins
from app.posts.models import HELD, PUBLISHED, Attachment, Entry, Revision
from app.relevance.queries import Advice, advise
from app.spaces.models import Space
from app.spaces.queries import who_reads

NUDGE_LASTS = timedelta(minutes=15)
NEAREST_SIBLINGS, NEAREST_DESCENDANTS = 50, 200
REMEMBERED = timedelta(hours=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What is about to be said, where, and around what."""

    actor: Actor
    space: Space
    body: str
    title: str = ""
    files: Sequence[File] = ()
    alts: Sequence[str] = ()
    root: Entry | None = None
    parent_id: int | None = None
    entry: Entry | None = None
    event: str = "create"
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """The verdict, whom the text names, what was weighed, and which watched words stand in it."""

    verdict: Verdict
    mentioned: Mapping[str, int]
    draft: Draft
    watched: tuple[int, ...] = ()

    @property
    def action(self) -> str:
        return self.verdict.action

    def told(self) -> list[dict[str, Any]]:
        """The findings as an author reads them: rule, clause, sentence, place."""
        return [told(finding) for finding in self.verdict.findings]

    @property
    def hits(self) -> frozenset[str]:
        return frozenset(f.hit or f.rule for f in self.verdict.findings)


def judge(said: Said) -> Judgement:
    """Evaluate against the rules in force."""
    people, policy = _mentioned(said), charter.current_policy()
    history = _history(said) if said.event == "create" and policy.asks_history else ()
    draft = _draft(said, people, history)
    verdict, watched = _apart(_weighed(policy, draft))
    return Judgement(verdict, {login: person.id for login, person in people.items()}, draft, watched)


def _apart(verdict: Verdict) -> tuple[Verdict, tuple[int, ...]]:
    """Watched words leave the verdict here: no author, and no record of a text, ever shows them."""
    watched = {one.rule for one in verdict.exempted if one.rule.startswith(MARK)}
    rest = tuple(one for one in verdict.exempted if one.rule not in watched)
    failed = tuple(one for one in verdict.degraded if not one.rule.startswith(MARK))
    numbers = tuple(sorted(int(key.removeprefix(MARK)) for key in watched))
    return replace(verdict, exempted=rest, degraded=failed), numbers


def _weighed(policy: Policy, draft: Draft) -> Verdict:
    """The engine's answer; when it has none, what the rules say for that case. Posting goes on."""
    try:
        return evaluate(policy, draft, clock.now())
    except Exception as problem:  # noqa: BLE001 - people go on writing as the rules say for that case
        _log.exception("the engine gave no answer")
        return unevaluated(policy, draft, clock.now(), type(problem).__name__)


def news(entry: Entry, revision: Revision) -> Verdict | None:
    """What would hold this text now and wasn't found in it before; None when there is nothing of the sort."""
    judgement = again(entry, revision, event="publish")
    if judgement is None:
        return None
    known = {finding.hit for finding in charter.findings(revision.id)}
    found = judgement.verdict.findings
    fresh = tuple(f for f in found if is_at_least(f.action, "hold") and (f.hit or f.rule) not in known)
    return Verdict("hold", fresh) if fresh else None


def again(entry: Entry, revision: Revision, *, event: str, space: Space | None = None) -> Judgement | None:
    """A text that was written before, weighed now, where it stands or in another space; None when its author
    is gone.
    """
    author = of_person(entry.author_id)
    if author is None:
        return None
    root = db.session.get(Entry, entry.root_id) if entry.root_id else None
    carried = _carried(revision.id)
    said = Said(
        author,
        space or entry.space,
        revision.body,
        revision.title,
        [file for file, _alt in carried],
        [alt for _file, alt in carried],
        root,
        entry.parent_id,
        entry,
        event=event,
    )
    return judge(said)


def _carried(revision_id: int) -> Sequence[tuple[File, str]]:
    rows = select(File, Attachment.alt).join(Attachment, Attachment.file_id == File.id)
    found = db.session.execute(
        rows.where(Attachment.revision_id == revision_id).order_by(Attachment.position)
    )
    return [(file, alt) for file, alt in found]


def told(found: EngineFinding) -> dict[str, Any]:
    """What was found just now, as its author reads it."""
    return as_told(found.rule, found.hit, found.clause, found.action, found.part, found.span, found.tags)


def as_told(
    rule: str,
    hit: str,
    clause: str,
    action: str,
    part: str,
    span: tuple[int, int] | None,
    tags: Sequence[str],
    version: int | None = None,
) -> dict[str, Any]:
    """One finding in the reader's language, quoting its clause of that version, or of the one in force."""
    cited = charter.cite(clause, str(get_locale() or "fr"), rule=rule, version=version)
    kind, is_degraded = charter.kind_of(rule), "degraded" in tags
    return {
        "rule": rule,
        "hit": hit or rule,
        "action": action,
        "clause": clause,
        "clause_title": cited.title if cited else "",
        "charter_version": cited.version if cited else None,
        "href": cited.href if cited else "/charter",
        "message": _unchecked() if is_degraded else cited.message if cited else "",
        "part": part,
        "start": span[0] if span else None,
        "end": span[1] if span else None,
        "tags": list(tags),
        "suggestion": "" if is_degraded else suggestion(kind),
        "can_split": kind == "mixing" and action != "allow" and not is_degraded,
    }


def _unchecked() -> str:
    return _("This could not be checked just now. A moderator reads it instead.")


def nudge_token(said: Said, judgement: Judgement) -> str:
    """What lets this author go on with this very text and these findings, once, for a quarter of an hour."""
    return keys.seal("nudge", [secrets.token_urlsafe(9), _signature(said, judgement)], lasts=NUDGE_LASTS)


def nudge_number(said: Said, judgement: Judgement, token: str) -> str | None:
    """The number of a token given for this author, text and findings that hasn't expired; None otherwise."""
    try:
        number, signature = keys.unseal("nudge", token)
    except ValueError:
        return None
    return str(number) if keys.same(str(signature), _signature(said, judgement)) else None


def _signature(said: Said, judgement: Judgement) -> str:
    found = sorted(f"{f.hit or f.rule} {f.version}" for f in judgement.verdict.findings)
    return keys.mac("nudged", said.actor.id, said.space.id, fold_text(f"{said.title}\n{said.body}"), *found)


def _mentioned(said: Said) -> dict[str, Person]:
    written = mentions(f"{said.title}\n{said.body}")[:50]
    people = {person.login: person for person in by_logins(written)}
    readers = who_reads(said.space, [p.id for p in people.values()])
    return {login: person for login, person in people.items() if person.id in readers}


def _draft(said: Said, people: Mapping[str, Person], history: tuple[PastItem, ...]) -> Draft:
    space, advice = said.space, _advice(said)
    return Draft(
        object="comment" if said.root else "post",
        event=cast(Any, said.event),
        title=said.title,
        body=said.body,
        space=EngineSpace(
            str(space.id), space.kind, space.kind != "social", str(space.organisation_id or "") or None
        ),
        author=_author(said.actor),
        mentions=tuple(_mention(login, person) for login, person in people.items()),
        attachments=tuple(_file(f, alt) for f, alt in zip(said.files, [*said.alts, *[""] * len(said.files)])),  # noqa: B905
        hashtags=tuple(hashtags(said.body)),
        thread=_thread(said),
        history=history,
        previous=_previous(said.entry),
        approved=frozenset(said.entry.approved_pairs) if said.entry else frozenset(),
        past_hits=_past_hits(said.actor),
        created_at=said.entry.created_at if said.entry else None,
        published_at=said.entry.published_at if said.entry else None,
        work_score=advice.work,
        tone_score=advice.tone,
    )


def _author(actor: Actor) -> Author:
    """What the rules ask of who writes; what costs a query only when one of them asks."""
    asked = charter.facts_asked()
    joined_at = count = None
    if "author_age_below_s" in asked:
        joined_at = db.session.scalar(select(Person.created_at).where(Person.id == actor.id))
    if "first_post" in asked:
        said = select(Entry.id).where(Entry.author_id == actor.id, Entry.state == PUBLISHED)
        count = 1 if db.session.scalar(said.limit(1)) else 0
    return Author(str(actor.id), frozenset({"employee", *actor.roles}), actor.segment, joined_at, count)


def _past_hits(actor: Actor) -> Mapping[str, tuple[datetime, ...]]:
    """When the rules that combinations count found something of this author's."""
    keys_ = charter.rules_counted()
    if not keys_:
        return {}
    rows = (
        select(Finding.rule, Revision.created_at)
        .join(Revision, Revision.id == Finding.revision_id)
        .where(
            Revision.author_id == actor.id,
            Finding.rule.in_(list(keys_)),
            Finding.exempted.is_(False),
            Revision.created_at >= clock.now() - max(keys_.values()),
        )
        .order_by(Revision.created_at.desc())
        .limit(500)
    )
    found: dict[str, tuple[datetime, ...]] = dict.fromkeys(keys_, ())
    for rule, at in db.session.execute(rows):
        found[rule] = (*found[rule], at)
    return found


def _advice(said: Said) -> Advice:
    """What the classifiers say, when a rule listens."""
    if not charter.listens_to_scores():
        return Advice()
    return advise(f"{said.title}\n{said.body}".strip(), said.space.kind)


def _mention(login: str, person: Person) -> Mention:
    return Mention(login, person.segment, str(person.organisation_id) if person.organisation_id else None)


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


def _previous(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    return db.session.scalar(select(Revision.body).where(Revision.id == entry.revision_id))


def _thread(said: Said) -> Thread:
    if said.root is None:
        return Thread(descendants=_neighbours(said.entry, None)) if said.entry else Thread()
    ancestors = _ancestors(said.parent_id)
    return Thread(
        root=_neighbour(*_text_of(said.root.revision_id)),
        ancestors=tuple(_neighbour(*_text_of(entry.revision_id)) for entry in ancestors),
        siblings=_neighbours(said.root, said.entry.id if said.entry else None),
        descendants=_answers(said.entry) if said.entry else (),
    )


def _neighbour(title: str, body: str) -> Neighbour:
    return Neighbour(text=body, title=title)


def _text_of(revision_id: int) -> tuple[str, str]:
    row = db.session.execute(select(Revision.title, Revision.body).where(Revision.id == revision_id)).one()
    return row.title, row.body


def _ancestors(parent_id: int | None) -> list[Entry]:
    chain: list[Entry] = []
    while parent_id is not None and len(chain) < 20:
        parent = db.session.get(Entry, parent_id)
        if parent is None or not parent.root_id:
            break
        chain.append(parent)
        parent_id = parent.parent_id
    return chain


def _neighbours(root: Entry | None, but: int | None) -> tuple[Neighbour, ...]:
    """Comments of a thread, the newest first: beside a comment, or below an edited post."""
    if root is None or root.comment_count == 0:
        return ()
    rows = (
        select(Revision.title, Revision.body)
        .join(Entry, Entry.revision_id == Revision.id)
        .where(Entry.root_id == root.id, Entry.state == PUBLISHED, Entry.id != (but or 0))
        .order_by(Entry.position.desc())
        .limit(NEAREST_SIBLINGS if but or root.id != but else NEAREST_DESCENDANTS)
    )
    return tuple(_neighbour(title, body) for title, body in db.session.execute(rows))


def _answers(entry: Entry) -> tuple[Neighbour, ...]:
    rows = (
        select(Revision.title, Revision.body)
        .join(Entry, Entry.revision_id == Revision.id)
        .where(Entry.root_id == entry.root_id, Entry.parent_id == entry.id, Entry.state == PUBLISHED)
        .limit(NEAREST_DESCENDANTS)
    )
    return tuple(_neighbour(title, body) for title, body in db.session.execute(rows))


def _history(said: Said) -> tuple[PastItem, ...]:
    asked = {"author": said.actor.id, "since": clock.micros(clock.now() - REMEMBERED)}
    return tuple(PastItem(at, str(space_id), body) for at, space_id, body in _said_lately().all(asked))


@question
def _said_lately() -> Any:
    return (
        select(Entry.created_at, Entry.space_id, Revision.body)
        .join(Revision, Revision.id == Entry.revision_id)
        .where(
            Entry.author_id == bindparam("author"),
            Entry.position >= bindparam("since"),
            Entry.state.in_((PUBLISHED, HELD)),
        )
        .order_by(Entry.position.desc())
        .limit(60)
    )
