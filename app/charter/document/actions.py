from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, select, update

from app.charter.document import queries
from app.charter.document.models import FUNCTIONS, Remark, Signatory, Signature
from app.charter.document.policy import (
    can_appoint,
    can_read_drafts,
    can_remark,
    can_sign,
    function_of,
)
from app.charter.document.renumbering import follow
from app.charter.events import (
    DraftRemarked,
    VersionScheduled,
    VersionSigned,
    VersionTookEffect,
    VersionWithdrawn,
)
from app.charter.models import DRAFT, IN_FORCE, SCHEDULED, SUPERSEDED, CharterVersion
from app.charter.policy import can_manage_charter
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Stale
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.models import Person


@action
def appoint(actor: Actor | None, person: Person, function: str) -> None:
    """Let a person sign for a function; whoever signed for another one before signs for this from now on."""
    require(actor is None or can_appoint(actor))
    if function not in FUNCTIONS or person.is_partner or person.deactivated_at is not None:
        raise Invalid(fields={"person": _("Choose a colleague, and one of the functions.")})
    held = db.session.get(Signatory, person.id)
    if held is None:
        held = Signatory(person_id=person.id, function=function)
        db.session.add(held)
    held.function, held.by_id = function, actor.id if actor else None
    db.session.flush()
    audit.record("signatory.appointed", held.by_id, f"person:{person.id}", function=function)


@action
def dismiss(actor: Actor | None, person_id: int) -> None:
    """The person signs no more; what they signed stays signed."""
    require(actor is None or can_appoint(actor))
    held = db.session.get(Signatory, person_id)
    if held is None:
        return
    db.session.delete(held)
    audit.record(
        "signatory.dismissed", actor.id if actor else None, f"person:{person_id}", function=held.function
    )


@action
def sign(actor: Actor, version: CharterVersion, *, text_hash: str) -> None:
    """Sign what was read, for one's function. Signing again is the same signature.

    Stale when the text is another one by now; Conflict when something is missing, when the function has
    signed already, or when the person has signed for another function.
    """
    require(can_sign(actor, version) or function_of(actor) is not None)
    draft = _locked_draft(version)
    if draft.text_hash != text_hash:
        raise Stale(_("The text changed since you read it. Please read it again before you sign."))
    missing = queries.problems(draft)
    if missing:
        raise Conflict(_("Something is missing before this version can be signed: %(what)s", what=missing[0]))
    function = function_of(actor) or ""
    if _has_signed(actor, draft, function):
        return
    db.session.add(
        Signature(
            version_id=draft.id, function=function, person_id=actor.id, text_hash=text_hash, at=clock.now()
        )
    )
    db.session.flush()
    audit.record("charter.signed", actor.id, f"charter:{draft.id}", function=function, hash=text_hash)
    announce(VersionSigned(version_id=draft.id, person_id=actor.id, is_complete=queries.is_signed(draft)))


@action
def take_back_signature(actor: Actor, version: CharterVersion) -> None:
    """Whoever signed a draft may think again."""
    require(can_read_drafts(actor))
    draft = _locked_draft(version)
    _void(actor, draft, Signature.person_id == actor.id)


@action
def reopen(actor: Actor, version: CharterVersion) -> None:
    """Take every signature off a draft, so that it can be changed."""
    require(can_manage_charter(actor))
    draft = _locked_draft(version)
    _void(actor, draft, Signature.version_id == draft.id)


@action
def schedule(actor: Actor, version: CharterVersion, *, effective_on: date, text_hash: str) -> None:
    """Announce a signed version for a day that keeps the notice; today, with no notice, is at once.

    Stale when the text is another one by now; Conflict while a signature is missing; Invalid for a day that
    is too near.
    """
    require(can_manage_charter(actor))
    draft = _locked_draft(version)
    if draft.text_hash != text_hash:
        raise Stale(_("The text changed since you read it. Please read it again."))
    missing = queries.problems(draft)
    if missing or not queries.is_signed(draft):
        raise Conflict(missing[0] if missing else _("Three signatures of the present text are needed."))
    draft.effective_at, draft.announced_at = _effective_at(draft, effective_on), clock.now()
    draft.state = SCHEDULED
    db.session.flush()
    audit.record(
        "charter.scheduled", actor.id, f"charter:{draft.id}", effective_at=draft.effective_at, hash=text_hash
    )
    announce(VersionScheduled(version_id=draft.id, by_id=actor.id))


@action
def withdraw(actor: Actor, version: CharterVersion) -> None:
    """Take an announcement back before its day: a draft again, unsigned. Conflict once it is in force."""
    require(can_manage_charter(actor))
    taken = store.changed(
        update(CharterVersion)
        .where(
            CharterVersion.id == version.id,
            CharterVersion.state == SCHEDULED,
            CharterVersion.preparing.is_(True),
            CharterVersion.effective_at > clock.now(),
        )
        .values(state=DRAFT, effective_at=None, announced_at=None)
    )
    if not taken:
        raise Conflict(_("This version is in force, or was withdrawn already."))
    _void(actor, version, Signature.version_id == version.id)
    audit.record("charter.withdrawn", actor.id, f"charter:{version.id}")
    announce(VersionWithdrawn(version_id=version.id, by_id=actor.id))


