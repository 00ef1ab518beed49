from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.files.models import File
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, Stale
from app.kernel.policy import require
from app.moderation import sealing
from app.moderation.grip import locked
from app.moderation.models import OPEN_STATES, Decision, ReviewItem
from app.people.actor import Actor
from app.playbooks import holding, queries
from app.playbooks.events import CaseChanged, CaseOpened, StepOverdue
from app.playbooks.machine import CASE, STEP
from app.playbooks.models import (
    BUNDLE,
    CUSTODIAN,
    CUSTODIANS,
    DECISION,
    FILE,
    MANUAL,
    NOTE,
    OPEN,
    TO_DO,
    WAITING,
    CaseCustodian,
    CaseStep,
    EvidenceBundle,
    Playbook,
    PlaybookCase,
    PlaybookVersion,
)
from app.playbooks.policy import HOLDER, can_handle, can_keep, can_read_playbooks, can_see_case
from app.posts.models import Entry

LONGEST = 4_000
# To whom a step goes that its owner left undone; what isn't named here stays with admins.
NEXT_OWNER = {"moderator": "senior_moderator", "senior_moderator": "admin", CUSTODIAN: CUSTODIAN}
MOST_AT_ONCE = 100


@action
def start(
    actor: Actor, playbook: Playbook, *, item: ReviewItem | None = None, why: str = ""
) -> PlaybookCase | None:
    """Set a playbook going, about a review item or without one; twice is once. None when the case is
    entrusted to others and nobody else may know of it.
    """
    require(can_read_playbooks(actor))
    if not playbook.is_on:
        raise Conflict(_("This playbook is switched off."))
    _require_custodians(playbook)
    entry = locked(item.entry_id) if item is not None else None
    case = _open(playbook, MANUAL, about=f"entry:{entry.id}" if entry else "", entry=entry, item=item,
                 by_id=actor.id, why=why.strip())  # fmt: skip
    return case if case is not None and can_see_case(actor, case) else None


@action
def start_on(
    signal: str, *, about: str, entry: Entry | None = None, item: ReviewItem | None = None, why: str = ""
) -> list[int]:
    """Set going every playbook that begins on something by itself; the numbers of the new cases. What runs
    already about the same thing goes on.
    """
    made = []
    for playbook, version in queries.started_by(signal):
        if version.access == CUSTODIANS and not queries.custodians_of(playbook.id):
            continue
        before = _running(playbook.id, about)
        if before is None:
            kind = signal.partition(":")[0]
            case = _open(playbook, kind, about=about, entry=entry, item=item, by_id=None, why=why)
            made += [case.id] if case else []
    return made


@action
def finish(
    actor: Actor, case: PlaybookCase, step: CaseStep, *, note: str = "", file: File | None = None
) -> CaseStep:
    """A step is done, with what it asks for: Invalid without it, Stale when somebody was faster."""
    require(can_handle(actor, case, step.owner))
    note = note.strip()
    _require_artefact(case, step, note, file)
    if file is not None:
        _take(actor, case, file)
    _move(actor, case, step, "finish", note=note, file_id=file.id if file else None)
    return step


@action
def skip(actor: Actor, case: PlaybookCase, step: CaseStep, *, why: str) -> CaseStep:
    """A step is left out, for a reason that stays; Stale when it was done or skipped meanwhile."""
    require(can_handle(actor, case, step.owner))
    _move(actor, case, step, "skip", note=_worded("why", why))
    return step


@action
def close(actor: Actor, case: PlaybookCase, *, conclusion: str = "") -> None:
    """The case is over, each step done or skipped. Conflict while one isn't, Stale when it is over."""
    steps = queries.steps_of(case.id)
    require(can_keep(actor, case) or any(can_handle(actor, case, step.owner) for step in steps))
    if any(step.state in TO_DO for step in steps):
        raise Conflict(_("Some steps are still to do. Do them, or say why they are left out."))
    _end(actor, case, "close", conclusion.strip()[:LONGEST])


@action
def abandon(actor: Actor, case: PlaybookCase, *, why: str) -> None:
    """End a case before its steps are done, for a reason that stays; Stale when it is over."""
    require(can_keep(actor, case))
    _end(actor, case, "abandon", _worded("why", why))


