"""Rules that misbehave: one that hits far too often is capped, one that no longer evaluates is told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from app.charter import queries as charter
from app.charter.engine import RuleActivity, is_silent, should_trip
from app.charter.models import Rule
from app.charter.rulebook import actions as rulebook
from app.charter.rulebook import queries
from app.charter.rulebook.events import RuleQuiet, RuleSilent
from app.charter.rulebook.models import RuleTally, RuleVersion
from app.charter.rulebook.states import ACTING, LIVE
from app.kernel import clock, settings
from app.kernel.action import action, announce
from app.kernel.db import db
from app.posts.models import Entry

YOUNG = timedelta(days=14)
LATELY = timedelta(hours=1)
QUIET_DAYS, REGULAR_DAYS, BEFORE, ENOUGH_TEXTS = 14, 6, 42, 50
TOLD_QUIET = "quiet_rules"
TOLD = "silent_rules"  # which silent rules owners were told of, and on which day


def watch() -> None:
    """Look at every rule that acts; end emergencies whose hours are over."""
    rulebook.note_counts()
    rulebook.expire_due()
    for rule, version in _acting():
        if version.state == LIVE and _is_young(version) and should_trip(activity(rule, version)):
            rulebook.move(None, version, "trip")
    failing = charter.failing(clock.now() - LATELY)
    silent = [rule.key for rule, version in _acting() if rule.key in failing or _is_silent(rule, version)]
    if set(silent) != set(settings.get(TOLD, {})):
        _tell(silent)


def find_quiet() -> None:
    """Rules in force that found something on six days or more of six weeks, and nothing for two weeks though
    enough was written: their owners are told, once a silence.
    """
    rulebook.note_counts()
    today = clock.now().date()
    recent, first = today - timedelta(days=QUIET_DAYS), today - timedelta(days=QUIET_DAYS + BEFORE)
    acting = {rule.key for rule, version in _acting() if version.state == LIVE and _since(version) < recent}
    quiet = [key for key in _quiet(first.isoformat(), recent.isoformat()) if key in acting]
    if set(quiet) != set(settings.get(TOLD_QUIET, {})):
        _tell_quiet(quiet, today.isoformat())


def activity(rule: Rule, version: RuleVersion) -> RuleActivity:
    """What a version did since it came into force."""
    since = (version.live_at or version.since).date().isoformat()
    counted = queries.counted(rule.key, version.number, version.state, since=since)
    authors = _active_authors(version.live_at or version.since)
    return RuleActivity(
        counted.evaluated, counted.hits, counted.authors, authors, counted.texts - counted.evaluated
    )


def _is_silent(rule: Rule, version: RuleVersion) -> bool:
    today = clock.now().date().isoformat()
    counted = queries.counted(rule.key, version.number, version.state, since=today)
    failures = counted.texts - counted.evaluated
    return is_silent(RuleActivity(counted.evaluated, counted.hits, 0, 0, failures), counted.texts)


def _quiet(first: str, recent: str) -> Sequence[str]:
    """By what was counted each day: one statement, whatever was written."""
    lately = RuleTally.day >= recent
    hits = func.sum(case((lately, RuleTally.hits), else_=0))
    texts = func.sum(case((lately, RuleTally.texts), else_=0))
    days = func.count(case((~lately & (RuleTally.hits > 0), RuleTally.day)).distinct())
    rows = select(RuleTally.rule).where(RuleTally.day >= first).group_by(RuleTally.rule)
    rows = rows.having(hits == 0, texts >= ENOUGH_TEXTS, days >= REGULAR_DAYS)
    return db.session.scalars(rows.order_by(RuleTally.rule)).all()


def _since(version: RuleVersion) -> date:
    return (version.live_at or version.since).date()


def _is_young(version: RuleVersion) -> bool:
    return version.live_at is not None and clock.now() - version.live_at <= YOUNG


def _acting() -> list[tuple[Rule, RuleVersion]]:
    rows = (
        select(Rule, RuleVersion)
        .join(RuleVersion, (RuleVersion.rule_id == Rule.id) & (RuleVersion.number == Rule.version))
        .where(RuleVersion.state.in_(list(ACTING)))
    )
    return [(rule, version) for rule, version in db.session.execute(rows)]


def _active_authors(since: datetime) -> int:
    rows = select(func.count(Entry.author_id.distinct())).where(Entry.created_at >= since)
    return db.session.scalar(rows) or 0


@action
def _tell(silent: list[str]) -> None:
    """Each silence is told of once, until the rule speaks again."""
    today, known = clock.now().date().isoformat(), settings.get(TOLD, {})
    for key in silent:
        if key not in known:
            announce(RuleSilent(rule=key, day=today))
    settings.put(TOLD, {key: known.get(key, today) for key in silent})


@action
def _tell_quiet(quiet: list[str], today: str) -> None:
    known = settings.get(TOLD_QUIET, {})
    for key in quiet:
        if key not in known:
            announce(RuleQuiet(rule=key, day=today))
    settings.put(TOLD_QUIET, {key: known.get(key, today) for key in quiet})
