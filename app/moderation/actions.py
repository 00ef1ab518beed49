from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from app.charter import queries as charter
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.kernel.policy import require
from app.moderation import policy, queries, queue
from app.moderation.events import DecisionTaken, ItemClaimed, ItemReleased, NamesRevealed, ReportMade
from app.moderation.models import (
    DECIDED,
    HOLD,
    LEASED,
    NO_VIOLATION,
    OPEN_STATES,
    PENDING,
    REJECT,
    RELEASE,
    REMOVE,
    REPORT,
    RETURN,
    SPECIAL_REASONS,
    WATCH,
    Decision,
    Report,
    Reveal,
    ReviewItem,
)
from app.people.actor import Actor
from app.people.models import Person
from app.posts import actions as posts
from app.posts.events import EntryHidden, EntryRemoved, EntryRuled
from app.posts.models import HELD, HIDDEN_PENDING, PUBLISHED, REJECTED, REMOVED, RETURNED, Entry
from app.posts.policy import can_report, can_see
from app.spaces.models import Space

LEASE = timedelta(minutes=10)
MOST_LEASES = 5
LONGEST_COMMENT, LONGEST_REASON, LONGEST_WHY = 1_000, 2_000, 500


@action
def report(actor: Actor, entry: Entry, *, clause: str, comment: str = "") -> Report:
    """Tell moderators of something published: a clause in force, or in_picture, danger, other. Twice is once.

    What was already decided for this very text under this clause is answered with that decision.
    """
    entry = _locked(entry.id)
    if not can_see(actor, entry):
        raise NotFound
    earlier = queries.own_report(actor, entry)
    if earlier is not None:
        return earlier
    require(can_report(actor, entry), _("Only what others published can be reported."))
    _check_report(clause, comment)
    decision = queries.decision_on(entry.revision_id, clause)
    made = Report(
        entry_id=entry.id,
        revision_id=entry.revision_id,
        reporter_id=actor.id,
        reason=clause,
        comment=comment.strip(),
    )
    item = None
    if decision is not None:
        made.item_id, made.outcome, made.closed_at = decision.item_id, decision.outcome, clock.now()
    else:
        item = queue.open_item(entry.id) or queue.put(entry, REPORT, entry.revision_id)
        made.item_id = item.id
    db.session.add(made)
    db.session.flush()
    audit.record("entry.reported", actor.id, entry.subject, report=made.id, reason=clause)
    _announce_report(made, entry)
    if item is not None:
        _count_in(item, entry)
    return made


