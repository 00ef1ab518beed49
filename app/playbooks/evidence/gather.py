"""What is known of an entry, a review item and a case, as files of a bundle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.charter.models import Acceptance, Article, CharterVersion, Clause, Finding
from app.files import storage
from app.files.models import File
from app.kernel import audit
from app.kernel.db import db
from app.kernel.holds import LegalHold
from app.moderation.models import Appeal, AppealMessage, Decision, Measure, Report, Reversal, ReviewItem
from app.people.models import Person
from app.playbooks.evidence.archive import as_json
from app.playbooks.models import CaseStep, PlaybookCase, PlaybookVersion
from app.posts.models import Attachment, Entry, Revision

LARGEST = 50 * 1024 * 1024  # of attached files together; what doesn't fit is named with its hash
MOST_ENTRIES = 5_000
_INTERNAL = frozenset({"search_text", "body_html"})


@dataclass(frozen=True)
class Ground:
    """What a bundle is about; `names_shown` when those who reported may be named."""

    entry: Entry | None
    item: ReviewItem | None
    case: PlaybookCase | None
    names_shown: bool


def gather(ground: Ground) -> dict[str, bytes]:
    """Every file of the bundle but its manifest, by name."""
    parts = dict(_written(ground))
    found = {f"{name}.json": as_json(value) for name, value in parts.items() if value not in (None, [], {})}
    return {**found, **dict(_attached(ground)), "log.jsonl": _log(ground)}


def _written(ground: Ground) -> Iterator[tuple[str, Any]]:
    if ground.entry is not None:
        revisions = _all(Revision, Revision.entry_id == ground.entry.id)
        yield "entry", {**_row(ground.entry), "author": _person(ground.entry.author_id)}
        yield "revisions", [_row(one) for one in revisions]
        yield "findings", [_row(one) for one in _all(Finding, Finding.revision_id.in_(_ids(revisions)))]
        yield "charter", _charter_accepted(ground.entry.author_id, revisions[-1].created_at)
        yield "files", _files(ground.entry.id)
        yield "reports", _reports(ground)
        yield "decisions", _decisions(ground.entry.id)
    if ground.item is not None:
        yield "item", _row(ground.item)
    if ground.case is not None:
        yield "case", _case(ground.case)


def _charter_accepted(author_id: int, at: datetime) -> dict[str, Any] | None:
    """The version that the author had accepted last when they wrote, word for word."""
    rows = (
        select(Acceptance, CharterVersion)
        .join(CharterVersion, CharterVersion.id == Acceptance.version_id)
        .where(Acceptance.person_id == author_id, Acceptance.at <= at)
    )
    found = db.session.execute(rows.order_by(Acceptance.at.desc()).limit(1)).first()
    if found is None:
        return None
    acceptance, version = found
    return {
        "acceptance": _row(acceptance),
        "version": _row(version),
        "articles": [_row(one) for one in _all(Article, Article.version_id == version.id)],
        "clauses": [_row(one) for one in _all(Clause, Clause.version_id == version.id)],
    }


def _reports(ground: Ground) -> list[dict[str, Any]]:
    """With pseudonyms, the same as at the desk, unless the names of the case were revealed."""
    rows = _all(Report, Report.entry_id == ground.entry.id) if ground.entry else []
    order = list(dict.fromkeys(one.reporter_id for one in rows))
    return [_report(one, order.index(one.reporter_id), ground.names_shown) for one in rows]


def _report(report: Report, place: int, is_named: bool) -> dict[str, Any]:
    known = {**_row(report), "reporter": f"Reporter {_letters(place)}"}
    del known["reporter_id"]
    return {**known, "reporter": _person(report.reporter_id)} if is_named else known


def _letters(place: int) -> str:
    """B, C … Z, AA: the first letter is the author's."""
    number, letters = place + 2, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _decisions(entry_id: int) -> list[dict[str, Any]]:
    return [
        {
            **_row(decision),
            "reversals": [_row(one) for one in _all(Reversal, Reversal.decision_id == decision.id)],
            "measures": [_row(one) for one in _all(Measure, Measure.decision_id == decision.id)],
            "appeals": [_appeal(one) for one in _all(Appeal, Appeal.decision_id == decision.id)],
        }
        for decision in _all(Decision, Decision.entry_id == entry_id)
    ]


