from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.charter.models import Rule
from app.charter.rulebook import queries as rulebook
from app.charter.rulebook.models import (
    QUEUED,
    RUNNING,
    Backtest,
    BacktestHit,
    BacktestOpening,
    Rescan,
    RuleVersion,
)
from app.charter.rulebook.policy import can_write_rules
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.actor import Actor
from app.posts.models import Revision
from app.spaces.models import Space
from app.spaces.policy import findable_by

AROUND = 160
MOST_OVERLAP = 400


@dataclass(frozen=True)
class Excerpt:
    """The words around a hit, cut in three; what lies further isn't shown."""

    before: str
    hit: str
    after: str
    title: str = ""


def unfinished(version: RuleVersion) -> Backtest | None:
    """The trial of a version that waits or runs."""
    rows = select(Backtest).where(Backtest.version_id == version.id, Backtest.state.in_((QUEUED, RUNNING)))
    return db.session.scalar(rows.order_by(Backtest.id.desc()).limit(1))


def by_id(backtest_id: int) -> Backtest | None:
    """A trial, for the work that nobody asks for in person."""
    return db.session.get(Backtest, backtest_id, populate_existing=True)


def rescan_by_id(rescan_id: int) -> Rescan | None:
    """A second reading, for the work that nobody asks for in person."""
    return db.session.get(Rescan, rescan_id, populate_existing=True)


def get_backtest(actor: Actor, key: str, backtest_id: int) -> tuple[Rule, RuleVersion, Backtest]:
    """A trial of a rule with its version; NotFound for everybody but those who make rules."""
    if not can_write_rules(actor):
        raise NotFound
    rule = rulebook.get_rule(actor, key)
    trial = db.session.get(Backtest, backtest_id)
    version = db.session.get(RuleVersion, trial.version_id) if trial else None
    if trial is None or version is None or version.rule_id != rule.id:
        raise NotFound
    return rule, version, trial


def get_hit(trial: Backtest, place: int) -> BacktestHit:
    """The hit at a place of the sample, or NotFound."""
    rows = select(BacktestHit).where(BacktestHit.backtest_id == trial.id, BacktestHit.place == place)
    hit = db.session.scalar(rows)
    if hit is None:
        raise NotFound
    return hit


def sample(trial: Backtest) -> Sequence[BacktestHit]:
    """The hits to label, in order."""
    rows = select(BacktestHit).where(BacktestHit.backtest_id == trial.id, BacktestHit.place.is_not(None))
    return db.session.scalars(rows.order_by(BacktestHit.place)).all()


def some_hits(trial: Backtest) -> Sequence[int]:
    """Entries that were hit, at most so many, spread over the time."""
    rows = select(BacktestHit.entry_id).where(BacktestHit.backtest_id == trial.id).order_by(BacktestHit.id)
    found = db.session.scalars(rows).all()
    return found[:: max(1, -(-len(found) // MOST_OVERLAP))]


def is_open_to(actor: Actor, hit: BacktestHit) -> bool:
    """Whether the actor opened this excerpt."""
    return db.session.get(BacktestOpening, (hit.id, actor.id)) is not None


def excerpt(hit: BacktestHit) -> Excerpt | None:
    """The words around a hit; None when the text is gone."""
    said = db.session.get(Revision, hit.revision_id)
    if said is None:
        return None
    if hit.part not in ("body", "title") or hit.start is None or hit.end is None:
        return Excerpt(said.body[: 2 * AROUND], "", "", said.title)
    text = said.title if hit.part == "title" else said.body
    start, end = max(0, hit.start - AROUND), hit.end + AROUND
    before = ("… " if start else "") + text[start : hit.start]
    after = text[hit.end : end] + (" …" if end < len(text) else "")
    return Excerpt(before, text[hit.start : hit.end], after, "" if hit.part == "title" else said.title)


def places(actor: Actor, trial: Backtest) -> tuple[Sequence[tuple[str, int]], int]:
    """The spaces touched with their hits, most first, as far as the actor knows them; the others' hits."""
    numbers = [int(number) for number in trial.spaces]
    rows = select(Space.id, Space.name).where(Space.id.in_(numbers), findable_by(actor))
    known: dict[int, str] = dict(db.session.execute(rows).all())
    named = [(known[int(n)], hits) for n, hits in trial.spaces.items() if int(n) in known]
    others = sum(hits for n, hits in trial.spaces.items() if int(n) not in known)
    return sorted(named, key=lambda one: -one[1]), others


def author_of_sample(trial: Backtest, hit: BacktestHit) -> str:
    """A letter for the author of a hit, the same within this trial."""
    rows = select(BacktestHit.author, func.min(BacktestHit.place)).where(
        BacktestHit.backtest_id == trial.id, BacktestHit.place.is_not(None)
    )
    found: dict[str, int | None] = dict(db.session.execute(rows.group_by(BacktestHit.author)).all())
    order = sorted(found, key=lambda seal: found[seal] or 0)
    return str(order.index(hit.author) + 1)
