"""What is in force: read from the database once a version, kept in the process until it changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from app.charter import compiled
from app.charter.engine import DEGRADED, Policy, compile_policy, conditions
from app.charter.models import DRAFT, Acceptance, Article, CharterVersion, Clause, Finding, Rule
from app.charter.rulebook.models import RuleExemption, RuleVersion
from app.charter.rulebook.states import DRY_RUN
from app.charter.watch import queries as watch
from app.kernel import clock, cpu, settings
from app.kernel.db import db
from app.kernel.ids import id_at
from app.kernel.reads import question
from app.people.actor import Actor

POLICY_VERSION = "policy_version"
TRIED = "~"  # between a rule's key and the number of a version that is only tried
_TRY_AGAIN = timedelta(minutes=1)
_log = logging.getLogger(__name__)
_SCORED = frozenset({"work", "tone", "combination"})


@dataclass(frozen=True)
class Cited:
    """A clause as it is quoted to somebody."""

    number: str
    title: str
    text: str
    message: str
    version: int
    severity: int
    href: str


_renewing = threading.Lock()


class _Memory:
    stamp: object = None
    next_at: datetime | None = None
    policy: Policy | None = None
    version: CharterVersion | None = None
    rules: Mapping[str, Rule] = {}
    conditions: tuple[Policy, Sequence[tuple[str, Any]]] | None = None


def version_in_force(at: datetime | None = None) -> CharterVersion | None:
    """The charter in force now, or at that instant, with articles and clauses; None before the first."""
    if at is None:
        _refresh()
        return _Memory.version
    return db.session.scalar(
        _versions()
        .where(CharterVersion.state != DRAFT, CharterVersion.effective_at <= at)
        .order_by(CharterVersion.effective_at.desc())
        .limit(1)
    )


def versions() -> Sequence[CharterVersion]:
    """Every version that was announced, newest first, with articles and clauses."""
    known = _versions().where(CharterVersion.state != DRAFT)
    return db.session.scalars(known.order_by(CharterVersion.number.desc())).all()


def clauses_in_force() -> Sequence[Clause]:
    """Every clause people may cite, in order."""
    version = version_in_force()
    return [clause for article in version.articles for clause in article.clauses] if version else []


def cite(number: str, locale: str, *, rule: str = "", version: int | None = None) -> Cited | None:
    """A clause in a language, with the rule's own message when it has one: of the version in force, or of an
    earlier one that was cited.
    """
    present = version_in_force()
    is_past = bool(version) and (present is None or version != present.number)
    found = clause_of(number, version or 0) if is_past else _clause_in_force(number)
    if found is None:
        return None
    clause, of = found
    own = _Memory.rules.get(rule)
    language = "en" if locale == "en" else "fr"
    message = (getattr(own, f"message_{language}") if own else "") or getattr(clause, f"message_{language}")
    return Cited(
        clause.number,
        getattr(clause, f"title_{language}"),
        getattr(clause, f"text_{language}"),
        message,
        of,
        clause.severity,
        f"/charter/versions/{of}#clause-{number}" if is_past else f"/charter#clause-{number}",
    )


def clause_of(number: str, version: int) -> tuple[Clause, int] | None:
    """A clause of a version that was announced, by their numbers."""
    rows = (
        select(Clause, CharterVersion.number)
        .join(CharterVersion, CharterVersion.id == Clause.version_id)
        .where(Clause.number == number, CharterVersion.number == version, CharterVersion.state != DRAFT)
    )
    row = db.session.execute(rows).first()
    return (row[0], row[1]) if row else None


def kind_of(rule: str) -> str:
    """The kind of condition of a rule that counts now; empty for one that doesn't."""
    return next((one.spec.kind for one in current_policy().rules if one.spec.key == rule), "")


def rules() -> Sequence[Rule]:
    """Every rule, in the order of the clauses it hangs on."""
    return db.session.scalars(select(Rule).order_by(Rule.clause, Rule.key)).all()


def current_policy() -> Policy:
    """The compiled rules that count now."""
    _refresh()
    assert _Memory.policy is not None  # noqa: S101 - _refresh makes it
    return _Memory.policy


def facts_asked() -> frozenset[str]:
    """The facts of a draft that combinations ask for."""
    return frozenset(name for name, _value in _conditions())


def rules_counted() -> Mapping[str, timedelta]:
    """The rules whose past hits combinations count, each with how far back."""
    windows: dict[str, timedelta] = {}
    for name, value in _conditions():
        if name == "count":
            window = timedelta(seconds=float(value["window_s"]))
            windows[str(value["hit"])] = max(window, windows.get(str(value["hit"]), timedelta()))
    return windows


def listens_to_scores() -> bool:
    """True when a rule that counts asks for a classifier's score."""
    return any(rule.spec.kind in _SCORED for rule in current_policy().rules)


def has_accepted(actor: Actor) -> bool:
    """True when the actor accepted the version in force, or there is none."""
    version = version_in_force()
    if version is None:
        return True
    return _accepted().first(person=actor.id, version=version.id) is not None


def may_write(actor: Actor) -> bool:
    """True when the actor accepted the version in force, or an earlier one and grace still runs."""
    if has_accepted(actor):
        return True
    version = version_in_force()
    if version is None or version.accept_by is None or clock.now() >= version.accept_by:
        return False
    return accepted_before(actor, version)


def acceptance(actor: Actor, version: CharterVersion) -> Acceptance | None:
    """When and how the actor accepted that version."""
    return db.session.get(Acceptance, (actor.id, version.id))