def _appeal(appeal: Appeal) -> dict[str, Any]:
    """An appeal of somebody who reported doesn't name them; its other side is known."""
    shown = _row(appeal)
    talk = [_row(one) for one in _all(AppealMessage, AppealMessage.appeal_id == appeal.id)]
    if appeal.role != "author":
        for one in (shown, *talk):
            if one["person_id"] == appeal.person_id:
                one["person_id"] = None
    return {**shown, "messages": talk}


def _case(case: PlaybookCase) -> dict[str, Any]:
    version = db.session.get_one(PlaybookVersion, case.version_id)
    return {
        **_row(case),
        "playbook": _row(version),
        "steps": [_row(one) for one in _all(CaseStep, CaseStep.case_id == case.id)],
        "holds": [_row(one) for one in _all(LegalHold, LegalHold.case_id == case.id)],
    }


def _held_files(ground: Ground) -> list[File]:
    """Those of every text of the entry, and those put to the steps of the case."""
    wanted = []
    if ground.entry is not None:
        revisions = select(Revision.id).where(Revision.entry_id == ground.entry.id)
        wanted.append(File.id.in_(select(Attachment.file_id).where(Attachment.revision_id.in_(revisions))))
    if ground.case is not None:
        put = select(CaseStep.file_id).where(
            CaseStep.case_id == ground.case.id, CaseStep.file_id.is_not(None)
        )
        wanted.append(File.id.in_(put))
    return list(_all(File, or_(*wanted))) if wanted else []


def _files(entry_id: int) -> list[dict[str, Any]]:
    revisions = select(Revision.id).where(Revision.entry_id == entry_id)
    rows = select(File, Attachment.revision_id).join(Attachment, Attachment.file_id == File.id)
    rows = rows.where(Attachment.revision_id.in_(revisions)).order_by(File.id, Attachment.revision_id)
    return [{**_row(file), "revision_id": revision_id} for file, revision_id in db.session.execute(rows)]


def _attached(ground: Ground) -> Iterator[tuple[str, bytes]]:
    room = LARGEST
    for file in _held_files(ground):
        place = storage.path(file.id)
        if file.size <= room and place.exists():
            room -= file.size
            yield f"files/{file.id}-{file.name}", place.read_bytes()


def _log(ground: Ground) -> bytes:
    """What the audit log says of all this: each entry as it was sealed, with its place in the chain."""
    named = [
        f"{kind}:{one.id}" for kind, one in (("item", ground.item), ("case", ground.case)) if one is not None
    ]
    if ground.entry is not None:
        named += [ground.entry.subject]
    entries = audit.AuditEntry
    rows = select(entries).where(entries.chain == audit.CHAIN, entries.subject.in_(named))
    found = db.session.scalars(rows.order_by(entries.seq).limit(MOST_ENTRIES)).all()
    hidden = set() if ground.names_shown else _by_reporters(ground.entry)
    return b"".join(_line(one, hidden) for one in found if one.seq not in hidden)


def _by_reporters(entry: Entry | None) -> set[int]:
    """The numbers of what those who reported did: it would name them."""
    if entry is None:
        return set()
    entries = audit.AuditEntry
    reporters = select(Report.reporter_id).where(Report.entry_id == entry.id)
    rows = select(entries.seq).where(entries.chain == audit.CHAIN, entries.actor_id.in_(reporters))
    return set(db.session.scalars(rows.where(entries.at >= entry.created_at)))


def _line(entry: audit.AuditEntry, hidden: set[int]) -> bytes:
    """Without its seal when that would let one guess, name by name, what stands before it."""
    kept: dict[str, Any] = {"seq": entry.seq, "record": entry.record}
    if entry.seq - 1 not in hidden:
        kept |= {"prev": entry.prev, "hash": entry.hash}
    return (json.dumps(kept, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _all(model: Any, *where: Any) -> Sequence[Any]:
    key = list(model.__table__.primary_key)
    return db.session.scalars(select(model).where(*where).order_by(*key)).all()


def _ids(rows: Sequence[Any]) -> list[int]:
    return [row.id for row in rows]


def _person(person_id: int) -> dict[str, Any]:
    person = db.session.get_one(Person, person_id)
    return {"id": person.id, "login": person.login, "name": person.name}


def _row(row: Any) -> dict[str, Any]:
    """Its columns as they are stored, moments in ISO 8601."""
    columns: Iterable[Any] = row.__mapper__.column_attrs
    values = {one.key: getattr(row, one.key) for one in columns if one.key not in _INTERNAL}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}
