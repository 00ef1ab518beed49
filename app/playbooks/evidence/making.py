"""Taking evidence out of the product: a logged act, for a stated reason."""

from __future__ import annotations

from flask_babel import gettext as _

from app.kernel import audit, clock
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.ids import new_id
from app.kernel.policy import require
from app.moderation import queries as moderation
from app.moderation.models import ReviewItem
from app.people.actor import Actor
from app.playbooks.events import CaseChanged
from app.playbooks.evidence.archive import seal
from app.playbooks.evidence.gather import Ground, gather
from app.playbooks.models import EvidenceBundle, PlaybookCase
from app.playbooks.policy import can_make_bundle, can_make_item_bundle
from app.posts.models import Entry

MADE = "evidence.made"
LONGEST = 500


@action
def of_case(actor: Actor, case: PlaybookCase, *, why: str) -> EvidenceBundle:
    """Seal everything that is known of a case; the hash of its manifest enters the log."""
    require(can_make_bundle(actor, case))
    item = db.session.get(ReviewItem, case.item_id) if case.item_id else None
    entry = db.session.get(Entry, case.entry_id) if case.entry_id else None
    made = _make(actor, Ground(entry, item, case, _names_shown(actor, item)), why)
    announce(CaseChanged(case_id=case.id))
    return made


@action
def of_item(actor: Actor, item: ReviewItem, *, why: str) -> EvidenceBundle:
    """The same of a review item about which no playbook runs."""
    require(can_make_item_bundle(actor, item))
    entry = db.session.get_one(Entry, item.entry_id)
    return _make(actor, Ground(entry, item, None, _names_shown(actor, item)), why)


def _make(actor: Actor, ground: Ground, why: str) -> EvidenceBundle:
    if not why.strip():
        raise Invalid(fields={"why_bundle": _("Write something here.")})
    bundle_id, now = new_id(), clock.now()
    about = {
        "bundle": bundle_id,
        "made_at": now.isoformat(),
        "made_by": actor.id,
        "subject": _subject(ground),
    }
    content, manifest = seal(gather(ground), **about)
    made = EvidenceBundle(
        id=bundle_id,
        case_id=ground.case.id if ground.case else None,
        item_id=ground.item.id if ground.item else None,
        by_id=actor.id,
        why=why.strip()[:LONGEST],
        manifest=manifest,
        size=len(content),
        content=content,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(MADE, actor.id, f"bundle:{bundle_id}", manifest=manifest, of=_subject(ground))
    return made


def _subject(ground: Ground) -> str:
    if ground.case is not None:
        return f"case:{ground.case.id}"
    return f"item:{ground.item.id}" if ground.item else ""


def _names_shown(actor: Actor, item: ReviewItem | None) -> bool:
    return item is not None and moderation.revealed(actor, item) is not None


@action
def note_taken(actor: Actor, bundle: EvidenceBundle) -> None:
    """Who takes a bundle that is there already is in the log too."""
    audit.record("evidence.taken", actor.id, f"bundle:{bundle.id}", manifest=bundle.manifest)
