from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.charter.models import Rule
from app.charter.rulebook import policy
from app.charter.rulebook.models import (
    DONE,
    RIGHT,
    WRONG,
    Backtest,
    BacktestHit,
    RuleAuthor,
    RuleCase,
    RuleExemption,
    RuleMove,
    RuleRemark,
    RuleTally,
    RuleVersion,
)
from app.charter.rulebook.precision import Precision
from app.charter.rulebook.states import OVER
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.actor import Actor

MOST_CASES = 20


@dataclass(frozen=True)
class Counted:
    """What a version was asked and answered."""

    texts: int = 0
    evaluated: int = 0
    hits: int = 0
    authors: int = 0


def rules(actor: Actor) -> Sequence[tuple[Rule, RuleVersion | None]]:
    """Every rule with the version that is on its way, by clause; NotFound for whom it doesn't concern."""
    _reader(actor)
    found = db.session.scalars(select(Rule).order_by(Rule.clause, Rule.key)).all()
    coming = {version.rule_id: version for version in _on_their_way()}
    return [(rule, coming.get(rule.id)) for rule in found]


def get_rule(actor: Actor, key: str) -> Rule:
    """One rule, or NotFound."""
    _reader(actor)
    rule = db.session.scalar(select(Rule).where(Rule.key == key))
    if rule is None:
        raise NotFound
    return rule


def get_version(actor: Actor, key: str, number: int) -> tuple[Rule, RuleVersion]:
    """One version of a rule, or NotFound."""
    rule = get_rule(actor, key)
    version = db.session.scalar(
        select(RuleVersion).where(RuleVersion.rule_id == rule.id, RuleVersion.number == number)
    )
    if version is None:
        raise NotFound
    return rule, version


def versions_of(rule: Rule) -> Sequence[RuleVersion]:
    """Every version, newest first."""
    rows = select(RuleVersion).where(RuleVersion.rule_id == rule.id)
    return db.session.scalars(rows.order_by(RuleVersion.number.desc())).all()


def version_by_id(version_id: int) -> RuleVersion:
    """A version, for the work that nobody asks for in person."""
    return db.session.get_one(RuleVersion, version_id)


def rule_of(version: RuleVersion, *, lock: bool = False) -> Rule:
    """The rule that a version is of."""
    rows = select(Rule).where(Rule.id == version.rule_id)
    return db.session.scalars(rows.with_for_update() if lock else rows).one()


def moves_of(rule: Rule) -> Sequence[tuple[RuleMove, int]]:
    """The history of a rule, newest first, each move with the number of its version."""
    rows = (
        select(RuleMove, RuleVersion.number)
        .join(RuleVersion, RuleVersion.id == RuleMove.version_id)
        .where(RuleVersion.rule_id == rule.id)
        .order_by(RuleMove.at.desc(), RuleMove.id.desc())
        .limit(100)
    )
    return [(move, number) for move, number in db.session.execute(rows)]


def remarks(actor: Actor, version: RuleVersion) -> Sequence[tuple[RuleRemark, list[RuleRemark]]]:
    """What was said of a version, in order, each with the answers to it."""
    rows = select(RuleRemark).options(joinedload(RuleRemark.author))
    rows = rows.where(RuleRemark.version_id == version.id, policy.remarks_seen_by(actor))
    threads = dict[int, tuple[RuleRemark, list[RuleRemark]]]()
    for remark in db.session.scalars(rows.order_by(RuleRemark.id)):
        if remark.parent_id is None:
            threads[remark.id] = (remark, [])
        else:
            threads[remark.parent_id][1].append(remark)
    return list(threads.values())


def get_remark(actor: Actor, version: RuleVersion, remark_id: int) -> RuleRemark:
    """A remark on a version, or NotFound."""
    rows = select(RuleRemark).where(RuleRemark.id == remark_id, RuleRemark.version_id == version.id)
    found = db.session.scalar(rows.where(policy.remarks_seen_by(actor)))
    if found is None:
        raise NotFound
    return found


def expired_versions() -> Sequence[RuleVersion]:
    """Versions whose end has come and which weren't told yet."""
    rows = select(RuleVersion).where(
        RuleVersion.expires_at <= clock.now(), RuleVersion.state.not_in([*OVER, "draft"])
    )
    return db.session.scalars(rows).all()