@action
def take_effect(version_id: int) -> bool:
    """Put a scheduled version whose hour has come in place of the one before, once; whether it did."""
    now = clock.now()
    taken = store.changed(
        update(CharterVersion)
        .where(
            CharterVersion.id == version_id,
            CharterVersion.state == SCHEDULED,
            CharterVersion.effective_at <= now,
        )
        .values(state=IN_FORCE, preparing=None)
    )
    if not taken:
        return False
    former = select(CharterVersion.id).where(
        CharterVersion.state == IN_FORCE, CharterVersion.id != version_id
    )
    previous_id = db.session.scalar(former.order_by(CharterVersion.effective_at.desc()).limit(1))
    db.session.execute(
        update(CharterVersion)
        .where(CharterVersion.state == IN_FORCE, CharterVersion.id != version_id)
        .values(state=SUPERSEDED)
    )
    moved = follow(queries.tree(previous_id), queries.tree(version_id)) if previous_id else {}
    audit.record("charter.effective", None, f"charter:{version_id}", previous=previous_id, moved=moved)
    announce(VersionTookEffect(version_id=version_id, previous_id=previous_id))
    return True


@action
def remark(
    actor: Actor, version: CharterVersion, *, body: str, clause_key: str = "", parent_id: int | None = None
) -> Remark:
    """Comment on a clause of a version that is on its way, or answer somebody who did."""
    require(can_remark(actor, version))
    parent = queries.get_remark(actor, version, parent_id) if parent_id else None
    if parent is not None and parent.parent_id is not None:
        parent = queries.get_remark(actor, version, parent.parent_id)
    key = parent.clause_key if parent else clause_key
    if key and key not in {clause.key for clause in queries.tree(version.id).clauses} and parent is None:
        raise NotFound
    made = Remark(
        version_id=version.id,
        clause_key=key,
        parent_id=parent.id if parent else None,
        author_id=actor.id,
        body=body,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("charter.remarked", actor.id, f"charter:{version.id}", remark=made.id, clause=key)
    announce(
        DraftRemarked(
            version_id=version.id,
            remark_id=made.id,
            thread_id=parent.id if parent else made.id,
            author_id=actor.id,
            parent_author_id=parent.author_id if parent else None,
        )
    )
    return made


@action
def resolve(actor: Actor, version: CharterVersion, thread: Remark, *, done: bool = True) -> None:
    """Owners say that a thread is dealt with, or that it isn't after all."""
    require(can_manage_charter(actor) and can_remark(actor, version))
    if thread.parent_id is not None:
        raise NotFound
    thread.resolved_at, thread.resolved_by_id = (clock.now(), actor.id) if done else (None, None)
    audit.record(
        "charter.resolved" if done else "charter.unresolved",
        actor.id,
        f"charter:{version.id}",
        remark=thread.id,
    )


# --- one step of the above each -----------------------------------------------------------------------------


def _locked_draft(version: CharterVersion) -> CharterVersion:
    draft = queries.tree(version.id, lock=True)
    if draft.state != DRAFT:
        raise Conflict(_("This version is announced already."))
    return draft


def _has_signed(actor: Actor, draft: CharterVersion, function: str) -> bool:
    """True when this very signature is there; Conflict for what stands in its way."""
    given = db.session.scalars(select(Signature).where(Signature.version_id == draft.id)).all()
    if any(one.function == function and one.person_id == actor.id for one in given):
        return True
    if any(one.person_id == actor.id for one in given):
        raise Conflict(_("You have signed for another function: somebody else has to sign for this one."))
    if any(one.function == function for one in given):
        raise Conflict(_("Somebody has signed for your function already."))
    return False


def _effective_at(draft: CharterVersion, day: date) -> datetime:
    """The first instant of that day at the company; now when the day has begun."""
    earliest = queries.today() + timedelta(days=draft.notice_days)
    if day < earliest:
        raise Invalid(
            fields={"effective_on": _("Keep the notice: not before %(day)s.", day=earliest.isoformat())}
        )
    return max(queries.start_of(day), clock.now())


def _void(actor: Actor, draft: CharterVersion, which: ColumnElement[bool]) -> None:
    those = and_(Signature.version_id == draft.id, which)
    found = select(Signature.function).where(those).order_by(Signature.function)
    functions = db.session.scalars(found).all()
    if not functions:
        return
    db.session.execute(delete(Signature).where(those).execution_options(synchronize_session="fetch"))
    audit.record("charter.unsigned", actor.id, f"charter:{draft.id}", functions=functions)
