"""Ruling on an item: by one person, by two where it weighs much, and taking it back within ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.charter import queries as charter
from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Stale
from app.kernel.policy import require
from app.moderation import ground, measures, policy, queries, queue, rulings, words
from app.moderation.events import DecisionTaken, DecisionUndone, SecondRefused, SecondWanted
from app.moderation.grip import NOBODY, free_for, locked, open_to, seen_by, step
from app.moderation.machine import ITEM
from app.moderation.models import (
    APPEAL,
    AWAITING_SECOND,
    DECIDED,
    HOLD,
    NO_VIOLATION,
    RELEASE,
    REMIND,
    REPORT,
    WATCH,
    WEIGHING,
    Appeal,
    Decision,
    Note,
    Proposal,
    Report,
    Reversal,
    ReviewItem,
)
from app.people.actor import Actor
from app.people.models import Person
from app.posts.models import PUBLISHED, Entry

LONGEST_REASON = 2_000
UNDO_FOR = timedelta(minutes=10)
NEEDS_SECOND = 5
CONFIRMED, REFUSED = "confirmed", "refused"


@action
def decide(
    actor: Actor,
    item: ReviewItem,
    *,
    outcome: str,
    clause: str | None,
    reason: str,
    version: int,
    batch: str | None = None,
    now: datetime | None = None,
) -> Decision | Proposal:
    """Rule on an item, once: what is held is released, returned or rejected; the rest stands or is removed.

    Stale with the present state when the text, the reports or the state changed since `version` was shown, or
    somebody else is on it. An item that nobody is on is taken and decided in one step. What weighs most
    (severity five, `batch`) is a proposal until another senior moderator agrees.
    """
    now = now or clock.now()
    entry = locked(item.entry_id)
    item = open_to(actor, item, now)
    _is_as_shown(actor, item, version, now)
    cited = _cited(item, outcome, clause)
    _check(item, outcome, cited, reason)
    if batch or _severity(item, cited) >= NEEDS_SECOND:
        return _propose(actor, item, now, outcome=outcome, clause=cited, reason=reason.strip(), batch=batch)
    return _rule(actor, item, entry, now, outcome=outcome, clause=cited, reason=reason.strip())


@action
def confirm(actor: Actor, item: ReviewItem, *, version: int, now: datetime | None = None) -> Decision:
    """Agree, as another senior moderator, with what a colleague proposed: now it counts."""
    now = now or clock.now()
    entry = locked(item.entry_id)
    item, proposal = _waiting_for(actor, item, version, now)
    proposal.answer, proposal.answered_by_id, proposal.answered_at = CONFIRMED, actor.id, now
    return _rule(
        actor,
        item,
        entry,
        now,
        outcome=proposal.outcome,
        clause=proposal.clause,
        reason=proposal.reason,
        first_id=proposal.by_id,
        batch=proposal.batch,
    )


@action
def refuse(
    actor: Actor, item: ReviewItem, *, why: str, version: int, now: datetime | None = None
) -> ReviewItem:
    """Disagree with what a colleague proposed: the item waits again, with the reason in its notes."""
    now = now or clock.now()
    locked(item.entry_id)
    item, proposal = _waiting_for(actor, item, version, now)
    if not 1 <= len(why.strip()) <= LONGEST_REASON:
        raise Invalid(fields={"why": _("Say why, so that your colleague can follow you.")})
    proposal.answer, proposal.answered_by_id, proposal.answered_at = REFUSED, actor.id, now
    given = {} if actor.is_senior else {"assignee_id": None}
    step(item, "refuse", now, ReviewItem.version == version, by_id=actor.id, version=version + 1, **given,
         told={"proposal": proposal.id})  # fmt: skip
    db.session.add(Note(item_id=item.id, person_id=actor.id, body=why.strip()))
    announce(SecondRefused(about="decision", to_id=proposal.by_id, **queue.ids(item)))
    return item


@action
def undo(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Take one's own decision back within ten minutes, if nobody appealed: its inverses run, it waits again.

    Conflict when its time is over, when it was appealed, or when the text has changed since.
    """
    now = now or clock.now()
    entry = locked(item.entry_id)
    item = seen_by(actor, item)
    decision = queries.decision_of(item)
    if decision is None or item.state != DECIDED:
        raise Stale(**queries.present_state(item, now))
    require(policy.can_undo(actor, decision), _("Only who decided may take it back."))
    _may_be_undone(decision, item, now)
    rulings.take_back(actor, entry, decision.operations)
    measures.annul_of(decision, by_id=actor.id, now=now)
    db.session.add(Reversal(decision_id=decision.id, by_id=actor.id))
    step(item, "undo", now, ReviewItem.version == item.version, by_id=actor.id, version=item.version + 1,
         closed_at=None, told={"decision": decision.id})  # fmt: skip
    tells = decision.outcome != NO_VIOLATION
    announce(
        DecisionUndone(
            decision_id=decision.id, author_id=item.author_id, tells_author=tells, **queue.ids(item)
        )
    )
    return item


