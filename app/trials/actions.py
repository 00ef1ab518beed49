from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, insert, select, update

from app.charter.engine import Finding
from app.charter.rulebook import queries as rulebook
from app.charter.rulebook.events import BacktestAsked
from app.charter.rulebook.models import (
    DONE,
    LABELS,
    QUEUED,
    RUNNING,
    STOPPED,
    Backtest,
    BacktestHit,
    BacktestOpening,
    RuleVersion,
)
from app.charter.rulebook.policy import can_write_rules
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import id_at, new_id
from app.kernel.policy import require
from app.people.actor import Actor
from app.posts.models import Entry
from app.trials import queries, weighing
from app.trials.reading import SAID, Past
from app.trials.weighing import Chunk

SAMPLE = 60
MONTHS = (1, 3, 6, 12)


@action
def ask(actor: Actor | None, version: RuleVersion, *, months: int) -> Backtest:
    """Try a version on what was said in the last months; one that waits or runs already is given back."""
    require(actor is None or can_write_rules(actor))
    if months not in MONTHS:
        raise Invalid(fields={"months": _("Choose one of the values offered.")})
    running = queries.unfinished(version)
    if running is not None:
        return running
    since = clock.now() - timedelta(days=round(30.44 * months))
    trial = Backtest(
        version_id=version.id,
        by_id=actor.id if actor else None,
        since=since,
        cursor=id_at(clock.micros(since)) - 1,
        last=new_id(),
        state=QUEUED,
    )
    db.session.add(trial)
    db.session.flush()
    audit.record(
        "backtest.asked",
        actor.id if actor else None,
        f"backtest:{trial.id}",
        version=version.id,
        months=months,
    )
    announce(BacktestAsked(backtest_id=trial.id))
    return trial


@action
def begin(trial: Backtest) -> None:
    """Say how much there is to read. Twice is once."""
    total = db.session.scalar(
        select(func.count()).where(
            Entry.id > trial.cursor,
            Entry.id <= trial.last,
            Entry.created_at >= trial.since,
            Entry.state.in_(SAID),
        )
    )
    started = update(Backtest).where(Backtest.id == trial.id, Backtest.state == QUEUED)
    db.session.execute(started.values(state=RUNNING, total=total or 0))
    db.session.refresh(trial)


@action
def keep(trial: Backtest, chunk: Chunk) -> bool:
    """Add what a chunk gave, unless another worker did already; whether it was added."""
    db.session.refresh(trial)
    weeks = {week: list(numbers) for week, numbers in trial.weeks.items()}
    for week, (read, hits) in chunk.weeks.items():
        before = weeks.get(week, [0, 0])
        weeks[week] = [before[0] + read, before[1] + hits]
    taken = update(Backtest).where(
        Backtest.id == trial.id, Backtest.cursor == chunk.after, Backtest.state == RUNNING
    )
    values = {
        "cursor": chunk.cursor,
        "read": trial.read + chunk.read,
        "hits": trial.hits + len(chunk.hits),
        "cpu_ms": trial.cpu_ms + chunk.cpu_ms,
        "weeks": weeks,
        "spaces": dict(Counter(trial.spaces) + chunk.spaces),
    }
    is_ours = store.changed(taken.values(**values)) == 1
    if is_ours and chunk.hits:
        db.session.execute(insert(BacktestHit), [_hit(trial, one) for one in chunk.hits])
    db.session.refresh(trial)
    return is_ours


@action
def finish(trial: Backtest, overlap: Mapping[str, int]) -> None:
    """Draw the sample to label and say that it is done. Twice is once."""
    authors = select(func.count(BacktestHit.author.distinct())).where(BacktestHit.backtest_id == trial.id)
    ended = update(Backtest).where(Backtest.id == trial.id, Backtest.state == RUNNING)
    values = {
        "state": DONE,
        "finished_at": clock.now(),
        "authors": db.session.scalar(authors) or 0,
        "overlap": dict(overlap),
    }
    if store.changed(ended.values(**values)) != 1:
        return
    for place, number in enumerate(_sample(trial)):
        db.session.execute(update(BacktestHit).where(BacktestHit.id == number).values(place=place))
    db.session.refresh(trial)


@action
def stop(actor: Actor, trial: Backtest) -> None:
    """Read no further. Twice is once; Conflict when it is done already."""
    require(can_write_rules(actor))
    ended = update(Backtest).where(Backtest.id == trial.id, Backtest.state.in_((QUEUED, RUNNING, STOPPED)))
    if store.changed(ended.values(state=STOPPED, finished_at=clock.now())) != 1:
        raise Conflict
    audit.record("backtest.stopped", actor.id, f"backtest:{trial.id}")
    db.session.refresh(trial)


@action
def open_excerpt(actor: Actor, hit: BacktestHit) -> None:
    """Read the words around a hit: kept in the log, each time somebody does for the first time."""
    require(can_write_rules(actor))
    if db.session.get(BacktestOpening, (hit.id, actor.id)) is not None:
        return
    db.session.add(BacktestOpening(hit_id=hit.id, person_id=actor.id, at=clock.now()))
    audit.record(
        "backtest.excerpt_opened", actor.id, f"backtest:{hit.backtest_id}", hit=hit.id, entry=hit.entry_id
    )


@action
def label(actor: Actor, hit: BacktestHit, said: str) -> None:
    """Say whether the rule was right to find it; one may change one's mind until the version is live."""
    require(can_write_rules(actor))
    if said not in LABELS or hit.place is None:
        raise Invalid(fields={"label": _("Choose one of the values offered.")})
    if db.session.get(BacktestOpening, (hit.id, actor.id)) is None:
        raise Invalid(fields={"label": _("Open the excerpt first.")})
    hit.label, hit.labelled_by_id, hit.labelled_at = said, actor.id, clock.now()
    audit.record("backtest.labelled", actor.id, f"backtest:{hit.backtest_id}", hit=hit.id, label=said)


def advance(trial: Backtest) -> bool:
    """One step: begin, weigh a chunk and keep it, or finish; whether there is more to do."""
    if trial.state == QUEUED:
        begin(trial)
    if trial.state != RUNNING:
        return False
    version = rulebook.version_by_id(trial.version_id)
    chunk = weighing.next_chunk(trial, version)
    if chunk is not None:
        keep(trial, chunk)
        return trial.state == RUNNING
    key = rulebook.rule_of(version).key
    finish(trial, weighing.overlap(trial, key, queries.some_hits(trial)))
    return False


def _hit(trial: Backtest, one: tuple[Past, Finding]) -> dict[str, object]:
    past, finding = one
    return {
        "id": new_id(),
        "backtest_id": trial.id,
        "entry_id": past.entry_id,
        "revision_id": past.revision_id,
        "space_id": past.space_id,
        "author": weighing.author_seal(trial, past.author_id),
        "part": finding.part,
        "start": finding.span[0] if finding.span else None,
        "end": finding.span[1] if finding.span else None,
    }


def _sample(trial: Backtest) -> list[int]:
    """Hits drawn by chance, always the same ones for the same trial."""
    numbers = db.session.scalars(
        select(BacktestHit.id).where(BacktestHit.backtest_id == trial.id).order_by(BacktestHit.id)
    ).all()
    return random.Random(trial.id).sample(numbers, min(SAMPLE, len(numbers)))  # noqa: S311 - a draw, no secret
