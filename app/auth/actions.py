from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from app.auth import passwords, throttle
from app.auth.events import NewDevice, SessionsEnded
from app.auth.models import (
    DIRECTORY,
    ApiToken,
    Authenticator,
    Credential,
    KnownDevice,
    Passkey,
    ResetLink,
    Session,
)
from app.auth.queries import LASTS, hash_of, is_linked, reset_link_of, write_down_seen
from app.gate import queries as gate
from app.gate.address import canonical
from app.kernel import audit, clock, keys, settings, store
from app.kernel.action import action, announce, release
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound, SignedOut, TooMany, Unavailable
from app.kernel.policy import require
from app.people.actor import Actor, of_person
from app.people.models import Person
from app.people.policy import can_manage_people
from app.people.queries import by_login

Elsewhere = Callable[[str, str], Actor | None]
TOKEN_PREFIX = "pvs_"  # noqa: S105 - what tokens begin with, so that scanners know them
MOST_TOKENS = 50
RESET_LASTS, LINKS_FOR, DEVICES_FOR = timedelta(days=1), timedelta(days=30), timedelta(days=180)


def check_password(
    login: str, password: str, *, address: str, locally: bool = True, elsewhere: Elsewhere | None = None
) -> Actor:
    """Whose login and password these are: one of ours (where these count, `locally`), else the directory's.

    Invalid, always in the same words and after the same work, for an unknown login, a wrong password,
    somebody who left, a partner while partners are off, or whom the gate doesn't let in from here; TooMany
    with `retry_after` after several failures; Unavailable when the directory would have to be asked and
    doesn't answer, while a password of ours still opens.
    """
    _wait_if_told(login, address)
    actor = _of_ours(login, password) if locally else None
    if actor is None and elsewhere is not None:
        actor = _asked(elsewhere, login, password, address, guesses_ours=locally)
    if actor is None or gate.standing(actor, canonical(address)).is_outside:
        record_failure(login, address)
        raise Invalid(_("This login and password don’t match. Check them and try again."))
    return actor


def check_second(actor: Actor, prove: Callable[[], bool], *, address: str) -> None:
    """Whether the second factor holds. Invalid when not, or when the gate doesn't let its owner in from here
    any more, which counts like a wrong password; TooMany.
    """
    _wait_if_told(actor.login, address)
    if not prove() or gate.standing(actor, canonical(address)).is_outside:
        record_failure(actor.login, address)
        raise Invalid(_("This code isn’t right, or was used already. Wait for the next one."))


def prove_again(actor: Actor, prove: Callable[[], bool], *, address: str) -> str:
    """The new secret of the actor's session, once the proof holds. Invalid when it doesn't, which counts like
    a wrong password; TooMany.
    """
    _wait_if_told(actor.login, address)
    if not prove():
        record_failure(actor.login, address)
        raise Invalid(_("This isn’t right, or was used already. Try again."))
    return renew_session(actor, address=address)


@action
def renew_session(actor: Actor, *, address: str) -> str:
    """Give the actor's session another secret, which proves who they are; the one before opens nothing any
    more. SignedOut when the session is over.
    """
    throttle.forgive(actor.login, address)
    secret = secrets.token_urlsafe(32)
    mine = update(Session).where(Session.id == actor.session_id, Session.revoked_at.is_(None))
    proven: dict[str, Any] = {"secret_hash": hash_of(secret), "proven_at": clock.now()}
    if _has_factor(actor.id):
        proven["second_factor_at"] = clock.now()
    if store.changed(mine.values(**proven)) != 1:
        raise SignedOut
    audit.record("session.proven", actor.id, f"person:{actor.id}", session=actor.session_id)
    return secret


def is_password_of(person_id: int, password: str) -> bool:
    """Whether it is this person's password."""
    return passwords.matches(_password_of(db.session.get(Person, person_id)), password)


def has_password(person_id: int) -> bool:
    """Whether there is one."""
    return db.session.get(Credential, person_id) is not None


@action
def record_failure(login: str, address: str) -> None:
    """Remember a failed sign-in for a quarter of an hour."""
    throttle.note_failure(login, address)
    person = by_login(login)
    if person is not None:
        audit.record("session.refused", None, f"person:{person.id}", address=address)