@action
def claim(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Take an item for ten minutes so that colleagues leave it alone; one's own is prolonged.

    Stale with the present state when somebody else is on it; Conflict beyond five at a time.
    """
    now = now or clock.now()
    item = _open_to(actor, item, now)
    _keep_to_a_few(actor, item, now)
    is_new = item.lease_by_id != actor.id or item.lease_until is None or item.lease_until <= now
    taken = update(ReviewItem).where(
        ReviewItem.id == item.id,
        ReviewItem.state.in_((PENDING, LEASED)),
        _free_for(actor, now),
    )
    _one(taken.values(state=LEASED, lease_by_id=actor.id, lease_until=now + LEASE), item, now)
    if is_new:
        audit.record("item.claimed", actor.id, queue.subject(item), entry=item.entry_id)
        announce(ItemClaimed(by_id=actor.id, **queue.ids(item)))
    return item


@action
def claim_next(actor: Actor, *, now: datetime | None = None) -> ReviewItem | None:
    """Take the most pressing item that nobody is on and the actor may decide; None when there is none."""
    now = now or clock.now()
    for row in queries.items(actor, "free", limit=20, now=now).items:
        item = queries.get_item(actor, row.id)
        if policy.why_not(actor, item) is None:
            return claim(actor, item, now=now)
    return None


@action
def renew(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Still on it: ten minutes from now. Stale when the item isn't with the actor any more."""
    now = now or clock.now()
    item = _open_to(actor, item, now)
    held = update(ReviewItem).where(
        ReviewItem.id == item.id, ReviewItem.state == LEASED, ReviewItem.lease_by_id == actor.id,
        ReviewItem.lease_until > now,
    )  # fmt: skip
    _one(held.values(lease_until=now + LEASE), item, now)
    return item


@action
def let_go(actor: Actor, item: ReviewItem, *, now: datetime | None = None) -> ReviewItem:
    """Give an item back to the queue. Nothing happens when nobody is on it; Stale when somebody else is."""
    now = now or clock.now()
    item = _open_to(actor, item, now, decides=False)
    if item.state == PENDING:
        return item
    held = update(ReviewItem).where(
        ReviewItem.id == item.id, ReviewItem.state == LEASED, ReviewItem.lease_by_id == actor.id
    )
    _one(held.values(state=PENDING, lease_by_id=None, lease_until=None), item, now)
    audit.record("item.released", actor.id, queue.subject(item), entry=item.entry_id)
    announce(ItemReleased(**queue.ids(item)))
    return item


@action
def decide(
    actor: Actor,
    item: ReviewItem,
    *,
    outcome: str,
    clause: str | None,
    reason: str,
    version: int,
    now: datetime | None = None,
) -> Decision:
    """Rule on an item, once: what is held is released, returned or rejected; the rest stands or is removed.

    Stale with the present state when the text, the reports or the state changed since `version` was shown, or
    somebody else is on it. An item that nobody is on is taken and decided in one step.
    """
    now = now or clock.now()
    entry = _locked(item.entry_id)
    item = _open_to(actor, item, now)
    lease = queries.lease_of(item, now)
    if item.version != version or (lease and lease[0] != actor.id):
        raise Stale(**queries.present_state(item, now))
    cited = _cited(item, outcome, clause)
    _check_decision(item, outcome, cited, reason)
    decided = update(ReviewItem).where(
        ReviewItem.id == item.id,
        ReviewItem.state.in_(OPEN_STATES),
        ReviewItem.version == version,
        _free_for(actor, now),
    )
    closing = {
        "state": DECIDED,
        "closed_at": now,
        "lease_by_id": None,
        "lease_until": None,
        "version": version + 1,
    }
    _one(decided.values(**closing), item, now)
    decision = _write_down(actor, item, outcome=outcome, clause=cited, reason=reason)
    is_edit = item.kind == HOLD and entry.state == PUBLISHED
    _apply(actor, item, entry, outcome)
    reporter_ids: tuple[int, ...] = ()
    if is_edit and queue.has_open_reports(item):
        _hand_reports_on(item, entry)
    else:
        reporter_ids = queue.close_reports(item, outcome)
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


@action
def reveal(actor: Actor, item: ReviewItem, *, reason: str) -> Reveal:
    """Learn the names of one case. The reason is kept, and written to the log."""
    item = _seen_by(actor, item)
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
    """Put items whose time is over back into the queue; how many. For the job."""
    now = now or clock.now()
    over = select(ReviewItem).where(ReviewItem.state == LEASED, ReviewItem.lease_until <= now)
    items = db.session.scalars(over.with_for_update().execution_options(populate_existing=True)).all()
    for item in items:
        item.state, item.lease_by_id, item.lease_until = PENDING, None, None
        audit.record("item.lease_over", None, queue.subject(item), entry=item.entry_id)
        announce(ItemReleased(**queue.ids(item)))
    return len(items)


# --- reporting ----------------------------------------------------------------------------------------


def _check_report(clause: str, comment: str) -> None:
    problems = {}
    if clause not in SPECIAL_REASONS and clause not in queries.clause_numbers():
        problems["clause"] = _("Choose what it goes against.")
    if len(comment.strip()) > LONGEST_COMMENT:
        problems["comment"] = _("Say it in at most 1,000 characters.")
    if problems:
        raise Invalid(fields=problems)


def _announce_report(made: Report, entry: Entry) -> None:
    announce(
        ReportMade(
            report_id=made.id,
            reporter_id=made.reporter_id,
            item_id=made.item_id or 0,
            entry_id=entry.id,
            space_id=entry.space_id,
            outcome=made.outcome,
        )
    )


def _count_in(item: ReviewItem, entry: Entry) -> None:
    """One more report: more pressing, and perhaps enough to take the entry out of sight."""
    if item.kind == WATCH:
        item.kind = REPORT
    if entry.state == PUBLISHED and queue.must_hide(item):
        _hide(item, entry)
    queue.touch(item, entry)


def _hide(item: ReviewItem, entry: Entry) -> None:
    posts.rule(entry, states={PUBLISHED}, to=HIDDEN_PENDING)
    item.kind, item.revision_id = REPORT, entry.revision_id
    audit.record("entry.hidden", None, entry.subject, item=item.id)
    announce(EntryHidden(is_post=entry.is_post, **_ids(entry)))


# --- taking and deciding ------------------------------------------------------------------------------


def _locked(entry_id: int) -> Entry:
    """The entry as it is now, kept from changing until the end: always locked before its item."""
    rows = select(Entry).where(Entry.id == entry_id).options(joinedload(Entry.space, innerjoin=True))
    entry = db.session.scalar(
        rows.with_for_update(key_share=True, of=Entry).execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFound
    return entry


def _seen_by(actor: Actor, item: ReviewItem) -> ReviewItem:
    """The item as it is now; NotFound for those who don't review its space, Forbidden for its author."""
    fresh = db.session.get(ReviewItem, item.id, populate_existing=True)
    if fresh is None:
        raise NotFound
    if policy.knows_of_own(actor, fresh):
        raise Forbidden(policy.why_not(actor, fresh) or "")
    if not policy.can_see_item(actor, fresh, db.session.get_one(Space, fresh.space_id)):
        raise NotFound
    return fresh


def _open_to(actor: Actor, item: ReviewItem, now: datetime, *, decides: bool = True) -> ReviewItem:
    fresh = _seen_by(actor, item)
    refusal = policy.why_not(actor, fresh) if decides else None
    require(refusal is None, refusal or "")
    if fresh.state not in OPEN_STATES:
        raise Stale(**queries.present_state(fresh, now))
    return fresh


def _free_for(actor: Actor, now: datetime) -> Any:
    """Nobody else is on it."""
    return or_(
        ReviewItem.lease_by_id.is_(None), ReviewItem.lease_by_id == actor.id, ReviewItem.lease_until <= now
    )


def _one(change: Any, item: ReviewItem, now: datetime) -> None:
    """Make the change if what it expects still holds; Stale with the present state otherwise."""
    changed = store.changed(change.execution_options(synchronize_session=False))
    db.session.refresh(item)
    if changed != 1:
        raise Stale(**queries.present_state(item, now))


def _keep_to_a_few(actor: Actor, item: ReviewItem, now: datetime) -> None:
    db.session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))
    others = select(func.count()).where(
        and_(ReviewItem.lease_by_id == actor.id, ReviewItem.lease_until > now, ReviewItem.id != item.id),
        ReviewItem.state == LEASED,
    )
    if (db.session.scalar(others) or 0) >= MOST_LEASES:
        raise Conflict(_("You have five items already. Decide on one or give it back first."))


