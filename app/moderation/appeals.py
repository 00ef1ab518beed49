"""A second look by somebody else: asked for inside the product, talked over, answered with reasons."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.charter import queries as charter
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Stale
from app.moderation import ground, measures, policy, queries, queue, rulings
from app.moderation.events import AppealClosed, AppealLodged, AppealSpoken, DecisionOverturned
from app.moderation.grip import NOBODY, free_for, locked, open_to, step
from app.moderation.machine import APPEALS
from app.moderation.models import (
    APPEAL_ANSWERS,
    OVERTURNED,
    PARTLY,
    REMOVE,
    REPORTER,
    UPHELD,
    WITHDRAWN,
    Appeal,
    AppealMessage,
    Decision,
    Report,
    Reversal,
    ReviewItem,
)
from app.people.actor import Actor
from app.posts.models import HIDDEN_PENDING, PUBLISHED, Entry

OPEN_FOR = queries.APPEALS_OPEN_FOR
LONGEST = 2_000
EVENTS = {UPHELD: "uphold", PARTLY: "correct", OVERTURNED: "overturn"}


@action
def lodge(actor: Actor, decision: Decision, *, text: str, now: datetime | None = None) -> Appeal:
    """Ask for a second look: the author at whatever restricted them, who reported at what was let stand.

    Within six months, once for each decision. NotFound for those whom it doesn't concern. It is given to
    somebody who may answer it; to an admin when no moderator may.
    """
    now = now or clock.now()
    entry = locked(decision.entry_id)
    role = policy.appeals_as(actor, decision)
    if role is None:
        raise NotFound
    present = ground.appeal_of(decision.id)
    if present is not None:
        if present.person_id == actor.id:
            return present
        raise Conflict(_("Somebody has asked for a second look already. You will be told what comes of it."))
    _may_be_appealed(decision, now)
    _check_text(text)
    item = _wait(decision, entry, now)
    made = Appeal(decision_id=decision.id, item_id=item.id, entry_id=entry.id, person_id=actor.id, role=role)
    db.session.add(made)
    db.session.flush()
    _write(made, actor, text)
    item.assignee_id = next(iter(ground.reviewers_for(item, but=actor.id) or ground.admins_for(item)), None)
    db.session.flush()
    audit.record(
        APPEALS["lodge"].act, actor.id, f"appeal:{made.id}", decision=decision.id, to=item.assignee_id
    )
    announce(AppealLodged(appeal_id=made.id, to_id=item.assignee_id, **queue.ids(item)))
    return made


@action
def withdraw(actor: Actor, appeal: Appeal, *, now: datetime | None = None) -> Appeal:
    """Take one's own appeal back while nobody answered it. The decision stands."""
    now = now or clock.now()
    locked(appeal.entry_id)
    if appeal.person_id != actor.id:
        raise NotFound
    _close(appeal, "withdraw", actor, "", now)
    item = db.session.get_one(ReviewItem, appeal.item_id, populate_existing=True)
    step(item, "resolve", now, by_id=actor.id, closed_at=now, version=item.version + 1, **NOBODY)
    announce(AppealClosed(appeal_id=appeal.id, answer=WITHDRAWN, to_ids=(), **queue.ids(item)))
    return appeal


@action
def say(actor: Actor, appeal: Appeal, *, text: str) -> AppealMessage:
    """Go on talking while the appeal is open: whoever appeals, and whoever may answer it."""
    locked(appeal.entry_id)
    db.session.refresh(appeal)
    item = db.session.get_one(ReviewItem, appeal.item_id)
    from_appellant = appeal.person_id == actor.id
    if not from_appellant:
        item = open_to(actor, item, clock.now())
    if appeal.state != "open":
        raise Conflict(_("This appeal is answered. Nothing can be added to it."))
    _check_text(text)
    message = _write(appeal, actor, text)
    to_id = item.lease_by_id or item.assignee_id if from_appellant else appeal.person_id
    announce(
        AppealSpoken(
            appeal_id=appeal.id,
            message_id=message.id,
            to_id=to_id,
            from_appellant=from_appellant,
            **queue.ids(item),
        )
    )
    return message


