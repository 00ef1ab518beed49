from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, or_, select

from app.files.models import File
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.holds import LegalHold
from app.kernel.page import Page, cut, place
from app.moderation.models import SEALED, ReviewItem
from app.people.actor import COLUMNS, Actor, from_row
from app.people.models import EMPLOYEE, Person
from app.people.prepared import numbers, prepared
from app.playbooks.models import (
    CUSTODIAN,
    CUSTODIANS,
    OPEN,
    OVERDUE,
    TO_DO,
    CaseCustodian,
    CaseStep,
    EvidenceBundle,
    Playbook,
    PlaybookCase,
    PlaybookCustodian,
    PlaybookVersion,
)
from app.playbooks.policy import (
    can_handle,
    can_keep,
    can_make_bundle,
    can_make_item_bundle,
    can_read_content,
    can_see_case,
    cases_seen_by,
)
from app.posts.models import Entry, Revision
from app.spaces.models import MODERATOR, Membership

PAGE = 30
LONGEST_SHOWN = 4_000


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    """A playbook in the list, in the reader's language."""

    id: int
    key: str
    title: str
    summary: str
    is_on: bool
    access: str
    triggers: Sequence[str]
    holds: bool
    clock_hours: int | None
    steps: int
    number: int
    custodians: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: int
    title: str
    state: str
    why: str
    access: str
    created_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    overdue: int
    done: int
    steps: int


@dataclass(frozen=True, slots=True)
class StepView:
    id: int
    position: int
    title: str
    text: str
    state: str
    owner: str
    first_owner: str
    artefact: str
    due_at: datetime | None
    overdue_at: datetime | None
    note: str
    file: tuple[str, str] | None
    who: str | None
    at: datetime | None
    may_handle: bool


