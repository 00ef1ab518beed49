"""Second factors: enrolling them, proving them at sign-in, and getting rid of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, update

from app.auth import codes, passkeys
from app.auth.models import Authenticator, Passkey, RecoveryCode, Session
from app.auth.passkeys import Question, Site
from app.kernel import audit, clock, keys
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.models import Person
from app.people.policy import can_manage_people

MOST_PASSKEYS = 20


@dataclass(frozen=True)
class Factors:
    """What a person has beside a password."""

    authenticator: bool
    passkeys: list[Passkey]
    codes_left: int

    def __bool__(self) -> bool:
        return self.authenticator or bool(self.passkeys)


def factors_of(person_id: int) -> Factors:
    """The second factors of a person; false when there is none."""
    app = db.session.scalar(select(Authenticator.person_id).where(Authenticator.person_id == person_id))
    mine = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.created_at)
    left = select(func.count()).where(RecoveryCode.person_id == person_id)
    return Factors(app is not None, list(db.session.scalars(mine)), db.session.scalar(left) or 0)


def offer(actor: Actor) -> tuple[str, str]:
    """A new authenticator secret, and the same sealed for `enrol`; nothing is stored yet."""
    secret = codes.new_secret()
    return secret, keys.seal("enrol", [actor.id, secret], lasts=codes.OFFER_LASTS)


def offered(actor: Actor, token: str) -> str:
    """The secret of an offer; Invalid when it is too old or not this person's."""
    try:
        whose, secret = keys.unseal("enrol", token)
    except ValueError as problem:
        raise Invalid(fields={"code": _("This page is too old. Scan the new code below.")}) from problem
    if whose != actor.id:
        raise Invalid
    return str(secret)


@action
def enrol(actor: Actor, *, secret: str, code: str) -> list[str]:
    """Keep an authenticator that shows the right code; the recovery codes, shown this once.

    Invalid for another code; Conflict when the person has an authenticator already.
    """
    require(actor.session_id is not None)
    if db.session.get(Authenticator, actor.id):
        raise Conflict(_("You already have an authenticator. Remove it first."))
    step = codes.step_of(secret, "".join(code.split()))
    if step is None:
        raise Invalid(
            fields={"code": _("This isn’t the code shown now. Check your phone’s clock and try again.")}
        )
    db.session.add(
        Authenticator(person_id=actor.id, secret=keys.lock("totp", secret.encode()), last_step=step)
    )
    audit.record("factor.added", actor.id, f"person:{actor.id}", kind="authenticator")
    _mark(actor)
    return codes.write_recovery_codes(actor.id)


@action
def drop_authenticator(actor: Actor, *, code: str) -> None:
    """Do without the authenticator, proving it a last time."""
    _prove(actor, code)
    db.session.execute(delete(Authenticator).where(Authenticator.person_id == actor.id))
    audit.record("factor.removed", actor.id, f"person:{actor.id}", kind="authenticator")
    _forget_codes_of_nothing(actor.id)


@action
def renew_recovery_codes(actor: Actor, *, code: str) -> list[str]:
    """A new list of recovery codes in place of the old one."""
    _prove(actor, code)
    audit.record("factor.codes", actor.id, f"person:{actor.id}")
    return codes.write_recovery_codes(actor.id)


@action
def add_passkey(actor: Actor, site: Site, *, name: str, answer: str, token: str) -> list[str]:
    """Keep a passkey that the browser made for our question; new recovery codes if there were none."""
    require(actor.session_id is not None)
    mine = factors_of(actor.id)
    if len(mine.passkeys) >= MOST_PASSKEYS:
        raise Invalid(fields={"name": _("You have many passkeys. Remove one you no longer use first.")})
    try:
        question = Question.unsealed(actor.id, token)
    except ValueError as problem:
        raise Invalid(fields={"name": _("This took too long. Try again.")}) from problem
    made = passkeys.registered(answer, question, site)
    known = select(Passkey.id).where(Passkey.credential == made.credential_id)
    if db.session.scalar(known) is not None:
        raise Conflict(_("This passkey is known already."))
    passkey = Passkey(
        person_id=actor.id,
        name=name,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )
    db.session.add(passkey)
    db.session.flush()
    audit.record("factor.added", actor.id, f"person:{actor.id}", kind="passkey", passkey=passkey.id)
    _mark(actor)
    return [] if mine.codes_left else codes.write_recovery_codes(actor.id)


@action
def drop_passkey(actor: Actor, passkey_id: int) -> None:
    """Forget one of one's own passkeys; NotFound when it isn't one."""
    gone = delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == actor.id)
    if db.session.execute(gone.returning(Passkey.id)).first() is None:
        raise NotFound
    audit.record("factor.removed", actor.id, f"person:{actor.id}", kind="passkey", passkey=passkey_id)
    _forget_codes_of_nothing(actor.id)


@action
def reset(actor: Actor | None, person: Person) -> None:
    """Take every second factor from somebody who lost theirs. `actor` None is the console."""
    require(actor is None or (can_manage_people(actor) and actor.id != person.id))
    for kind in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(delete(kind).where(kind.person_id == person.id))
    audit.record("factor.reset", actor.id if actor else None, f"person:{person.id}")


@action
def spend_code(person_id: int, typed: str) -> bool:
    """True once for a right code of the person's authenticator or recovery list."""
    return codes.spend(person_id, typed)


@action
def spend_passkey(person_id: int, site: Site, *, answer: str, token: str) -> bool:
    """True once for a right answer to our question by one of the person's passkeys."""
    try:
        question = Question.unsealed(person_id, token)
        passkey = db.session.scalar(
            select(Passkey).where(
                Passkey.person_id == person_id, Passkey.credential == passkeys.credential_of(answer)
            )
        )
        if passkey is None:
            return False
        made = passkeys.answered(answer, question, site, passkey)
    except (ValueError, Invalid):
        return False
    unused = or_(Passkey.used_at.is_(None), Passkey.used_at < question.asked_at)
    spent = update(Passkey).where(Passkey.id == passkey.id, unused).returning(Passkey.id)
    spent = spent.values(used_at=clock.now(), sign_count=made.new_sign_count)
    return db.session.execute(spent).first() is not None


def _prove(actor: Actor, code: str) -> None:
    if not codes.spend(actor.id, code):
        raise Invalid(fields={"code": _("This code isn’t right, or was used already.")})


def _mark(actor: Actor) -> None:
    """Whoever has just shown a factor has proved it for this session."""
    mine = update(Session).where(Session.id == actor.session_id)
    db.session.execute(mine.values(second_factor_at=clock.now()))


def _forget_codes_of_nothing(person_id: int) -> None:
    """Recovery codes recover a factor; without one they would be a second password."""
    if not factors_of(person_id):
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