@action
def give_back(actor: Actor, case: PlaybookCase) -> None:
    """Let the item of a restricted case wait again with the others; Stale when it does."""
    require(can_keep(actor, case))
    if case.item_id is None or case.entry_id is None:
        raise Stale
    locked(case.entry_id)
    item = db.session.get_one(ReviewItem, case.item_id, populate_existing=True)
    sealing.unseal(item, actor.id)
    announce(CaseChanged(case_id=case.id))


@action
def escalate_overdue(now: datetime | None = None) -> int:
    """Steps whose time is over go to the next owner, once; how many. Those who can do something are told."""
    now = now or clock.now()
    rows = (
        select(CaseStep)
        .join(PlaybookCase, PlaybookCase.id == CaseStep.case_id)
        .where(CaseStep.state == WAITING, CaseStep.due_at < now, PlaybookCase.state == OPEN)
        .order_by(CaseStep.due_at, CaseStep.id)
        .limit(MOST_AT_ONCE)
    )
    return sum(_escalate(step, now) for step in db.session.scalars(rows).all())


def _open(
    playbook: Playbook,
    trigger: str,
    *,
    about: str,
    entry: Entry | None,
    item: ReviewItem | None,
    by_id: int | None,
    why: str,
) -> PlaybookCase | None:
    """A new case, or the one that runs already. The playbook's row is locked: one at a time."""
    db.session.get_one(Playbook, playbook.id, populate_existing=True, with_for_update=True)
    running = _running(playbook.id, about)
    if running is not None:
        return running
    version, now = queries.version_of(playbook), clock.now()
    case = PlaybookCase(
        playbook_id=playbook.id,
        version_id=version.id,
        trigger=trigger,
        about=about,
        why=why[:LONGEST],
        access=version.access,
        item_id=item.id if item else None,
        entry_id=entry.id if entry else None,
        concerned_id=entry.author_id if entry else None,
        opened_by_id=by_id,
        clock_at=now + timedelta(hours=version.clock_hours) if version.clock_hours else None,
        created_at=now,
    )
    db.session.add(case)
    db.session.flush()
    _entrust(case)
    _plan(case, version, now)
    named = {"playbook": playbook.key, "number": version.number, "about": about}
    audit.record(
        CASE["open"].act, by_id, f"case:{case.id}", **({} if version.access == CUSTODIANS else named)
    )
    if version.holds:
        holding.place(case, by_id)
    if version.access == CUSTODIANS and item is not None and item.state in OPEN_STATES:
        sealing.seal(item, by_id)
    announce(CaseOpened(case_id=case.id, to_ids=_first_called(case)))
    return case


def _running(playbook_id: int, about: str) -> PlaybookCase | None:
    if not about:
        return None
    rows = select(PlaybookCase).where(
        PlaybookCase.playbook_id == playbook_id, PlaybookCase.about == about, PlaybookCase.state == OPEN
    )
    return db.session.scalar(rows.execution_options(populate_existing=True))


def _require_custodians(playbook: Playbook) -> None:
    if queries.version_of(playbook).access == CUSTODIANS and not queries.custodians_of(playbook.id):
        raise Conflict(_("An admin must first say to whom such cases are entrusted."))


def _entrust(case: PlaybookCase) -> None:
    for person_id, _login, _name in queries.custodians_of(case.playbook_id):
        if person_id != case.concerned_id:
            db.session.add(CaseCustodian(case_id=case.id, person_id=person_id))
    db.session.flush()


def _plan(case: PlaybookCase, version: PlaybookVersion, now: datetime) -> None:
    for position, written in enumerate(version.steps):
        hours = written.get("hours")
        db.session.add(
            CaseStep(
                case_id=case.id,
                position=position,
                owner=written["owner"],
                artefact=written["artefact"],
                due_at=now + timedelta(hours=hours) if hours else None,
            )
        )
    db.session.flush()


def _first_called(case: PlaybookCase) -> tuple[int, ...]:
    """Whoever has a step to do, whatever its place."""
    owners = {step.owner for step in queries.steps_of(case.id)}
    called = {person_id for owner in owners for person_id in queries.those_who_handle(case, owner)}
    return tuple(sorted(called - {case.opened_by_id or 0}))


