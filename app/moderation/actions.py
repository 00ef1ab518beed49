"""What moderators do with what waits: take, give back, leave to others. What they rule is in `deciding`."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select, update

from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Stale
from app.kernel.policy import require
from app.moderation import appeals, ground, policy, queries, queue
from app.moderation.deciding import confirm, decide, refuse, undo
from app.moderation.events import (
    ItemClaimed,
    ItemDeferred,
    ItemEscalated,
    ItemReleased,
    ItemTransferred,
    NamesRevealed,
)
from app.moderation.grip import NOBODY, free_for, one, open_to, seen_by, step
from app.moderation.machine import ITEM
from app.moderation.models import (
    APPEAL,
    DEFERRED,
    ESCALATE,
    LEASED,
    Appeal,
    Decision,
    Note,
    Proposal,
    Reveal,
    ReviewItem,
)
from app.moderation.signals import report
from app.people import actions as people
from app.people.actor import Actor

__all__ = [
    "claim",
    "claim_next",
    "confirm",
    "decide",
    "defer",
    "escalate",
    "let_go",
    "refuse",
    "renew",
    "report",
    "return_expired",
    "reveal",
    "settle",
    "transfer",
    "undo",
    "wake",
]

LEASE = timedelta(minutes=10)
MOST_LEASES = 5
LONGEST_WHY, LONGEST_NOTE = 500, 2_000
LONGEST_DEFERRAL = timedelta(days=30)


@action
def claim(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Take an item for ten minutes so that colleagues leave it alone; one's own is prolonged.

    Stale with the present state when somebody else is on it; Conflict beyond five at a time.
    """
    now = now or clock.now()
    item = open_to(actor, item, now)
    _keep_to_a_few(actor, item, now)
    is_new = item.lease_by_id != actor.id or item.lease_until is None or item.lease_until <= now
    taking = {"lease_by_id": actor.id, "lease_until": now + LEASE}
    if not is_new:
        return _prolong(actor, item, now)
    step(item, "claim", now, free_for(actor, now), by_id=actor.id, **taking)
    announce(ItemClaimed(by_id=actor.id, **queue.ids(item)))
    return item


@action
def claim_next(actor: Actor, *, now: datetime | None = None) -> ReviewItem | None:
    """Take the most pressing item that nobody is on and the actor may decide; None when there is none.

    What was left to the actor comes first; what was left to somebody else is theirs until it is late.
    """
    now = now or clock.now()
    rows = queries.items(actor, "free", limit=20, now=now).items
    for item in sorted(
        (queries.get_item(actor, row.id) for row in rows), key=lambda i: i.assignee_id != actor.id
    ):
        is_others = item.assignee_id not in {None, actor.id} and item.deadline > now
        if not is_others and policy.why_not(actor, item) is None:
            return claim(actor, item, now=now)
    return None


