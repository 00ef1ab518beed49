from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.charter.document.models import FUNCTIONS, Remark, Signatory, Signature
from app.charter.document.policy import can_read_drafts, versions_seen_by
from app.charter.models import DRAFT, IN_FORCE, SCHEDULED, SUPERSEDED, Article, CharterVersion, Rule
from app.kernel import clock, settings
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.policy import require
from app.people.actor import Actor


@dataclass(frozen=True)
class Thread:
    """A remark and the answers to it."""

    remark: Remark
    answers: list[Remark] = field(default_factory=list)


def get_version(actor: Actor, number: int) -> CharterVersion:
    """A version with its articles and clauses, or NotFound: a draft that isn't one's to read isn't there."""
    rows = _trees().where(CharterVersion.number == number, versions_seen_by(actor))
    found = db.session.scalar(rows.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def tree(version_id: int, *, lock: bool = False) -> CharterVersion:
    """A version with articles and clauses as they are now; locked against others who would write it."""
    rows = _trees().where(CharterVersion.id == version_id).execution_options(populate_existing=True)
    found = db.session.scalar(rows.with_for_update(of=CharterVersion) if lock else rows)
    if found is None:
        raise NotFound
    return found


def known(actor: Actor) -> Sequence[CharterVersion]:
    """The versions one may see, newest first, without their text."""
    rows = select(CharterVersion).where(versions_seen_by(actor)).order_by(CharterVersion.number.desc())
    return db.session.scalars(rows).all()


def in_preparation(actor: Actor) -> CharterVersion | None:
    """The version on its way, where one may see it; without its text."""
    rows = select(CharterVersion).where(CharterVersion.preparing.is_(True), versions_seen_by(actor))
    return db.session.scalar(rows)


def announced() -> CharterVersion | None:
    """The version that everybody knows will take effect; without its text."""
    rows = select(CharterVersion).where(
        CharterVersion.state == SCHEDULED, CharterVersion.effective_at > clock.now()
    )
    return db.session.scalar(rows.order_by(CharterVersion.effective_at).limit(1))


def in_force_on(day: date) -> CharterVersion | None:
    """What was in force at the end of a day of the company, or of what is past of it; without its text."""
    end = min(start_of(day + timedelta(days=1)) - timedelta(microseconds=1), clock.now())
    past = CharterVersion.state.in_((SCHEDULED, IN_FORCE, SUPERSEDED))
    rows = select(CharterVersion).where(past, CharterVersion.effective_at <= end)
    return db.session.scalar(rows.order_by(CharterVersion.effective_at.desc()).limit(1))


def due() -> Sequence[int]:
    """Scheduled versions whose hour has come, the first one first."""
    rows = select(CharterVersion.id).where(
        CharterVersion.state == SCHEDULED, CharterVersion.effective_at <= clock.now()
    )
    return db.session.scalars(rows.order_by(CharterVersion.effective_at)).all()


def start_of(day: date) -> datetime:
    """The first instant of a day of the company."""
    return datetime.combine(day, time(), zone())


def today() -> date:
    """The day that it is at the company."""
    return clock.now().astimezone(zone()).date()


def zone() -> ZoneInfo:
    """The company's time zone."""
    return ZoneInfo(settings.get("time_zone", "Europe/Paris"))


def signatures(version: CharterVersion) -> Mapping[str, Signature]:
    """Who signed the version as it is now, by function."""
    rows = select(Signature).options(joinedload(Signature.person))
    valid = rows.where(Signature.version_id == version.id, Signature.text_hash == version.text_hash)
    return {signature.function: signature for signature in db.session.scalars(valid)}


def is_signed(version: CharterVersion) -> bool:
    """True when the three functions signed it as it is now."""
    return set(signatures(version)) == set(FUNCTIONS)


def signatories() -> Sequence[Signatory]:
    """Who may sign, by function and name."""
    rows = select(Signatory).options(joinedload(Signatory.person))
    found = db.session.scalars(rows).all()
    return sorted(found, key=lambda one: (FUNCTIONS.index(one.function), one.person.name_key))


def problems(version: CharterVersion) -> list[str]:
    """What is missing before anybody may sign, in sentences; the version comes with its clauses."""
    return [*unwritten(version), *_unchecked(version)]


def unwritten(version: CharterVersion) -> list[str]:
    """What the text itself still needs, in sentences."""
    return [*_blanks(version), *_orphans(version)]


def remarks(actor: Actor, version: CharterVersion) -> Mapping[str, list[Thread]]:
    """What was said of a version, by clause key, in the order in which it was said."""
    require(can_read_drafts(actor))
    rows = select(Remark).options(joinedload(Remark.author)).where(Remark.version_id == version.id)
    threads, by_clause = dict[int, Thread](), defaultdict[str, list[Thread]](list)
    for remark in db.session.scalars(rows.order_by(Remark.id)):
        if remark.parent_id is None:
            threads[remark.id] = Thread(remark)
            by_clause[remark.clause_key].append(threads[remark.id])
        else:
            threads[remark.parent_id].answers.append(remark)
    return by_clause


def get_remark(actor: Actor, version: CharterVersion, remark_id: int) -> Remark:
    """A remark on a version, for those who read drafts; NotFound otherwise."""
    found = db.session.get(Remark, remark_id)
    if found is None or found.version_id != version.id or not can_read_drafts(actor):
        raise NotFound
    return found


def open_remarks(version: CharterVersion) -> Mapping[str, int]:
    """How many threads nobody has resolved, by clause key."""
    rows = select(Remark.clause_key, func.count()).where(
        Remark.version_id == version.id, Remark.parent_id.is_(None), Remark.resolved_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(rows.group_by(Remark.clause_key))}


def _trees() -> Select[CharterVersion]:
    return select(CharterVersion).options(selectinload(CharterVersion.articles).selectinload(Article.clauses))


def _blanks(version: CharterVersion) -> list[str]:
    found = []
    if not (version.title_fr and version.title_en):
        found.append(_("The title is missing in a language."))
    if not version.clauses:
        found.append(_("There is no clause."))
    found += [
        _("Article %(number)s has no clause, or no title in a language.", number=article.number)
        for article in version.articles
        if not (article.clauses and article.title_fr and article.title_en)
    ]
    return found + [
        _("Clause %(number)s has no title or no text in a language.", number=clause.number)
        for clause in version.clauses
        if not (clause.title_fr and clause.title_en and clause.text_fr and clause.text_en)
    ]


def _unchecked(version: CharterVersion) -> list[str]:
    found = []
    if version.consulted_on is None:
        found.append(_("The day on which the staff representatives were consulted is missing."))
    if version.informed_on is None:
        found.append(_("The day on which the staff was informed is missing."))
    return found


def _orphans(version: CharterVersion) -> list[str]:
    """Rules that would hang on nothing."""
    if version.state != DRAFT:
        return []
    kept = {clause.key for clause in version.clauses}
    hanging = select(Rule.clause).where(Rule.state != "retired").distinct()
    lost = [clause for clause in _current_clauses(db.session.scalars(hanging).all()) if clause[0] not in kept]
    return [
        _("Rules hang on clause %(number)s, which this version no longer has.", number=number)
        for _key, number in lost
    ]


def _current_clauses(numbers: Sequence[str]) -> list[tuple[str, str]]:
    rows = _trees().where(CharterVersion.state == IN_FORCE).order_by(CharterVersion.effective_at.desc())
    current = db.session.scalar(rows.limit(1))
    clauses = current.clauses if current else []
    return [(clause.key, clause.number) for clause in clauses if clause.number in numbers]