@action
def answer(
    actor: Actor, item: ReviewItem, *, outcome: str, reason: str, version: int, now: datetime | None = None
) -> Appeal:
    """Answer an appeal, once: the decision is upheld, partly corrected, or overturned.

    Overturned, everything the decision took is given back, and its points and measures are annulled; what a
    reporter was refused is removed. Partly: the decision stands, its points and measures don't.
    """
    now = now or clock.now()
    entry = locked(item.entry_id)
    item = open_to(actor, item, now)
    lease = queries.lease_of(item, now)
    appeal = ground.appeal_of_item(item.id)
    if appeal is None:
        raise NotFound
    if item.version != version or (lease and lease[0] != actor.id):
        raise Stale(**queries.present_state(item, now))
    _check_answer(outcome, reason)
    decision = db.session.get_one(Decision, appeal.decision_id)
    step(item, "decide", now, ReviewItem.version == version, free_for(actor, now), by_id=actor.id,
         closed_at=now, version=version + 1, **NOBODY, told={"outcome": outcome})  # fmt: skip
    _close(appeal, EVENTS[outcome], actor, reason.strip(), now)
    if outcome in {OVERTURNED, PARTLY}:
        measures.annul_of(decision, by_id=actor.id, now=now)
    if outcome == OVERTURNED:
        _overturn(actor, appeal, decision, item, entry)
    elif outcome == PARTLY:
        measures.forgive(decision, now=now)
    concerned = {appeal.person_id, item.author_id, *_reporters(decision)}
    announce(
        AppealClosed(appeal_id=appeal.id, answer=outcome, to_ids=tuple(sorted(concerned)), **queue.ids(item))
    )
    return appeal


# --- one step each ----------------------------------------------------------------------------------------


def _may_be_appealed(decision: Decision, now: datetime) -> None:
    if ground.reversal_of(decision.id) is not None:
        raise Conflict(_("This decision was taken back. There is nothing left to appeal."))
    if decision.created_at + OPEN_FOR < now:
        raise Conflict(_("Six months have passed since this decision. It can’t be appealed any more."))


def _check_text(text: str) -> None:
    if not 1 <= len(text.strip()) <= LONGEST:
        raise Invalid(fields={"text": _("Say in at most 2,000 characters what should be looked at again.")})


def _check_answer(outcome: str, reason: str) -> None:
    problems = {}
    if outcome not in APPEAL_ANSWERS:
        problems["outcome"] = _("Choose one of the outcomes offered.")
    if not 1 <= len(reason.strip()) <= LONGEST:
        problems["reason"] = _("Give the reason: the author and those who reported will read it.")
    if problems:
        raise Invalid(fields=problems)


def _wait(decision: Decision, entry: Entry, now: datetime) -> ReviewItem:
    """The appeal's own item, about the text that was decided on."""
    return queue.put_appeal(entry, decision.revision_id, decision.severity, decision.clause, now)


def _write(appeal: Appeal, actor: Actor, text: str) -> AppealMessage:
    message = AppealMessage(appeal_id=appeal.id, person_id=actor.id, body=text.strip())
    db.session.add(message)
    db.session.flush()
    return message


def _close(appeal: Appeal, event: str, actor: Actor, reason: str, now: datetime) -> None:
    """Answer it if it still is open; Conflict when somebody was faster."""
    move = APPEALS[event]
    decider = None if event == "withdraw" else actor.id
    closed = store.changed(
        update(Appeal)
        .where(Appeal.id == appeal.id, Appeal.state.in_(move.sources))
        .values(state=move.target, reason=reason, decider_id=decider, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    if closed != 1:
        raise Conflict(_("This appeal is answered already."))
    db.session.refresh(appeal)
    audit.record(move.act, actor.id, f"appeal:{appeal.id}", decision=appeal.decision_id)


def _overturn(actor: Actor, appeal: Appeal, decision: Decision, item: ReviewItem, entry: Entry) -> None:
    db.session.add(Reversal(decision_id=decision.id, by_id=actor.id, appeal_id=appeal.id))
    rulings.overturn(actor, entry, decision.operations)
    if appeal.role == REPORTER:
        _grant(actor, decision, entry)
    found = charter.findings(decision.revision_id)
    announce(
        DecisionOverturned(
            decision_id=decision.id,
            revision_id=decision.revision_id,
            rules=tuple(sorted({finding.rule for finding in found})),
            were_wrong=appeal.role != REPORTER,
            **queue.ids(item),
        )
    )


def _grant(actor: Actor, decision: Decision, entry: Entry) -> None:
    """Those who reported were right: what was let stand goes, unless it says something else by now."""
    if entry.state in {PUBLISHED, HIDDEN_PENDING} and entry.revision_id == decision.revision_id:
        rulings.remove(actor, entry)
    mine = update(Report).where(Report.item_id == decision.item_id, Report.outcome == decision.outcome)
    db.session.execute(mine.values(outcome=REMOVE))


def _reporters(decision: Decision) -> list[int]:
    rows = select(Report.reporter_id).where(Report.item_id == decision.item_id)
    return list(db.session.scalars(rows))