@dataclass(frozen=True, slots=True)
class HoldView:
    id: int
    subject: str
    at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class BundleView:
    id: int
    who: str
    at: datetime
    size: int
    manifest: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page shows it."""

    id: int
    title: str
    summary: str
    number: int
    state: str
    trigger: str
    why: str
    access: str
    opened_by: str | None
    created_at: datetime
    clock_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    conclusion: str
    item_id: int | None
    is_sealed: bool
    text: str | None
    custodians: Sequence[str]
    steps: Sequence[StepView]
    next_id: int | None
    holds: Sequence[HoldView]
    bundles: Sequence[BundleView]
    may_close: bool
    may_keep: bool
    may_bundle: bool


def playbooks(locale: str) -> list[PlaybookRow]:
    """Every playbook as it is now, those switched on first."""
    entrusted = select(func.count()).where(PlaybookCustodian.playbook_id == Playbook.id).scalar_subquery()
    rows = select(Playbook, PlaybookVersion, entrusted).join(PlaybookVersion, _is_current())
    found = [
        _playbook_row(playbook, version, custodians, locale)
        for playbook, version, custodians in db.session.execute(rows.order_by(Playbook.id))
    ]
    return sorted(found, key=lambda one: not one.is_on)


def get_playbook(playbook_id: int) -> Playbook:
    """A playbook, or NotFound."""
    playbook = db.session.get(Playbook, playbook_id, populate_existing=True)
    if playbook is None:
        raise NotFound
    return playbook


def version_of(playbook: Playbook, number: int | None = None) -> PlaybookVersion:
    """A version of a playbook: the present one, or that of a number; NotFound when there is none."""
    rows = select(PlaybookVersion).where(
        PlaybookVersion.playbook_id == playbook.id,
        PlaybookVersion.number == (playbook.current if number is None else number),
    )
    version = db.session.scalar(rows)
    if version is None:
        raise NotFound
    return version


def started_by(signal: str) -> list[tuple[Playbook, PlaybookVersion]]:
    """The playbooks that begin by themselves on something."""
    rows = select(Playbook, PlaybookVersion).join(PlaybookVersion, _is_current()).where(Playbook.is_on)
    found = db.session.execute(rows.order_by(Playbook.id))
    return [(playbook, version) for playbook, version in found if signal in version.triggers]


def custodians_of(playbook_id: int) -> Sequence[tuple[int, str, str]]:
    """To whom its cases are entrusted: (id, login, name)."""
    rows = (
        select(Person.id, Person.login, Person.name)
        .join(PlaybookCustodian, PlaybookCustodian.person_id == Person.id)
        .where(PlaybookCustodian.playbook_id == playbook_id)
    )
    return [(row.id, row.login, row.name) for row in db.session.execute(rows.order_by(Person.name_key))]


def cases(actor: Actor, *, is_open: bool, after: str | None = None, limit: int = PAGE) -> Page[CaseRow]:
    """Cases that the actor sees, newest first."""
    rows = _cases().where(cases_seen_by(actor))
    rows = rows.where(PlaybookCase.state == OPEN if is_open else PlaybookCase.state != OPEN)
    purpose = f"cases:{is_open}"
    if (start := place(purpose, after)) is not None:
        rows = rows.where(PlaybookCase.id < start[0])
    found = db.session.execute(rows.order_by(PlaybookCase.id.desc()).limit(limit + 1)).all()
    return cut(_case_rows(found, actor.locale), limit, purpose, lambda row: [row.id])


def cases_of_item(actor: Actor, item_id: int) -> list[CaseRow]:
    """The cases about a review item that the actor sees, newest first."""
    rows = _cases().where(PlaybookCase.item_id == item_id, cases_seen_by(actor))
    found = db.session.execute(rows.order_by(PlaybookCase.id.desc()).limit(PAGE)).all()
    return _case_rows(found, actor.locale)


def overdue(actor: Actor) -> int:
    """How many steps are overdue in the open cases that the actor sees."""
    return int(_overdue(actor).scalar(numbers(actor)))


@prepared
def _overdue(actor: Actor) -> Any:
    rows = select(func.count()).select_from(CaseStep).join(PlaybookCase, PlaybookCase.id == CaseStep.case_id)
    return rows.where(CaseStep.state == OVERDUE, PlaybookCase.state == OPEN, cases_seen_by(actor))


def get_case(actor: Actor, case_id: int) -> PlaybookCase:
    """A case, or NotFound for who may not know of it."""
    case = db.session.get(PlaybookCase, case_id, populate_existing=True)
    if case is None or not can_see_case(actor, case):
        raise NotFound
    return case


def get_step(case: PlaybookCase, step_id: int) -> CaseStep:
    """A step of a case, or NotFound."""
    step = db.session.get(CaseStep, step_id, populate_existing=True)
    if step is None or step.case_id != case.id:
        raise NotFound
    return step


def get_bundle(actor: Actor, bundle_id: int) -> EvidenceBundle:
    """A bundle, or NotFound for who may not take it out."""
    bundle = db.session.get(EvidenceBundle, bundle_id)
    if bundle is None:
        raise NotFound
    if bundle.case_id is not None:
        case = get_case(actor, bundle.case_id)
        allowed = can_make_bundle(actor, case)
    else:
        allowed = can_make_item_bundle(actor, db.session.get_one(ReviewItem, bundle.item_id))
    if not allowed:
        raise NotFound
    return bundle


def read_case(actor: Actor, case: PlaybookCase) -> CaseView:
    """Everything that the page of a case shows to the actor (who sees it)."""
    version = db.session.get_one(PlaybookVersion, case.version_id)
    steps = [_step(actor, case, step, version) for step in steps_of(case.id)]
    waiting = [step for step in steps if step.state in TO_DO]
    following = min(waiting, key=lambda step: (step.due_at or datetime.max.replace(tzinfo=clock.EPOCH.tzinfo),
                                               step.position), default=None)  # fmt: skip
    is_open = case.state == OPEN
    return CaseView(
        id=case.id,
        title=_in(version, "title", actor.locale),
        summary=_in(version, "summary", actor.locale),
        number=version.number,
        state=case.state,
        trigger=case.trigger,
        why=case.why,
        access=case.access,
        opened_by=name_of(case.opened_by_id),
        created_at=case.created_at,
        clock_at=case.clock_at,
        closed_at=case.closed_at,
        closed_by=name_of(case.closed_by_id),
        conclusion=case.conclusion,
        item_id=case.item_id,
        is_sealed=_is_sealed(case),
        text=_text(case) if can_read_content(actor, case) else None,
        custodians=_custodian_names(case),
        steps=steps,
        next_id=following.id if following and is_open else None,
        holds=holds_of(case.id),
        bundles=_bundles(case.id),
        may_close=is_open
        and not waiting
        and (can_keep(actor, case) or any(can_handle(actor, case, s.owner) for s in steps)),
        may_keep=can_keep(actor, case),
        may_bundle=can_make_bundle(actor, case),
    )


def steps_of(case_id: int) -> Sequence[CaseStep]:
    """The steps of a case, in order, as they are now."""
    rows = select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.position)
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def holds_of(case_id: int) -> list[HoldView]:
    """What is or was kept for a case."""
    rows = select(LegalHold).where(LegalHold.case_id == case_id).order_by(LegalHold.id)
    found = db.session.scalars(rows.execution_options(populate_existing=True))
    return [HoldView(one.id, one.subject, one.created_at, one.lifted_at) for one in found]


def seers(case: PlaybookCase) -> list[Actor]:
    """Everybody who sees a case, for telling them of it."""
    reviews = select(Membership.person_id).where(Membership.role == MODERATOR)
    if case.item_id is not None:
        item = select(ReviewItem.space_id).where(ReviewItem.id == case.item_id).scalar_subquery()
        reviews = reviews.where(Membership.space_id == item)
    else:
        reviews = reviews.where(Membership.space_id == 0)
    entrusted = select(CaseCustodian.person_id).where(CaseCustodian.case_id == case.id)
    rows = select(*COLUMNS).where(
        Person.deactivated_at.is_(None),
        Person.segment == EMPLOYEE,
        or_(cast(Person.roles, String) != "[]", Person.id.in_(reviews), Person.id.in_(entrusted)),
    )
    people = (from_row(row) for row in db.session.execute(rows.order_by(Person.id)))
    return [who for who in people if who and not who.is_suspended and can_see_case(who, case)]


def those_who_handle(case: PlaybookCase, owner: str) -> tuple[int, ...]:
    """Those who hold the role of a step's owner and see the case; admins only when it is theirs."""
    return tuple(who.id for who in seers(case) if _holds(who, case, owner))


