"""Reports: what readers tell moderators of what others published."""

from __future__ import annotations

from flask_babel import gettext as _

from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.policy import require
from app.moderation import ground, queries, queue, rulings
from app.moderation.events import ItemEscalated, ReportMade
from app.moderation.grip import NOBODY, locked, step
from app.moderation.machine import ITEM
from app.moderation.models import REPORT, SEALED, SPECIAL_REASONS, WATCH, Report, ReviewItem
from app.people.actor import Actor
from app.posts import actions as posts
from app.posts.events import EntryHidden
from app.posts.models import PUBLISHED, Entry
from app.posts.policy import can_report, can_see
from app.posts.queries import attachments

LONGEST_COMMENT = 1_000
DANGER, IN_PICTURE = "danger", "in_picture"


@action
def report(actor: Actor, entry: Entry, *, clause: str, comment: str = "", part: str = "") -> Report:
    """Tell moderators of something published: a clause in force, or in_picture, danger, other. Twice is once.

    What was already decided for this very text under this clause is answered with that decision. `part` names
    a picture or file of the entry ("file:ID"). Danger goes to senior moderators at once.
    """
    entry = locked(entry.id)
    if not can_see(actor, entry):
        raise NotFound
    earlier = queries.own_report(actor, entry)
    if earlier is not None:
        return earlier
    require(can_report(actor, entry), _("Only what others published can be reported."))
    _check(entry, clause, comment, part)
    decision = queries.decision_on(entry.revision_id, clause)
    made = Report(
        entry_id=entry.id,
        revision_id=entry.revision_id,
        reporter_id=actor.id,
        reason=clause,
        comment=comment.strip(),
        part=part,
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
    _announce(made, entry)
    if item is not None:
        _count_in(item, entry)
        if clause == DANGER and item.state != SEALED:
            _alert(item, actor)
    return made


def _check(entry: Entry, clause: str, comment: str, part: str) -> None:
    problems = {}
    files = attachments([entry.revision_id]).get(entry.revision_id, [])
    if clause not in SPECIAL_REASONS and clause not in queries.clause_numbers():
        problems["clause"] = _("Choose what it goes against.")
    if clause == IN_PICTURE and not any(file.kind == "image" for file in files):
        problems["clause"] = _("There is no picture in this message. Choose what it goes against.")
    if len(comment.strip()) > LONGEST_COMMENT:
        problems["comment"] = _("Say it in at most 1,000 characters.")
    if part and part not in {f"file:{file.id}" for file in files}:
        problems["part"] = _("This file isn’t in the message any more.")
    if problems:
        raise Invalid(fields=problems)


def _announce(made: Report, entry: Entry) -> None:
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
    posts.rule(entry, "hide")
    item.kind, item.revision_id = REPORT, entry.revision_id
    audit.record("entry.hidden", None, entry.subject, item=item.id)
    announce(EntryHidden(is_post=entry.is_post, **rulings.ids(entry)))


def _alert(item: ReviewItem, actor: Actor) -> None:
    """Somebody may be in danger: senior moderators are called, nobody waits for their turn."""
    seniors = ground.seniors_for(item, but=actor.id)
    if seniors and ITEM.allows("escalate", item.state):
        step(item, "escalate", clock.now(), by_id=None, **NOBODY, told={"why": DANGER})
    to_ids = seniors or ground.reviewers_for(item, but=actor.id)
    announce(ItemEscalated(to_ids=to_ids, danger=True, **queue.ids(item)))
