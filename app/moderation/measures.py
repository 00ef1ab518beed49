"""Consequences for a person: imposed by somebody, with a reason and an end; lifted, annulled, over.

What a person may not do at a given moment follows from the measures in force, and is made anew whenever one
of them begins or ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.policy import require
from app.moderation import ground, policy, queue
from app.moderation.events import MeasureEnded, MeasureImposed, SecondRefused, SecondWanted
from app.moderation.grip import locked, seen_by
from app.moderation.ladder import POINTS_LAST, REMINDER, STEPS, points
from app.moderation.machine import MEASURE
from app.moderation.models import Decision, Measure, Points, ReviewItem
from app.people import actions as people
from app.people.actor import Actor

ACTIVE, PROPOSED = "active", "proposed"
LONGEST_REASON = 2_000


@action
def impose(
    actor: Actor, decision: Decision, *, step: str, reason: str, now: datetime | None = None
) -> Measure:
    """Impose a step of the ladder on the author, on the ground of a decision that stands. Twice is once.

    Suspending an account waits for another senior moderator.
    """
    now = now or clock.now()
    item = _item_of(actor, decision)
    _check(step, reason)
    present = ground.measure_on(decision.id, step)
    if present is not None:
        return present
    two = STEPS[step].by_two
    require(not two or actor.is_senior, _("Two senior moderators suspend an account."))
    made = _make(actor, decision, item, step, reason.strip(), "propose" if two else "impose", now)
    if two:
        to_ids = ground.seniors_for(item, but=actor.id)
        announce(SecondWanted(about="measure", to_ids=to_ids, **queue.ids(item)))
    return made


@action
def confirm(actor: Actor, measure: Measure, *, now: datetime | None = None) -> Measure:
    """Agree, as another senior moderator: the measure begins."""
    now = now or clock.now()
    _second(actor, measure)
    _move(measure, "confirm", actor.id, second_id=actor.id, **_span(measure, now))
    _begin(measure, now)
    return measure


@action
def refuse(actor: Actor, measure: Measure, *, now: datetime | None = None) -> Measure:
    """Disagree, as another senior moderator: nothing begins."""
    item = _second(actor, measure)
    _move(measure, "refuse", actor.id, second_id=actor.id, closed_at=now or clock.now())
    announce(SecondRefused(about="measure", to_id=measure.imposed_by_id, **queue.ids(item)))
    return measure


@action
def lift(actor: Actor, measure: Measure, *, why: str, now: datetime | None = None) -> Measure:
    """End a measure before its time, as a senior moderator who isn't concerned."""
    now = now or clock.now()
    decision = db.session.get_one(Decision, measure.decision_id)
    _item_of(actor, decision)
    require(actor.is_senior, _("A senior moderator lifts a measure."))
    if not 1 <= len(why.strip()) <= LONGEST_REASON:
        raise Invalid(fields={"why": _("Say why it ends before its time.")})
    _move(measure, "lift", actor.id, closed_at=now, why=why.strip())
    _end(measure, "lifted", now)
    return measure


@action
def end_over(*, now: datetime | None = None) -> int:
    """Close measures whose time is over; how many. For the job: what they kept from ended by itself."""
    now = now or clock.now()
    over = select(Measure).where(Measure.state == ACTIVE, Measure.ends_at <= now)
    done = db.session.scalars(over.with_for_update().execution_options(populate_existing=True)).all()
    for measure in done:
        _move(measure, "end", None, closed_at=now)
        _end(measure, "ended", now)
    return len(done)


# --- steps of decisions and appeals ---------------------------------------------------------------------


@action
def remind(actor: Actor, decision: Decision, item: ReviewItem, *, now: datetime) -> Measure:
    """A decision's reminder of the charter: states the rule, finds no fault."""
    return _make(actor, decision, item, REMINDER, decision.reason, "impose", now)


@action
def weigh(decision: Decision, person_id: int, now: datetime) -> None:
    """What a decision counts for its author, for ninety days: the clause that it cites, once."""
    db.session.add(
        Points(
            decision_id=decision.id,
            person_id=person_id,
            number=points(decision.severity),
            expires_at=now + POINTS_LAST,
        )
    )
    db.session.flush()


@action
def forgive(decision: Decision, *, now: datetime) -> None:
    """What a decision counted counts no more."""
    db.session.execute(update(Points).where(Points.decision_id == decision.id).values(annulled_at=now))