def name_of(person_id: int | None) -> str | None:
    """A person's name; None for what happened by itself."""
    return db.session.scalar(select(Person.name).where(Person.id == person_id)) if person_id else None


def _holds(who: Actor, case: PlaybookCase, owner: str) -> bool:
    if case.access == CUSTODIANS or owner == CUSTODIAN:
        return can_handle(who, case, CUSTODIAN) and not (who.is_admin and case.access != CUSTODIANS)
    if owner == "admin":
        return who.is_admin
    return can_handle(who, case, owner) and (owner in who.roles or not who.is_admin)


def _is_current() -> Any:
    return (PlaybookVersion.playbook_id == Playbook.id) & (PlaybookVersion.number == Playbook.current)


def _playbook_row(playbook: Playbook, version: PlaybookVersion, custodians: int, locale: str) -> PlaybookRow:
    return PlaybookRow(
        id=playbook.id,
        key=playbook.key,
        title=_in(version, "title", locale),
        summary=_in(version, "summary", locale),
        is_on=playbook.is_on,
        access=version.access,
        triggers=version.triggers,
        holds=version.holds,
        clock_hours=version.clock_hours,
        steps=len(version.steps),
        number=version.number,
        custodians=custodians,
    )


def _cases() -> Any:
    return select(PlaybookCase, PlaybookVersion).join(
        PlaybookVersion, PlaybookVersion.id == PlaybookCase.version_id
    )


def _case_rows(found: Sequence[Any], locale: str) -> list[CaseRow]:
    ids = [case.id for case, _version in found]
    steps: dict[int, list[CaseStep]] = {}
    for step in db.session.scalars(select(CaseStep).where(CaseStep.case_id.in_(ids))) if ids else ():
        steps.setdefault(step.case_id, []).append(step)
    return [_case_row(case, version, steps.get(case.id, []), locale) for case, version in found]


def _case_row(
    case: PlaybookCase, version: PlaybookVersion, steps: Sequence[CaseStep], locale: str
) -> CaseRow:
    due = [step.due_at for step in steps if step.state in TO_DO and step.due_at]
    return CaseRow(
        id=case.id,
        title=_in(version, "title", locale),
        state=case.state,
        why=case.why,
        access=case.access,
        created_at=case.created_at,
        closed_at=case.closed_at,
        due_at=min(due, default=None),
        overdue=sum(step.state == OVERDUE for step in steps),
        done=sum(step.state not in TO_DO for step in steps),
        steps=len(steps),
    )


def _step(actor: Actor, case: PlaybookCase, step: CaseStep, version: PlaybookVersion) -> StepView:
    written = version.steps[step.position]
    language = "en" if actor.locale == "en" else "fr"
    file = db.session.get(File, step.file_id) if step.file_id else None
    return StepView(
        id=step.id,
        position=step.position,
        title=written[f"title_{language}"],
        text=written[f"text_{language}"],
        state=step.state,
        owner=step.owner,
        first_owner=written["owner"],
        artefact=step.artefact,
        due_at=step.due_at,
        overdue_at=step.overdue_at,
        note=step.note,
        file=(file.id, file.name) if file else None,
        who=name_of(step.by_id),
        at=step.at,
        may_handle=case.state == OPEN and step.state in TO_DO and can_handle(actor, case, step.owner),
    )


def _bundles(case_id: int) -> list[BundleView]:
    made = EvidenceBundle
    rows = (
        select(made.id, Person.name, made.created_at, made.size, made.manifest, made.why)
        .join(Person, Person.id == made.by_id)
        .where(made.case_id == case_id)
    )
    return [BundleView(*row) for row in db.session.execute(rows.order_by(made.id))]


def _custodian_names(case: PlaybookCase) -> list[str]:
    rows = select(Person.name).join(CaseCustodian, CaseCustodian.person_id == Person.id)
    rows = rows.where(CaseCustodian.case_id == case.id)
    return list(db.session.scalars(rows.order_by(Person.name_key)))


def _is_sealed(case: PlaybookCase) -> bool:
    state = db.session.scalar(select(ReviewItem.state).where(ReviewItem.id == case.item_id))
    return state == SEALED


def _text(case: PlaybookCase) -> str | None:
    """The text that a case is about: as it was in the item, else as it is."""
    if case.entry_id is None:
        return None
    revision_id = db.session.scalar(select(ReviewItem.revision_id).where(ReviewItem.id == case.item_id))
    entry = db.session.get_one(Entry, case.entry_id)
    said = db.session.get_one(Revision, revision_id or entry.revision_id)
    return f"{said.title}\n{said.body}".strip()[:LONGEST_SHOWN]


def _in(version: PlaybookVersion, field: str, locale: str) -> str:
    return str(getattr(version, f"{field}_{'en' if locale == 'en' else 'fr'}"))