# --- deciding -----------------------------------------------------------------------------------------


def _is_as_shown(actor: Actor, item: ReviewItem, version: int, now: datetime) -> None:
    lease = queries.lease_of(item, now)
    if (
        item.version != version
        or item.state not in ITEM["decide"].sources
        or (lease and lease[0] != actor.id)
    ):
        raise Stale(**queries.present_state(item, now))


def _cited(item: ReviewItem, outcome: str, clause: str | None) -> str:
    """The clause named; what lets a text stand may leave it to the findings and reports."""
    given = (clause or "").strip()
    return given or (queries.concerned_clause(item) if outcome in {RELEASE, NO_VIOLATION} else "")


def _check(item: ReviewItem, outcome: str, clause: str, reason: str) -> None:
    problems = {}
    if outcome not in queries.outcomes(item) or item.kind == APPEAL:
        problems["outcome"] = _("Choose one of the outcomes offered.")
    citable = queries.clause_numbers()
    may_be_none = outcome in {RELEASE, NO_VIOLATION} or not citable
    if clause not in citable and (clause or not may_be_none):
        problems["clause"] = _("Cite a clause of the charter in force.")
    if not reason.strip():
        problems["reason"] = _("Give the reason: the author and those who reported will read it.")
    elif len(reason.strip()) > LONGEST_REASON:
        problems["reason"] = _("Say it in at most 2,000 characters.")
    if problems:
        raise Invalid(fields=problems)


def _severity(item: ReviewItem, clause: str) -> int:
    cited = next((c.severity for c in charter.clauses_in_force() if c.number == clause), 0)
    return max(item.severity, cited)


def _propose(actor: Actor, item: ReviewItem, now: datetime, *, batch: str | None, **said: str) -> Proposal:
    step(item, "propose", now, ReviewItem.version == item.version, free_for(actor, now), by_id=actor.id,
         version=item.version + 1, **NOBODY, told={"outcome": said["outcome"]})  # fmt: skip
    proposal = Proposal(
        item_id=item.id,
        revision_id=item.revision_id,
        by_id=actor.id,
        why="batch" if batch else "severity",
        batch=batch,
        **said,
    )
    db.session.add(proposal)
    db.session.flush()
    announce(SecondWanted(about="decision", to_ids=_seconds(actor, item), **queue.ids(item)))
    return proposal


def _seconds(actor: Actor, item: ReviewItem) -> tuple[int, ...]:
    """The other senior moderators; when there is none, an admin, to whom the case is given."""
    seniors = ground.seniors_for(item, but=actor.id)
    if seniors:
        return seniors
    admins = tuple(person_id for person_id in ground.admins_for(item) if person_id != actor.id)[:1]
    if admins:
        item.assignee_id = admins[0]
        db.session.flush()
    return admins


