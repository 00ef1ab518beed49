"""What stands beside a case: who else has said something, what may be done with it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.charter.watch import queries as watch
from app.kernel.db import db
from app.moderation import ground, policy, queries, words
from app.moderation.deciding import UNDO_FOR
from app.moderation.ladder import LADDER
from app.moderation.models import (
    APPEAL,
    OPEN_STATES,
    PENDING,
    Appeal,
    Decision,
    Measure,
    Proposal,
    ReviewItem,
)
from app.people.actor import Actor
from app.people.models import Person


@dataclass(frozen=True, slots=True)
class NoteView:
    who: str
    mine: bool
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What a colleague proposed, for the second to agree or not."""

    who: str
    mine: bool
    outcome: str
    clause: str
    reason: str
    at: datetime
    may_answer: bool
    together: int
    nobody: bool


@dataclass(frozen=True, slots=True)
class MeasureView:
    id: int
    step: str
    state: str
    reason: str
    ends_at: datetime | None
    may_confirm: bool
    may_lift: bool


@dataclass(frozen=True, slots=True)
class RulingView:
    """A decision as those who decide read it."""

    id: int
    outcome: str
    clause: str
    reason: str
    statement: str
    who: str
    second: str | None
    at: datetime
    undo_until: datetime | None
    overturned: bool
    measures: Sequence[MeasureView]
    points: int
    proposed: str | None
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class TalkView:
    label: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class AppealView:
    role: str
    state: str
    reason: str
    talk: Sequence[TalkView]
    decision: RulingView


@dataclass(frozen=True, slots=True)
class Dossier:
    """Beside the text: notes, a proposal, the decision, the appeal, alike items, colleagues."""

    notes: Sequence[NoteView]
    proposal: ProposalView | None
    ruling: RulingView | None
    appeal: AppealView | None
    alike: int
    assignee: str | None
    deferred_until: datetime | None
    may_move: bool
    author_locale: str
    watched: Sequence[str]


def read(actor: Actor, item: ReviewItem, now: datetime) -> Dossier:
    """Everything beside a case that the actor may see."""
    may = policy.why_not(actor, item) is None
    lease = queries.lease_of(item, now)
    free = item.state == PENDING or lease is None or lease[0] == actor.id
    decision = queries.decision_of(item)
    proposal, appeal = ground.proposal_of(item), ground.appeal_of_item(item.id)
    open_ = item.state in OPEN_STATES
    return Dossier(
        notes=_notes(actor, item),
        proposal=_proposal(actor, item, proposal, may) if proposal else None,
        ruling=_ruling(actor, decision, item, now) if decision else None,
        appeal=_appeal(actor, appeal, item, now) if appeal else None,
        alike=_alike(actor, item) if open_ and may else 0,
        assignee=queries.name_of(item.assignee_id) if item.assignee_id and open_ else None,
        deferred_until=item.deferred_until,
        may_move=may and free and item.state in {PENDING, "leased"},
        author_locale=db.session.scalar(select(Person.locale).where(Person.id == item.author_id)) or "fr",
        watched=watch.labels(actor, item.entry_id),
    )


def _notes(actor: Actor, item: ReviewItem) -> list[NoteView]:
    return [
        NoteView(queries.name_of(note.person_id), note.person_id == actor.id, note.created_at, note.body)
        for note in ground.notes(item.id)
    ]


def _proposal(actor: Actor, item: ReviewItem, found: Proposal, may: bool) -> ProposalView:
    mine = found.by_id == actor.id
    others = ground.seniors_for(item, but=found.by_id)
    return ProposalView(
        queries.name_of(found.by_id),
        mine,
        found.outcome,
        found.clause,
        found.reason,
        found.created_at,
        may and policy.can_second(actor, item) and not mine,
        len(ground.in_batch(found.batch)) if found.batch else 1,
        not others and item.assignee_id not in ground.admins_for(item),
    )


def _ruling(actor: Actor, decision: Decision, item: ReviewItem, now: datetime) -> RulingView:
    until = decision.created_at + UNDO_FOR
    overturned = ground.reversal_of(decision.id) is not None
    apart = policy.why_no_measure(actor, item) is None and not overturned
    undoable = now < until and policy.can_undo(actor, decision) and not ground.appeal_of(decision.id)
    measures = ground.measures_on(decision.id)
    taken = {measure.step for measure in measures if measure.state in {"active", "proposed"}}
    may_impose = apart and decision.outcome in ground.GROUNDS
    return RulingView(
        id=decision.id,
        outcome=decision.outcome,
        clause=decision.clause,
        reason=decision.reason,
        statement=decision.statement,
        who=queries.name_of(decision.decider_id),
        second=queries.name_of(decision.second_id) if decision.second_id else None,
        at=decision.created_at,
        undo_until=until if undoable and not overturned else None,
        overturned=overturned,
        measures=[_measure(actor, measure, apart) for measure in measures],
        points=ground.points_of(item.author_id, now),
        proposed=ground.proposed_step(item.author_id, now) if may_impose else None,
        steps=[s.name for s in LADDER if s.name not in taken and (actor.is_senior or not s.by_two)]
        if may_impose
        else (),
    )


def _measure(actor: Actor, measure: Measure, apart: bool) -> MeasureView:
    senior = apart and actor.is_senior
    return MeasureView(
        measure.id,
        measure.step,
        measure.state,
        measure.reason,
        measure.ends_at,
        senior and measure.state == "proposed" and measure.imposed_by_id != actor.id,
        senior and measure.state == "active",
    )


def _appeal(actor: Actor, appeal: Appeal, item: ReviewItem, now: datetime) -> AppealView:
    decision = db.session.get_one(Decision, appeal.decision_id)
    talk = [
        TalkView(
            words.author(0)
            if m.person_id == item.author_id
            else (words.appellant() if m.person_id == appeal.person_id else queries.name_of(m.person_id)),
            m.created_at,
            m.body,
        )
        for m in ground.messages(appeal.id)
    ]
    return AppealView(appeal.role, appeal.state, appeal.reason, talk, _ruling(actor, decision, item, now))


def _alike(actor: Actor, item: ReviewItem) -> int:
    """How many others wait with the same text under the same rules, where the actor reviews."""
    if not item.alike or item.kind == APPEAL:
        return 0
    rows = select(func.count()).where(
        ReviewItem.alike == item.alike,
        ReviewItem.id != item.id,
        ReviewItem.state.in_(OPEN_STATES),
        policy.items_seen_by(actor),
    )
    return db.session.scalar(rows) or 0