@action
def renew(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Still on it: ten minutes from now. Stale when the item isn't with the actor any more."""
    now = now or clock.now()
    return _prolong(actor, open_to(actor, item, now), now)


@action
def let_go(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Give an item back to the queue. Nothing happens when nobody is on it; Stale when somebody else is."""
    now = now or clock.now()
    item = open_to(actor, item, now, decides=False)
    if item.state != LEASED:
        return item
    step(item, "release", now, ReviewItem.lease_by_id == actor.id, by_id=actor.id, **NOBODY)
    announce(ItemReleased(**queue.ids(item)))
    return item


def settle(
    actor: Actor, item: ReviewItem, *, outcome: str, clause: str | None, reason: str, version: int
) -> Decision | Proposal | Appeal | ReviewItem:
    """Do what was chosen about an item: pass it on, answer the appeal, or decide (refusals as for these)."""
    if outcome == ESCALATE:
        return escalate(actor, item, why=reason, version=version)
    if item.kind == APPEAL:
        return appeals.answer(actor, item, outcome=outcome, reason=reason, version=version)
    return decide(actor, item, outcome=outcome, clause=clause, reason=reason, version=version)


@action
def transfer(
    actor: Actor, item: ReviewItem, *, to_id: int, note: str = "", now: datetime | None = None
) -> ReviewItem:
    """Leave an item to a colleague who may decide it; they are told. One's own lease ends with it."""
    now = now or clock.now()
    item = _given_back(actor, item, now)
    if to_id == actor.id or to_id not in ground.reviewers_for(item):
        raise Invalid(fields={"to": _("Choose a colleague who may decide on this.")})
    step(item, "transfer", now, by_id=actor.id, assignee_id=to_id, told={"to": to_id})
    _note(actor, item, note)
    announce(ItemTransferred(to_id=to_id, **queue.ids(item)))
    return item


@action
def defer(
    actor: Actor, item: ReviewItem, *, until: datetime, why: str = "", now: datetime | None = None
) -> ReviewItem:
    """Put an item off until more is known, thirty days at most. Its deadline stays; it comes back alone."""
    now = now or clock.now()
    item = _given_back(actor, item, now)
    if not now < until <= now + LONGEST_DEFERRAL:
        raise Invalid(fields={"until": _("Choose a moment within the next thirty days.")})
    step(item, "defer", now, by_id=actor.id, deferred_until=until, told={"until": until.isoformat()})
    _note(actor, item, why)
    announce(ItemDeferred(**queue.ids(item)))
    return item


@action
def wake(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Take up what was put off, before its day."""
    now = now or clock.now()
    item = open_to(actor, item, now)
    step(item, "wake", now, by_id=actor.id, deferred_until=None)
    announce(ItemDeferred(**queue.ids(item)))
    return item


@action
def escalate(
    actor: Actor, item: ReviewItem, *, why: str, version: int | None = None, now: datetime | None = None
) -> ReviewItem:
    """Pass an item on to the senior moderators, with the reason. Conflict when none of them may decide."""
    now = now or clock.now()
    item = open_to(actor, item, now)
    if not 1 <= len(why.strip()) <= LONGEST_WHY:
        raise Invalid(
            fields={"why": _("Say in at most 500 characters why a senior moderator should look at it.")}
        )
    seniors = ground.seniors_for(item, but=actor.id)
    if not seniors:
        raise Conflict(_("There is no other senior moderator who may decide on this."))
    if version not in {None, item.version}:
        raise Stale(**queries.present_state(item, now))
    step(item, "escalate", now, free_for(actor, now), by_id=actor.id, **NOBODY, version=item.version + 1)
    _note(actor, item, why)
    announce(ItemEscalated(to_ids=seniors, danger=False, **queue.ids(item)))
    return item


@action
def reveal(actor: Actor, item: ReviewItem, *, reason: str) -> Reveal:
    """Learn the names of one case. The reason is kept, and written to the log."""
    item = seen_by(actor, item)
    refusal = policy.why_not(actor, item)
    require(refusal is None, refusal or "")
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_WHY:
        raise Invalid(fields={"reason": _("Say in at most 500 characters why you need the names.")})
    present = queries.revealed(actor, item)
    if present is not None:
        return present
    row = Reveal(item_id=item.id, person_id=actor.id, reason=reason)
    db.session.add(row)
    db.session.flush()
    audit.record("item.revealed", actor.id, queue.subject(item), entry=item.entry_id, reason=reason)
    announce(NamesRevealed(by_id=actor.id, **queue.ids(item)))
    return row


@action
def return_expired(*, now: datetime | None = None) -> int:
    """Put items whose time is over, or whose day has come, back into the queue; how many. For the job."""
    now = now or clock.now()
    over = and_(ReviewItem.state == LEASED, ReviewItem.lease_until <= now)
    come = and_(ReviewItem.state == DEFERRED, ReviewItem.deferred_until <= now)
    rows = select(ReviewItem).where(or_(over, come))
    items = db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    for item in items:
        move = ITEM["expire" if item.state == LEASED else "wake"]
        item.state, item.deferred_until = move.target, None
        item.lease_by_id, item.lease_until = None, None
        audit.record(move.act, None, queue.subject(item), entry=item.entry_id)
        announce(ItemReleased(**queue.ids(item)))
    return len(items)


# --- one step each ------------------------------------------------------------------------------------


def _prolong(actor: Actor, item: ReviewItem, now: datetime) -> ReviewItem:
    """Ten minutes more for one's own; nothing new happens, so nothing is told."""
    held = update(ReviewItem).where(
        ReviewItem.id == item.id,
        ReviewItem.state == LEASED,
        ReviewItem.lease_by_id == actor.id,
        ReviewItem.lease_until > now,
    )
    one(held.values(lease_until=now + LEASE), item, now)
    return item


def _given_back(actor: Actor, item: ReviewItem, now: datetime) -> ReviewItem:
    """An item that nobody else is on; whoever has it gives it back first."""
    item = open_to(actor, item, now)
    if item.state == LEASED:
        step(item, "release", now, free_for(actor, now), by_id=actor.id, **NOBODY)
    return item


def _note(actor: Actor, item: ReviewItem, body: str) -> None:
    if body.strip():
        db.session.add(Note(item_id=item.id, person_id=actor.id, body=body.strip()[:LONGEST_NOTE]))
        db.session.flush()


def _keep_to_a_few(actor: Actor, item: ReviewItem, now: datetime) -> None:
    people.lock_person(actor.id)
    others = select(func.count()).where(
        and_(ReviewItem.lease_by_id == actor.id, ReviewItem.lease_until > now, ReviewItem.id != item.id),
        ReviewItem.state == LEASED,
    )
    if (db.session.scalar(others) or 0) >= MOST_LEASES:
        raise Conflict(_("You have five items already. Decide on one or give it back first."))