@action
def open_session(
    actor: Actor,
    *,
    login: str,
    address: str,
    device: str,
    second_factor: bool = False,
    provider_sid: str | None = None,
    proven: bool = True,
    browser: str = "",
) -> str:
    """A new session for a person who proved who they are, with `second_factor` twice; not `proven` when the
    proof was given to somebody else at some other time. `browser` is what it is known again by.

    Answers its secret, which is kept nowhere.
    """
    throttle.forgive(login, address)
    secret, now = secrets.token_urlsafe(32), clock.now()
    session = Session(
        secret_hash=hash_of(secret),
        person_id=actor.id,
        address=address,
        device=device[:200],
        seen_at=now,
        expires_at=now + LASTS,
        second_factor_at=now if second_factor else None,
        provider_sid=provider_sid,
        proven_at=now if proven else None,
    )
    db.session.add(session)
    db.session.flush()
    if browser:
        _meet_device(actor.id, session.id, browser)
    audit.record("session.opened", actor.id, f"person:{actor.id}", session=session.id, address=address)
    return secret


@action
def end_session(actor: Actor, session_id: int, *, why: str = "signed_out") -> None:
    """End one's own session, or as an admin anybody's; NotFound when it isn't there to end."""
    session = db.session.get(Session, session_id)
    if session is None or (session.person_id != actor.id and not can_manage_people(actor)):
        raise NotFound
    _end([session], why, actor.id)


@action
def end_all_sessions(actor: Actor | None, person_id: int, *, why: str, but: int | None = None) -> None:
    """End every session of a person, `but` one."""
    require(actor is None or actor.id == person_id or can_manage_people(actor))
    rows = select(Session).where(
        Session.person_id == person_id, Session.revoked_at.is_(None), Session.id != (but or 0)
    )
    _end(list(db.session.scalars(rows)), why, actor.id if actor else None)


@action
def set_password(
    actor: Actor | None, person: Person, password: str, *, keep_session: int | None = None
) -> None:
    """Give a person a password and end their other sessions. Invalid when it is too short or too easy to
    guess."""
    require(actor is None or actor.id == person.id or can_manage_people(actor))
    if (problem := passwords.weakness(password, _known_of(person))) is not None:
        raise Invalid(fields={"password": problem})
    credential = db.session.get(Credential, person.id)
    if credential is None:
        credential = Credential(person_id=person.id)
        db.session.add(credential)
    credential.hash, credential.changed_at = passwords.hashed(password), clock.now()
    db.session.flush()
    _forget_reset_links(person.id)
    audit.record("password.set", actor.id if actor else None, f"person:{person.id}")
    end_all_sessions(None, person.id, why="password_changed", but=keep_session)


@action
def make_reset_link(actor: Actor | None, person: Person) -> str:
    """A secret with which this person chooses a new password, once and within a day; earlier ones are worth
    nothing any more. It is answered here and kept nowhere. `actor` None is the console.
    """
    require(actor is None or can_manage_people(actor))
    _forget_reset_links(person.id)
    secret = secrets.token_urlsafe(32)
    link = ResetLink(
        secret_hash=hash_of(secret),
        person_id=person.id,
        by_id=actor.id if actor else None,
        expires_at=clock.now() + RESET_LASTS,
    )
    db.session.add(link)
    db.session.flush()
    audit.record("password.link", actor.id if actor else None, f"person:{person.id}")
    return secret


@action
def reset_password(secret: str, password: str, *, address: str) -> Actor:
    """Choose a new password with a link, once; every session ends, second factors stay.

    NotFound for a link that is unknown, used or over, for somebody who may not sign in, and where the gate
    doesn't let them in from: all the same. Invalid for a password that isn't taken; the link stays good then.
    """
    whose = reset_link_of(secret)
    mine = update(ResetLink).where(ResetLink.secret_hash == hash_of(secret), ResetLink.used_at.is_(None))
    who = of_person(whose) if whose is not None else None
    if who is None or gate.standing(who, canonical(address)).is_outside:
        raise NotFound
    if store.changed(mine.values(used_at=clock.now())) != 1:
        raise NotFound
    set_password(None, db.session.get_one(Person, who.id), password)
    return who


def change_password(actor: Actor, person: Person, *, old: str, new: str) -> None:
    """Change one's own password, proving the old one. Invalid when that doesn't match."""
    if not passwords.matches(_password_of(person), old):
        raise Invalid(fields={"old": _("This isn’t your present password.")})
    set_password(actor, person, new, keep_session=actor.session_id)


@action
def make_token(actor: Actor | None, person_id: int, *, name: str, expires_at: datetime | None = None) -> str:
    """A token for programs that act for a person; shown this once."""
    require(actor is None or actor.id == person_id)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(person_id=person_id, name=name, secret_hash=hash_of(secret), expires_at=expires_at)
    db.session.add(token)
    db.session.flush()
    audit.record("token.made", actor.id if actor else None, f"person:{person_id}", token=token.id)
    return secret