@action
def annul_of(decision: Decision, *, by_id: int, now: datetime) -> None:
    """The decision doesn't stand any more: neither do the measures that rest on it."""
    rows = select(Measure).where(Measure.decision_id == decision.id, Measure.state.in_((ACTIVE, PROPOSED)))
    for measure in db.session.scalars(rows.execution_options(populate_existing=True)).all():
        _move(measure, "annul", by_id, closed_at=now)
        _end(measure, "annulled", now)


# --- one step each ----------------------------------------------------------------------------------------


def _item_of(actor: Actor, decision: Decision) -> ReviewItem:
    """The case on which a measure rests, for somebody who may act on its author."""
    locked(decision.entry_id)
    item = seen_by(actor, db.session.get_one(ReviewItem, decision.item_id))
    refusal = policy.why_no_measure(actor, item)
    require(refusal is None, refusal or "")
    if ground.reversal_of(decision.id) is not None or decision.outcome not in ground.GROUNDS:
        raise Conflict(_("There is no decision on which a measure could rest."))
    return item


def _check(step: str, reason: str) -> None:
    problems = {}
    if step not in STEPS:
        problems["step"] = _("Choose one of the measures offered.")
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        problems["reason"] = _("Give the reason: the person will read it.")
    if problems:
        raise Invalid(fields=problems)


def _make(
    actor: Actor, decision: Decision, item: ReviewItem, step: str, reason: str, event: str, now: datetime
) -> Measure:
    rung, move = STEPS[step], MEASURE[event]
    made = Measure(
        person_id=item.author_id,
        decision_id=decision.id,
        step=step,
        space_id=item.space_id if rung.in_space else None,
        state=move.target,
        reason=reason,
        hours=rung.hours,
        imposed_by_id=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(move.act, actor.id, f"measure:{made.id}", step=step, decision=decision.id)
    if move.target == ACTIVE:
        span = _span(made, now)
        made.begins_at, made.ends_at = span["begins_at"], span["ends_at"]
        _begin(made, now)
    return made


def _span(measure: Measure, now: datetime) -> dict[str, Any]:
    return {"begins_at": now, "ends_at": now + timedelta(hours=measure.hours)}


def _second(actor: Actor, measure: Measure) -> ReviewItem:
    item = _item_of(actor, db.session.get_one(Decision, measure.decision_id))
    require(actor.is_senior, _("A senior moderator gives the second opinion."))
    db.session.refresh(measure)
    require(
        measure.imposed_by_id != actor.id,
        _("You proposed this yourself. Another senior moderator looks at it."),
    )
    return item


def _move(measure: Measure, event: str, by_id: int | None, *, why: str = "", **values: Any) -> None:
    """Change the state if it still is one that the event begins at; Conflict when somebody was faster."""
    move = MEASURE[event]
    db.session.flush()
    moved = store.changed(
        update(Measure)
        .where(Measure.id == measure.id, Measure.state.in_(move.sources))
        .values(state=move.target, **values)
        .execution_options(synchronize_session=False)
    )
    if moved != 1:
        raise Conflict
    db.session.refresh(measure)
    audit.record(move.act, by_id, f"measure:{measure.id}", step=measure.step, **({"why": why} if why else {}))


def _begin(measure: Measure, now: datetime) -> None:
    db.session.flush()
    _make_anew(measure.person_id, now)
    announce(MeasureImposed(measure_id=measure.id, person_id=measure.person_id, step=measure.step))


def _end(measure: Measure, how: str, now: datetime) -> None:
    db.session.flush()
    _make_anew(measure.person_id, now)
    announce(MeasureEnded(measure_id=measure.id, person_id=measure.person_id, step=measure.step, how=how))


def _make_anew(person_id: int, now: datetime) -> None:
    """What the person may not do now, from the measures in force: of two of a kind, the longer counts."""
    people.lock_person(person_id)
    until: dict[tuple[str, int], datetime] = {}
    suspended: datetime | None = None
    for measure in _in_force(person_id, now):
        assert measure.ends_at is not None  # noqa: S101 - what is in force has an end
        step = STEPS[measure.step]
        if step.by_two:
            suspended = max(measure.ends_at, suspended or measure.ends_at)
        elif step.kind:
            key = (step.kind, measure.space_id or 0)
            until[key] = max(measure.ends_at, until.get(key, measure.ends_at))
    people.restrict(person_id, until, suspended_until=suspended)


def _in_force(person_id: int, now: datetime) -> Sequence[Measure]:
    rows = select(Measure).where(
        Measure.person_id == person_id, Measure.state == ACTIVE, Measure.ends_at > now
    )
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()