def _move(actor: Actor, case: PlaybookCase, step: CaseStep, event: str, **said: object) -> None:
    """Move a step as its machine says, if it and its case stand where that begins; Stale otherwise."""
    move = STEP[event]
    runs = select(PlaybookCase.id).where(PlaybookCase.id == case.id, PlaybookCase.state == OPEN)
    change = update(CaseStep).where(
        CaseStep.id == step.id,
        CaseStep.case_id == case.id,
        CaseStep.state.in_(move.sources),
        CaseStep.owner == step.owner,
        CaseStep.case_id.in_(runs.with_for_update(read=True)),
    )
    change = change.values(state=move.target, by_id=actor.id, at=clock.now(), **said)
    changed = store.changed(change.execution_options(synchronize_session=False))
    db.session.refresh(step)
    if not changed:
        raise Stale
    audit.record(move.act, actor.id, f"case:{case.id}", step=step.position, note=_seal_of(step.note))
    announce(CaseChanged(case_id=case.id))


def _escalate(step: CaseStep, now: datetime) -> int:
    move = STEP["escalate"]
    case = db.session.get_one(PlaybookCase, step.case_id)
    owner = CUSTODIAN if case.access == CUSTODIANS else NEXT_OWNER.get(step.owner, "admin")
    change = update(CaseStep).where(CaseStep.id == step.id, CaseStep.state.in_(move.sources))
    change = change.values(state=move.target, owner=owner, overdue_at=now)
    if not store.changed(change.execution_options(synchronize_session=False)):
        return 0
    audit.record(move.act, None, f"case:{case.id}", step=step.position, owner=owner)
    admins = () if case.access == CUSTODIANS else queries.those_who_handle(case, "admin")
    to_ids = tuple(sorted({*queries.those_who_handle(case, owner), *admins}))
    announce(StepOverdue(case_id=case.id, step_id=step.id, to_ids=to_ids))
    return 1


def _require_artefact(case: PlaybookCase, step: CaseStep, note: str, file: File | None) -> None:
    if len(note) > LONGEST:
        raise Invalid(fields={"note": _("Say it in at most 4,000 characters.")})
    if step.artefact == NOTE and not note:
        raise Invalid(fields={"note": _("This step asks for a note: what was done, and what came of it.")})
    if step.artefact == FILE and file is None:
        raise Invalid(fields={"file": _("This step asks for a file.")})
    if step.artefact == BUNDLE and not _has_bundle(case):
        raise Invalid(fields={"note": _("This step asks for evidence: make the bundle below first.")})
    if step.artefact == DECISION and not note and not _is_decided(case):
        raise Invalid(fields={"note": _("Decide on the item first, or write where the decision is found.")})


def _has_bundle(case: PlaybookCase) -> bool:
    rows = select(EvidenceBundle.id).where(EvidenceBundle.case_id == case.id).limit(1)
    return db.session.scalar(rows) is not None


def _is_decided(case: PlaybookCase) -> bool:
    rows = select(Decision.id).where(Decision.item_id == case.item_id).limit(1)
    return case.item_id is not None and db.session.scalar(rows) is not None


def _take(actor: Actor, case: PlaybookCase, file: File) -> None:
    mine = update(File).where(File.id == file.id, File.owner_id == actor.id, File.holder == "draft")
    if not store.changed(mine.values(holder=HOLDER, holder_id=case.id)):
        raise Forbidden


def _end(actor: Actor, case: PlaybookCase, event: str, conclusion: str) -> None:
    move = CASE[event]
    change = update(PlaybookCase).where(PlaybookCase.id == case.id, PlaybookCase.state.in_(move.sources))
    change = change.values(
        state=move.target, closed_at=clock.now(), closed_by_id=actor.id, conclusion=conclusion
    )
    changed = store.changed(change.execution_options(synchronize_session=False))
    db.session.refresh(case)
    if not changed:
        raise Stale
    audit.record(move.act, actor.id, f"case:{case.id}", conclusion=_seal_of(conclusion))
    announce(CaseChanged(case_id=case.id))


def _seal_of(words: str) -> str:
    """The log proves what was written; what was written stays beside it, and can be erased."""
    return hashlib.sha256(words.encode()).hexdigest() if words else ""


def _worded(field: str, text: str) -> str:
    if not text.strip():
        raise Invalid(fields={field: _("Write something here.")})
    if len(text.strip()) > LONGEST:
        raise Invalid(fields={field: _("Say it in at most 4,000 characters.")})
    return text.strip()
