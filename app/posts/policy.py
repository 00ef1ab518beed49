"""Who may see and do what with an entry. Visibility has two forms that a test keeps equal.

Published entries follow their space (and, for comments, their post). Anything else is for its author, and
for those who decide: moderators where they review, never a trace for others.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from app.files.models import File
from app.kernel import clock
from app.kernel.db import db
from app.people.actor import Actor, of_person
from app.people.models import Person
from app.people.queries import restrictions
from app.posts.models import (
    HELD,
    HIDDEN_PENDING,
    PUBLISHED,
    REJECTED,
    REMOVED,
    RETURNED,
    SHOWN_TO_AUTHOR,
    WITHDRAWN,
    Attachment,
    Entry,
    Revision,
)
from app.spaces import policy as spaces
from app.spaces.models import MODERATOR, SECRET, Membership, Space

DECIDABLE = (HELD, RETURNED, REJECTED, HIDDEN_PENDING, REMOVED)
NEVER_SHOWN = ("hold", "block")
SLOW_MODE = timedelta(minutes=15)
ANNOUNCERS = frozenset({"admin", "charter_owner"})


def can_see(actor: Actor, entry: Entry) -> bool:
    """May read it. Needs `entry.space` loaded."""
    if entry.state in DECIDABLE and entry.author_id != actor.id and can_review(actor, entry.space):
        return True
    if not spaces.can_read(actor, entry.space):
        return False
    if entry.author_id == actor.id and entry.state in SHOWN_TO_AUTHOR:
        return True
    return entry.state == PUBLISHED and (entry.root_id is None or _is_published(entry.root_id))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see`; joins nothing, asks by subquery."""
    root = aliased(Entry)
    root_stands = or_(
        Entry.root_id.is_(None), exists().where(root.id == Entry.root_id, root.state == PUBLISHED)
    )
    readable = Entry.space_id.in_(spaces.readable_spaces(actor))
    own = and_(Entry.author_id == actor.id, Entry.state.in_(SHOWN_TO_AUTHOR))
    mine_or_published = and_(readable, or_(and_(Entry.state == PUBLISHED, root_stands), own))
    reviewed = and_(
        Entry.state.in_(DECIDABLE),
        Entry.author_id != actor.id,
        Entry.space_id.in_(select(Space.id).where(reviewable_by(actor)).correlate(None)),
    )
    return or_(mine_or_published, reviewed)


def can_review(actor: Actor, space: Space) -> bool:
    """May look at what waits in a space: its own moderators, the company's (except in secret spaces),
    seniors.
    """
    if actor.is_partner:
        return False
    if actor.is_senior or (actor.is_moderator and space.visibility != SECRET):
        return True
    role = spaces.role_in(actor, space.id)
    return role == MODERATOR or (actor.is_moderator and role is not None)