def _cited(item: ReviewItem, outcome: str, clause: str | None) -> str:
    """The clause named; what lets a text stand may leave it to the findings and reports."""
    given = (clause or "").strip()
    return given or (queries.concerned_clause(item) if outcome in {RELEASE, NO_VIOLATION} else "")


def _write_down(actor: Actor, item: ReviewItem, *, outcome: str, clause: str, reason: str) -> Decision:
    version = charter.version_in_force()
    decision = Decision(
        item_id=item.id,
        item_version=item.version,
        entry_id=item.entry_id,
        revision_id=item.revision_id,
        outcome=outcome,
        clause=clause,
        charter_version=version.number if version else 0,
        reason=reason.strip(),
        decider_id=actor.id,
        detected_automatically=item.kind in {HOLD, WATCH},
    )
    db.session.add(decision)
    db.session.flush()
    audit.record(
        "item.decided",
        actor.id,
        queue.subject(item),
        entry=item.entry_id,
        decision=decision.id,
        outcome=outcome,
        clause=clause,
    )
    return decision


def _check_decision(item: ReviewItem, outcome: str, clause: str, reason: str) -> None:
    problems = {}
    if outcome not in queries.outcomes(item):
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


def _apply(actor: Actor, item: ReviewItem, entry: Entry, outcome: str) -> None:
    if outcome == RELEASE:
        posts.release(actor, entry, item.revision_id, pairs=queries.approved_hits(item))
    elif outcome in {RETURN, REJECT}:
        _turn_down(actor, entry, outcome)
    elif outcome == REMOVE:
        posts.rule(entry, states={PUBLISHED, HIDDEN_PENDING}, to=REMOVED)
        announce(EntryRemoved(by_id=actor.id, is_post=entry.is_post, by_moderator=True, **_ids(entry)))
    elif entry.state == HIDDEN_PENDING:
        posts.restore(entry)


def _turn_down(actor: Actor, entry: Entry, outcome: str) -> None:
    """What was held isn't published; of a held edit, readers keep the text before it."""
    if entry.state == PUBLISHED:
        posts.drop_pending(entry)
    else:
        posts.rule(entry, states={HELD}, to=RETURNED if outcome == RETURN else REJECTED)
    announce(EntryRuled(outcome=outcome, by_id=actor.id, **_ids(entry)))


def _hand_reports_on(item: ReviewItem, entry: Entry) -> None:
    """The decision was about an edit: what people reported is what readers see, and waits on its own."""
    following = queue.put(entry, REPORT, entry.revision_id)
    db.session.execute(
        update(Report).where(Report.item_id == item.id, Report.outcome.is_(None)).values(item_id=following.id)
    )
    queue.touch(following, entry)


def _ids(entry: Entry) -> dict[str, int]:
    return {
        "entry_id": entry.id,
        "thread_id": entry.thread_id,
        "space_id": entry.space_id,
        "author_id": entry.author_id,
    }