@action
def revoke_token(actor: Actor, token_id: int) -> None:
    """Programs can't use it any more; NotFound when it isn't one's own."""
    token = db.session.get(ApiToken, token_id)
    if token is None or (token.person_id != actor.id and not can_manage_people(actor)):
        raise NotFound
    token.revoked_at = clock.now()
    audit.record("token.revoked", actor.id, f"person:{token.person_id}", token=token.id)
    announce(SessionsEnded(person_id=token.person_id))


@action
def forget_the_old() -> None:
    """Forget browsers not seen for half a year, and links to choose a password that are over for a month."""
    now = clock.now()
    db.session.execute(delete(KnownDevice).where(KnownDevice.seen_at < now - DEVICES_FOR))
    db.session.execute(delete(ResetLink).where(ResetLink.expires_at < now - LINKS_FOR))


@action
def revoke_all_tokens(actor: Actor | None, person_id: int) -> None:
    """No program acts for this person any more, not even when they come back."""
    require(actor is None or actor.id == person_id or can_manage_people(actor))
    standing = update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    if store.changed(standing.values(revoked_at=clock.now())):
        audit.record("token.revoked", actor.id if actor else None, f"person:{person_id}", tokens="all")
        announce(SessionsEnded(person_id=person_id))


@action
def note_seen() -> None:
    """Write down when sessions and tokens were last used."""
    write_down_seen()


def _forget_reset_links(person_id: int) -> None:
    unused = update(ResetLink).where(ResetLink.person_id == person_id, ResetLink.used_at.is_(None))
    db.session.execute(unused.values(used_at=clock.now()))


def _wait_if_told(login: str, address: str) -> None:
    wait = throttle.wait_seconds(login, address)
    if wait:
        raise TooMany(retry_after=wait)


def _end(sessions: list[Session], why: str, by_id: int | None) -> None:
    for session in sessions:
        db.session.execute(
            update(Session)
            .where(Session.id == session.id, Session.revoked_at.is_(None))
            .values(revoked_at=clock.now(), why_revoked=why)
        )
        audit.record("session.ended", by_id, f"person:{session.person_id}", session=session.id, why=why)
    for person_id in {session.person_id for session in sessions}:
        announce(SessionsEnded(person_id=person_id))


def _of_ours(login: str, password: str) -> Actor | None:
    """Whose password this is here. Who is linked to the directory has theirs there, but for admins: they may
    have to come in while it is away.
    """
    person = by_login(login)
    is_right = passwords.matches(_password_of(person), password)
    if person is None or not is_right:
        return None
    return of_person(person.id) if person.is_admin or not is_linked(person.id, DIRECTORY) else None


def _asked(
    elsewhere: Elsewhere, login: str, password: str, address: str, *, guesses_ours: bool
) -> Actor | None:
    release()  # no connection waits while another server answers
    try:
        return elsewhere(login, password)
    except Unavailable:
        if guesses_ours:  # what was typed was no password of ours: that counts, whatever the directory says
            record_failure(login, address)
        raise


def _meet_device(person_id: int, session_id: int, browser: str) -> None:
    """Say it when this isn't the first browser of theirs, and wasn't seen before."""
    device, now = keys.mac("device", person_id, browser), clock.now()
    theirs = update(KnownDevice).where(KnownDevice.person_id == person_id)
    if store.changed(theirs.where(KnownDevice.device_hash == device).values(seen_at=now)):
        return
    has_others = db.session.scalar(
        select(KnownDevice.device_hash).where(KnownDevice.person_id == person_id).limit(1)
    )
    store.add_missing(KnownDevice, [{"person_id": person_id, "device_hash": device, "seen_at": now}])
    if has_others is not None:
        announce(NewDevice(person_id=person_id, session_id=session_id))


def _known_of(person: Person) -> list[str]:
    """What somebody who knows this person tries first."""
    company = [str(settings.get(name, "")) for name in ("company_name", "company_domain")]
    return [person.login, person.name, (person.email or "").partition("@")[0], *company]


def _has_factor(person_id: int) -> bool:
    has_app = select(Authenticator.person_id).where(Authenticator.person_id == person_id)
    has_key = select(Passkey.person_id).where(Passkey.person_id == person_id)
    return db.session.scalar(has_app.union_all(has_key).limit(1)) is not None


def _password_of(person: Person | None) -> str | None:
    credential = db.session.get(Credential, person.id) if person else None
    return credential.hash if credential else None