def accepted_before(actor: Actor, version: CharterVersion) -> bool:
    """True when the actor accepted an earlier version."""
    rows = select(Acceptance.version_id).where(
        Acceptance.person_id == actor.id, Acceptance.version_id != version.id
    )
    return db.session.scalar(rows.limit(1)) is not None


def findings(revision_id: int) -> Sequence[Finding]:
    """What the rules found in a revision, strictest first, exempted ones left out."""
    if _found().first(revision=revision_id) is None:
        return []
    rows = select(Finding).where(Finding.revision_id == revision_id, Finding.exempted.is_(False))
    return db.session.scalars(rows.order_by(Finding.id)).all()


def failing(since: datetime) -> Mapping[str, int]:
    """Rules that could not be evaluated since then, and on how many texts; the whole engine is ""."""
    first = id_at(clock.micros(since))
    rows = select(Finding.rule, func.count(Finding.revision_id.distinct()))
    rows = rows.where(Finding.id >= first, Finding.hit == DEGRADED).group_by(Finding.rule)
    return {rule: count for rule, count in db.session.execute(rows)}  # noqa: C416 - rows aren't pairs


@question
def _accepted() -> Any:
    mine = Acceptance.person_id == bindparam("person")
    return select(Acceptance.at).where(mine, Acceptance.version_id == bindparam("version"))


@question
def _found() -> Any:
    return select(Finding.id).where(Finding.revision_id == bindparam("revision")).limit(1)


def forget() -> None:
    """Compile afresh next time."""
    _Memory.stamp = _Memory.next_at = None


def _clause_in_force(number: str) -> tuple[Clause, int] | None:
    present = version_in_force()
    clause = next((c for c in clauses_in_force() if c.number == number), None)
    return (clause, present.number) if clause and present else None


def _refresh() -> None:
    """Compile anew when rules, registry or charter changed, or a scheduled version's hour has come.

    Once a process: whoever comes meanwhile waits for the first.
    """
    stamp = settings.get(POLICY_VERSION, 0)
    if _is_current(stamp):
        return
    with _renewing:
        if not _is_current(stamp):
            _renew(stamp)


def _is_current(stamp: object) -> bool:
    return _Memory.stamp == stamp and not (_Memory.next_at and _Memory.next_at <= clock.now())


def _renew(stamp: object) -> None:
    version, rules_now = version_in_force(clock.now()), {rule.key: rule for rule in rules()}
    _part_from_session(version, rules_now.values())
    next_at = _next_change(rules_now.values())
    spec = compiled.current_spec(
        list(rules_now.values()),
        str(stamp),
        tried=_tried(),
        exemptions=_exemptions(),
        watched=[watch.spec_of(word) for word in watch.present(clock.now())],
    )
    try:
        policy = cpu.apart(compile_policy, spec)
    except Exception:
        if _Memory.policy is None:
            raise
        _log.exception("the rules can't be compiled: those of before go on counting")
        policy, next_at = _Memory.policy, clock.now() + _TRY_AGAIN
    _Memory.version, _Memory.rules, _Memory.policy = version, rules_now, policy
    _Memory.stamp, _Memory.next_at = stamp, next_at


def _part_from_session(version: CharterVersion | None, rules_now: Iterable[Rule]) -> None:
    """What is remembered outlives the session that read it, whose rollback would empty it."""
    articles = version.articles if version else []
    clauses = [clause for article in articles for clause in article.clauses]
    for row in (*([version] if version else []), *articles, *clauses, *rules_now):
        db.session.expunge(row)


def _next_effective_at() -> datetime | None:
    """When a scheduled version takes over; None while none is."""
    coming = select(CharterVersion.effective_at).where(
        CharterVersion.state != DRAFT, CharterVersion.effective_at > clock.now()
    )
    return db.session.scalar(coming.order_by(CharterVersion.effective_at).limit(1))


def _conditions() -> Sequence[tuple[str, Any]]:
    """Every single condition of every combination that is applied."""
    policy = current_policy()
    if _Memory.conditions is None or _Memory.conditions[0] is not policy:
        found = [
            one
            for rule in policy.rules
            if rule.spec.kind == "combination"
            for one in conditions(rule.spec.params)
        ]
        _Memory.conditions = (policy, found)
    return _Memory.conditions[1]


def _next_change(rules_now: Iterable[Rule]) -> datetime | None:
    """When what counts changes by itself: a scheduled version takes over, a rule expires."""
    ends = [rule.expires_at for rule in rules_now if rule.expires_at and rule.expires_at > clock.now()]
    coming = (_next_effective_at(), watch.next_change(clock.now()))
    return min([*ends, *(at for at in coming if at)], default=None)


def _tried() -> list[tuple[str, RuleVersion]]:
    """Versions in their dry run while another version of their rule stands, each under a key of its own."""
    rows = (
        select(Rule.key, RuleVersion)
        .join(Rule, Rule.id == RuleVersion.rule_id)
        .where(RuleVersion.state == DRY_RUN, RuleVersion.number != Rule.version)
    )
    return [(f"{key}{TRIED}{version.number}", version) for key, version in db.session.execute(rows)]


def _exemptions() -> Sequence[RuleExemption]:
    now = clock.now()
    rows = select(RuleExemption).where(RuleExemption.ended_at.is_(None), RuleExemption.until > now)
    return db.session.scalars(rows.order_by(RuleExemption.id)).all()


def _versions() -> Select[CharterVersion]:
    return select(CharterVersion).options(selectinload(CharterVersion.articles).selectinload(Article.clauses))
