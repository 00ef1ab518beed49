"""What is kept for a case: nothing of it is removed for good until somebody lifts the hold."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid, Stale
from app.kernel.holds import LegalHold
from app.kernel.policy import require
from app.moderation.models import Report
from app.people.actor import Actor
from app.playbooks.events import CaseChanged
from app.playbooks.machine import HOLD
from app.playbooks.models import CUSTODIANS, PlaybookCase
from app.playbooks.policy import can_keep
from app.posts.models import Attachment, Entry, Revision

LONGEST = 2_000


def place(case: PlaybookCase, by_id: int | None) -> None:
    """Keep what a case is about: the entry with every text and file, the reports, the author's sessions."""
    subjects = _subjects(case)
    db.session.add_all(LegalHold(subject=one, case_id=case.id, by_id=by_id) for one in subjects)
    _note(case, "place", by_id, subjects)
    db.session.flush()


@action
def lift(actor: Actor, case: PlaybookCase, *, why: str) -> None:
    """Let everything kept for a case go its usual way again; Stale when nothing is kept any more."""
    require(can_keep(actor, case))
    if not why.strip():
        raise Invalid(fields={"why_lift": _("Write something here.")})
    standing = [LegalHold.case_id == case.id, LegalHold.lifted_at.is_(None)]
    subjects = db.session.scalars(select(LegalHold.subject).where(*standing).order_by(LegalHold.id)).all()
    lifted = (
        update(LegalHold)
        .where(*standing)
        .values(lifted_at=clock.now(), lifted_by_id=actor.id, reason=why.strip()[:LONGEST])
    )
    if not store.changed(lifted.execution_options(synchronize_session=False)):
        raise Stale
    _note(case, "lift", actor.id, subjects)
    announce(CaseChanged(case_id=case.id))


def _note(case: PlaybookCase, event: str, by_id: int | None, subjects: Sequence[str]) -> None:
    """In the log; of a case that few may know of, only how much is kept."""
    told = {"number": len(subjects)} if case.access == CUSTODIANS else {"subjects": list(subjects)}
    audit.record(HOLD[event].act, by_id, f"case:{case.id}", **told)


def _subjects(case: PlaybookCase) -> list[str]:
    subjects = [f"case:{case.id}"]
    if case.entry_id is None:
        return subjects
    author = select(Entry.author_id).where(Entry.id == case.entry_id)
    revisions = select(Revision.id).where(Revision.entry_id == case.entry_id)
    files = select(Attachment.file_id).where(Attachment.revision_id.in_(revisions)).distinct()
    reports = select(Report.id).where(Report.entry_id == case.entry_id)
    subjects += [f"entry:{case.entry_id}", *(f"person:{one}" for one in db.session.scalars(author))]
    subjects += [f"file:{one}" for one in sorted(db.session.scalars(files))]
    return [*subjects, *(f"report:{one}" for one in sorted(db.session.scalars(reports)))]
