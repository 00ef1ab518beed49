"""What makes a day at the desk lighter: notes, words kept for decisions, named filters, alike items."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.kernel import audit, clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import AppError, Invalid, NotFound
from app.kernel.policy import require
from app.moderation import ground, policy, words
from app.moderation.deciding import confirm, decide
from app.moderation.grip import open_to, seen_by
from app.moderation.models import Note, ReviewItem, SavedReply, SavedView
from app.people.actor import Actor

LONGEST_NOTE, LONGEST_LABEL, LONGEST_TEXT, LONGEST_NAME = 2_000, 80, 2_000, 60
MOST_VIEWS, MOST_REPLIES = 20, 60
ALONE = 20  # so many alike items one moderator decides alone


@dataclass(frozen=True)
class Bulk:
    """What became of alike items: how many were decided or proposed, and which were left as they are."""

    done: int
    left: Sequence[int]
    waits: bool


@action
def note(actor: Actor, item: ReviewItem, *, body: str) -> Note:
    """Write something down for colleagues; author and reporters never see it."""
    item = seen_by(actor, item)
    refusal = policy.why_no_measure(actor, item)
    require(refusal is None, refusal or "")
    if not 1 <= len(body.strip()) <= LONGEST_NOTE:
        raise Invalid(fields={"note": _("Write something, in at most 2,000 characters.")})
    made = Note(item_id=item.id, person_id=actor.id, body=body.strip())
    db.session.add(made)
    db.session.flush()
    audit.record("item.noted", actor.id, f"item:{item.id}", note=made.id)
    return made


@action
def save_reply(
    actor: Actor, reply_id: int | None, *, about: str, label: Mapping[str, str], text: Mapping[str, str]
) -> SavedReply:
    """Keep words for decisions in both languages, for every moderator. Senior moderators only."""
    require(policy.can_keep_replies(actor))
    _check_reply(about, label, text)
    made = db.session.get(SavedReply, reply_id) if reply_id else SavedReply(by_id=actor.id)
    if made is None:
        raise NotFound
    if not reply_id and len(all_replies(actor)) >= MOST_REPLIES:
        raise Invalid(fields={"label_fr": _("There are many already. Remove one that nobody uses first.")})
    made.about = about
    for locale in ("fr", "en"):
        setattr(made, f"label_{locale}", label[locale].strip())
        setattr(made, f"text_{locale}", text[locale].strip())
    db.session.add(made)
    db.session.flush()
    audit.record("reply.saved", actor.id, f"reply:{made.id}", about=about)
    return made


@action
def drop_reply(actor: Actor, reply_id: int) -> None:
    """Remove kept words. What was decided with them stays as it is."""
    require(policy.can_keep_replies(actor))
    db.session.execute(delete(SavedReply).where(SavedReply.id == reply_id))
    audit.record("reply.removed", actor.id, f"reply:{reply_id}")


@action
def bring_first_replies(actor: Actor) -> None:
    """Put the words that come with the product into the company's own list, once, to be changed there."""
    require(policy.can_keep_replies(actor))
    if db.session.scalar(select(SavedReply.id).limit(1)) is None:
        db.session.add_all(words.first_replies(actor.id))
        audit.record("reply.saved", actor.id, "reply:first")


@action
def save_view(actor: Actor, *, name: str, query: str) -> SavedView:
    """Keep the present filters under a name; the same name again replaces them."""
    require(policy.is_reviewer(actor))
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(fields={"name": _("Give a name of at most 60 characters.")})
    present = db.session.scalar(
        select(SavedView).where(SavedView.person_id == actor.id, SavedView.name == name)
    )
    if present is None and len(ground.views(actor)) >= MOST_VIEWS:
        raise Invalid(fields={"name": _("There are many already. Remove one that you no longer use first.")})
    view = present or SavedView(person_id=actor.id, name=name)
    view.query = query[:300]
    db.session.add(view)
    db.session.flush()
    return view


@action
def drop_view(actor: Actor, view_id: int) -> None:
    """Forget one of one's own named filters."""
    db.session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == actor.id))


def all_replies(actor: Actor) -> Sequence[SavedReply]:
    """The company's words for decisions, for those who keep them."""
    require(policy.can_keep_replies(actor))
    return [*ground.replies("held"), *ground.replies("standing")]


def decide_alike(
    actor: Actor, first: ReviewItem, versions: Mapping[int, int], *, outcome: str, clause: str, reason: str
) -> Bulk:
    """Decide on items with the same text that the same rules noticed, each as it was shown.

    More than twenty wait for a second senior moderator. What changed meanwhile, or isn't the actor's to
    decide, is left as it is.
    """
    open_to(actor, first, clock.now())
    alike = {item.id: item for item in ground.alike(actor, first)}
    chosen = [alike[item_id] for item_id in versions if item_id in alike]
    if not chosen:
        raise Invalid(fields={"items": _("Choose at least one.")})
    batch = secrets.token_hex(8) if len(chosen) > ALONE else None
    left: list[int] = []
    for item in chosen:
        try:
            decide(
                actor,
                item,
                outcome=outcome,
                clause=clause,
                reason=reason,
                version=versions[item.id],
                batch=batch,
            )
        except Invalid:
            raise
        except AppError:
            left.append(item.id)
    return Bulk(len(chosen) - len(left), left, batch is not None)


def confirm_batch(actor: Actor, batch: str) -> Bulk:
    """Agree with all that was proposed together; what changed meanwhile waits for another look."""
    left: list[int] = []
    waiting = ground.in_batch(batch)
    for item in waiting:
        try:
            confirm(actor, item, version=item.version)
        except AppError:
            left.append(item.id)
    return Bulk(len(waiting) - len(left), left, False)


def _check_reply(about: str, label: Mapping[str, str], text: Mapping[str, str]) -> None:
    problems = {}
    if about not in {"held", "standing"}:
        problems["about"] = _("Choose one of the values offered.")
    for locale in ("fr", "en"):
        if not 1 <= len(label.get(locale, "").strip()) <= LONGEST_LABEL:
            problems[f"label_{locale}"] = _("Give a name of at most 80 characters.")
        if not 1 <= len(text.get(locale, "").strip()) <= LONGEST_TEXT:
            problems[f"text_{locale}"] = _("Write the reply in both languages.")
    if problems:
        raise Invalid(fields=problems)