def _rule(
    actor: Actor,
    item: ReviewItem,
    entry: Entry,
    now: datetime,
    *,
    outcome: str,
    clause: str,
    reason: str,
    first_id: int | None = None,
    batch: str | None = None,
) -> Decision:
    """The decision itself. With `first_id` the actor is the second, and the decision is the first one's."""
    event, version = ("confirm" if first_id else "decide"), item.version
    step(item, event, now, ReviewItem.version == version, free_for(actor, now), by_id=actor.id,
         closed_at=now, version=version + 1, **NOBODY, told={"outcome": outcome})  # fmt: skip
    decision = _write_down(item, version, outcome, clause, reason, first_id or actor.id)
    decision.second_id, decision.batch = (actor.id if first_id else None), batch
    is_edit = item.kind == HOLD and entry.state == PUBLISHED
    operations = rulings.carry_out(actor, item, entry, outcome)
    reporter_ids: tuple[int, ...] = ()
    if is_edit and queue.has_open_reports(item):
        _hand_reports_on(item, entry)
    else:
        waiting = ground.open_reports(item)
        reporter_ids = queue.close_reports(item, outcome)
        operations += [{"do": "reports", "reports": waiting}] if waiting else []
    decision.operations = [*operations, *rulings.learn(item, outcome), *_weigh(decision, item, now)]
    db.session.flush()
    if outcome == REMIND:
        measures.remind(actor, decision, item, now=now)
    audit.record(
        "decision.made",
        decision.decider_id,
        f"decision:{decision.id}",
        item=item.id,
        second=decision.second_id,
    )
    announce(
        DecisionTaken(
            decision_id=decision.id,
            outcome=outcome,
            author_id=item.author_id,
            reporter_ids=reporter_ids,
            **queue.ids(item),
        )
    )
    return decision


def _write_down(
    item: ReviewItem, version: int, outcome: str, clause: str, reason: str, decider_id: int
) -> Decision:
    in_force = charter.version_in_force()
    locale = db.session.scalar(select(Person.locale).where(Person.id == item.author_id)) or "fr"
    automatic = item.kind in {HOLD, WATCH}
    decision = Decision(
        item_id=item.id,
        item_version=version,
        entry_id=item.entry_id,
        revision_id=item.revision_id,
        outcome=outcome,
        clause=clause,
        charter_version=in_force.number if in_force else 0,
        reason=reason,
        decider_id=decider_id,
        detected_automatically=automatic,
        severity=_severity(item, clause),
        locale=locale,
        statement=words.statement(locale, outcome, charter.cite(clause, locale), automatic, reason),
        operations=[],
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def _weigh(decision: Decision, item: ReviewItem, now: datetime) -> list[rulings.Operation]:
    if decision.outcome not in WEIGHING:
        return []
    measures.weigh(decision, item.author_id, now)
    return [{"do": "points", "decision": decision.id}]


def _hand_reports_on(item: ReviewItem, entry: Entry) -> None:
    """The decision was about an edit: what people reported is what readers see, and waits on its own."""
    following = queue.put(entry, REPORT, entry.revision_id)
    db.session.execute(
        update(Report).where(Report.item_id == item.id, Report.outcome.is_(None)).values(item_id=following.id)
    )
    queue.touch(following, entry)


# --- a second person, or second thoughts ----------------------------------------------------------------


def _waiting_for(actor: Actor, item: ReviewItem, version: int, now: datetime) -> tuple[ReviewItem, Proposal]:
    item = open_to(actor, item, now)
    proposal = ground.proposal_of(item)
    if item.state != AWAITING_SECOND or item.version != version or proposal is None:
        raise Stale(**queries.present_state(item, now))
    require(policy.can_second(actor, item), _("A senior moderator gives the second opinion."))
    require(
        proposal.by_id != actor.id, _("You proposed this yourself. Another senior moderator looks at it.")
    )
    return item, proposal


def _may_be_undone(decision: Decision, item: ReviewItem, now: datetime) -> None:
    if decision.created_at + UNDO_FOR < now:
        raise Conflict(_("The ten minutes are over. What isn’t right can be appealed."))
    if db.session.scalar(select(Appeal.id).where(Appeal.decision_id == decision.id)):
        raise Conflict(_("This was appealed: somebody else looks at it."))
    if queue.open_item(item.entry_id) is not None:
        raise Conflict(_("The text has changed since and waits again."))