def reviewable_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_review`, on Space."""
    if actor.is_partner:
        return false()
    mine = spaces.spaces_of(actor)
    moderated = Space.id.in_(mine.where(Membership.role == MODERATOR))
    if actor.is_senior:
        return Space.id.is_not(None)
    if actor.is_moderator:
        return or_(Space.visibility != SECRET, Space.id.in_(mine))
    return moderated


def can_post(actor: Actor, space: Space) -> bool:
    """May say something there."""
    return spaces.can_write(actor, space)


def hindrance(actor: Actor, space_id: int, *, is_post: bool, now: datetime) -> datetime | None:
    """Until when a measure keeps somebody from writing there; None for whoever is free to."""
    ends = []
    for found in restrictions(actor.id):
        if found.kind == "post" or (found.kind == "comment" and not is_post):
            ends.append(found.until)
        elif found.kind == "slow" and found.space_id == space_id:
            ends.append(min(found.until, _slowed_until(actor, space_id)))
    return max((end for end in ends if end > now), default=None)


def can_announce(actor: Actor, space: Space) -> bool:
    """May make a post that everyone is asked to acknowledge."""
    return bool(actor.roles & ANNOUNCERS) or spaces.can_manage(actor, space)


def can_comment(actor: Actor, root: Entry) -> bool:
    """May answer a published post."""
    return root.is_post and root.state == PUBLISHED and spaces.can_write(actor, root.space)


def can_edit(actor: Actor, entry: Entry) -> bool:
    """Authors change what they said, while it is published, held or returned to them."""
    return entry.author_id == actor.id and entry.state in {PUBLISHED, HELD, RETURNED}


def can_move(actor: Actor, entry: Entry, to: Space) -> bool:
    """Its author, or those who keep its space, take a post where they and its author may write."""
    keeps = spaces.can_moderate(actor, entry.space) or spaces.can_manage(actor, entry.space)
    if not entry.is_post or entry.state != PUBLISHED or not (entry.author_id == actor.id or keeps):
        return False
    author = of_person(entry.author_id)
    both = can_post(actor, to) and (author is None or can_post(author, to))
    return both and (entry.type != "announcement" or can_announce(actor, to))


def can_delete(actor: Actor, entry: Entry) -> bool:
    """Authors take back what they said."""
    return entry.author_id == actor.id and entry.state in {PUBLISHED, HELD, RETURNED, REJECTED}


def can_pin(actor: Actor, entry: Entry) -> bool:
    """Owners and moderators of a space pin its posts."""
    return (
        entry.is_post
        and entry.state == PUBLISHED
        and (spaces.can_moderate(actor, entry.space) or spaces.can_manage(actor, entry.space))
    )


def can_declare_urgent(actor: Actor, entry: Entry) -> bool:
    """Whoever published an announcement may say that it can't wait for the end of others' rest."""
    is_theirs = entry.author_id == actor.id and entry.is_post and entry.type == "announcement"
    return is_theirs and entry.state == PUBLISHED


def can_react(actor: Actor, entry: Entry) -> bool:
    """Whoever reads something published may react to it."""
    return entry.state == PUBLISHED and can_see(actor, entry)


def can_report(actor: Actor, entry: Entry) -> bool:
    """Readers report what others published."""
    return entry.author_id != actor.id and entry.state == PUBLISHED and can_see(actor, entry)


def edits_quietly(entry: Entry) -> bool:
    """Within two minutes a correction isn't marked as an edit."""
    return entry.published_at is not None and clock.now() - entry.published_at < timedelta(minutes=2)


def _slowed_until(actor: Actor, space_id: int) -> datetime:
    """Slow mode: some time after the last entry there."""
    last = select(func.max(Entry.created_at)).where(
        Entry.author_id == actor.id, Entry.space_id == space_id, Entry.state != WITHDRAWN
    )
    at = db.session.scalar(last)
    return (at or clock.EPOCH) + SLOW_MODE


def _is_published(entry_id: int) -> bool:
    return db.session.scalar(select(Entry.state).where(Entry.id == entry_id)) == PUBLISHED


def can_see_text(actor: Actor, entry: Entry, text: Revision, shown: Revision) -> bool:
    """Of an entry that one may see: its author each text it had, others what readers see (`shown`) or saw
    before; never an edit that waits.
    """
    if entry.author_id == actor.id or text.id == shown.id:
        return True
    return text.number < shown.number and text.verdict not in NEVER_SHOWN


def texts_shown_to(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_text`, on Revision beside its Entry."""
    shown = aliased(Revision)
    is_newer = exists().where(shown.id == Entry.revision_id, shown.number > Revision.number)
    was_shown = and_(Revision.verdict.not_in(NEVER_SHOWN), is_newer)
    return or_(Entry.author_id == actor.id, Revision.id == Entry.revision_id, was_shown)


def files_shown_to(actor: Actor) -> ColumnElement[bool]:
    """Files of the texts that one may see, on File."""
    return exists().where(
        Attachment.file_id == File.id,
        Revision.id == Attachment.revision_id,
        Entry.id == Revision.entry_id,
        visible_to(actor),
        texts_shown_to(actor),
    )


def photos_shown_to(actor: Actor) -> ColumnElement[bool]:
    """Photos of the persons one may know of, on File."""
    return exists().where(Person.id == File.holder_id, spaces.met_by(actor))


def files_kept_back_for(actor: Actor) -> ColumnElement[bool]:
    """Pictures that readers don't see any more: for their author, and those who review there; on File."""
    reviewed = Entry.space_id.in_(select(Space.id).where(reviewable_by(actor)))
    return exists().where(Entry.id == File.holder_id, or_(Entry.author_id == actor.id, reviewed))