def exemptions_of(key: str) -> Sequence[RuleExemption]:
    """What is exempt of a rule, or of all, now."""
    rows = select(RuleExemption).where(
        RuleExemption.rule.in_((key, "*")),
        RuleExemption.ended_at.is_(None),
        RuleExemption.until > clock.now(),
    )
    return db.session.scalars(rows.order_by(RuleExemption.until)).all()


def get_exemption(actor: Actor, exemption_id: int) -> RuleExemption:
    """One exemption, or NotFound."""
    _reader(actor)
    found = db.session.get(RuleExemption, exemption_id)
    if found is None:
        raise NotFound
    return found


def counted(key: str, version: int, state: str, *, since: str = "") -> Counted:
    """What a version was asked and answered in a state, from a day on."""
    rows = select(
        func.coalesce(func.sum(RuleTally.texts), 0),
        func.coalesce(func.sum(RuleTally.evaluated), 0),
        func.coalesce(func.sum(RuleTally.hits), 0),
    ).where(
        RuleTally.rule == key,
        RuleTally.version == version,
        RuleTally.state == state,
        RuleTally.day >= since,
    )
    authors = select(func.count()).where(
        RuleAuthor.rule == key, RuleAuthor.version == version, RuleAuthor.state == state
    )
    return Counted(*db.session.execute(rows).one(), db.session.scalar(authors) or 0)


def counts(days: int) -> Mapping[str, Counted]:
    """The same of every rule, all versions together, in the last days."""
    since = (clock.now() - timedelta(days=days)).date().isoformat()
    rows = (
        select(
            RuleTally.rule, func.sum(RuleTally.texts), func.sum(RuleTally.evaluated), func.sum(RuleTally.hits)
        )
        .where(RuleTally.day > since)
        .group_by(RuleTally.rule)
    )
    return {key: Counted(*numbers) for key, *numbers in db.session.execute(rows)}


def backtests_of(version: RuleVersion) -> Sequence[Backtest]:
    """Every time a version was tried, newest first."""
    rows = select(Backtest).where(Backtest.version_id == version.id)
    return db.session.scalars(rows.order_by(Backtest.id.desc())).all()


def finished_backtest(version: RuleVersion) -> Backtest | None:
    """The last trial of a version that ended."""
    return next((one for one in backtests_of(version) if one.state == DONE), None)


def precision(version: RuleVersion) -> Precision | None:
    """How right a version is, from the labels of its last finished trial; None before there is one."""
    done = finished_backtest(version)
    return precision_in(done) if done else None


def cases_of(rule: str) -> Sequence[RuleCase]:
    """Examples that appeals proposed and that nobody has looked at, the oldest first."""
    rows = select(RuleCase).where(RuleCase.rule == rule, RuleCase.state == "proposed")
    return db.session.scalars(rows.order_by(RuleCase.id).limit(MOST_CASES)).all()


def get_case(actor: Actor, key: str, case_id: int) -> RuleCase:
    """A proposed example of a rule, answered or not; NotFound for whom it doesn't concern."""
    _reader(actor)
    found = db.session.get(RuleCase, case_id)
    if found is None or found.rule != key:
        raise NotFound
    return found


def precision_in(done: Backtest) -> Precision:
    """How right the version was in this trial, as far as its sample is labelled."""
    rows = (
        select(BacktestHit.label, func.count())
        .where(BacktestHit.backtest_id == done.id, BacktestHit.label.in_((RIGHT, WRONG)))
        .group_by(BacktestHit.label)
    )
    labels: dict[str | None, int] = dict(db.session.execute(rows).all())
    right = labels.get(RIGHT, 0)
    return Precision(done.read, done.hits, right, right + labels.get(WRONG, 0))


def _on_their_way() -> Sequence[RuleVersion]:
    rows = (
        select(RuleVersion)
        .join(Rule, Rule.id == RuleVersion.rule_id)
        .where(RuleVersion.number > Rule.version, RuleVersion.state.not_in(list(OVER)))
        .order_by(RuleVersion.number)
    )
    return db.session.scalars(rows).all()


def _reader(actor: Actor) -> None:
    if not policy.can_read_rules(actor):
        raise NotFound
