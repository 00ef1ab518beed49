from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update

from app.auth.models import ApiToken, Identity, ResetLink, Session
from app.gate.address import canonical
from app.gate.simulation import SignIn
from app.kernel import clock
from app.kernel.db import db
from app.kernel.reads import question
from app.people.actor import COLUMNS, Actor, from_row
from app.people.models import Person

IDLE = timedelta(hours=12)
LASTS = timedelta(days=7)
MOST_SIGN_INS = 20_000

_seen: dict[int, datetime] = {}
_used: dict[int, datetime] = {}


def hash_of(secret: str) -> str:
    """How a session's or token's secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of_session(secret: str) -> Actor | None:
    """Who is signed in with this secret, if the session still stands."""
    row = _by_session().first(secret=hash_of(secret), now=clock.now())
    if row is None or max(row.seen_at, _seen.get(row.session_id, row.seen_at)) < clock.now() - IDLE:
        return None
    _seen[row.session_id] = clock.now()
    return from_row(
        row,
        session_id=row.session_id,
        second_factor_at=row.second_factor_at,
        proven_at=row.proven_at,
    )


def actor_of_token(secret: str) -> Actor | None:
    """Whom a program acts for with this token, if it still stands."""
    now = clock.now()
    row = _by_token().first(secret=hash_of(secret), now=now)
    if row is None:
        return None
    _used[row.token_id] = now
    return from_row(row, token_id=row.token_id)


def standing_sessions(ids: Sequence[int]) -> dict[int, Actor]:
    """Those of these sessions that still stand, with who they are now; two queries at most."""
    rows = db.session.execute(
        select(Session.id.label("session_id"), Session.second_factor_at, *COLUMNS)
        .join(Person, Person.id == Session.person_id)
        .where(Session.id.in_(ids), *_standing())
    )
    found = {
        row.session_id: from_row(row, session_id=row.session_id, second_factor_at=row.second_factor_at)
        for row in rows
    }
    return {number: person for number, person in found.items() if person is not None}


def standing_tokens(ids: Sequence[int]) -> dict[int, Actor]:
    """Those of these tokens that still stand, with who they act for now."""
    rows = db.session.execute(
        select(ApiToken.id.label("token_id"), *COLUMNS)
        .join(Person, Person.id == ApiToken.person_id)
        .where(ApiToken.id.in_(ids), *_usable(clock.now()))
    )
    found = {row.token_id: from_row(row, token_id=row.token_id) for row in rows}
    return {number: person for number, person in found.items() if person is not None}


def standing_actor(who: Actor) -> Actor | None:
    """The same person now, if the session or token they came with still stands."""
    if who.session_id is not None:
        return standing_sessions([who.session_id]).get(who.session_id)
    return standing_tokens([who.token_id]).get(who.token_id) if who.token_id is not None else None


def sessions_of(person_id: int) -> Sequence[Session]:
    """Sessions of a person that still stand, newest first."""
    mine = (
        select(Session).where(Session.person_id == person_id, *_standing()).order_by(Session.seen_at.desc())
    )
    return db.session.scalars(mine).all()


def all_sessions(limit: int = 200) -> Sequence[tuple[Session, Person]]:
    """Every session that stands, for admins."""
    rows = select(Session, Person).join(Person, Person.id == Session.person_id).where(*_standing())
    return [(s, p) for s, p in db.session.execute(rows.order_by(Session.seen_at.desc()).limit(limit))]


def sign_ins(since: datetime, limit: int = MOST_SIGN_INS) -> list[SignIn]:
    """Who came in since then and from where, the latest of them; whoever may not act any more is left out."""
    rows = (
        select(
            Session.id.label("session_id"), Session.created_at, Session.address, Session.revoked_at,
            Session.expires_at, Session.second_factor_at, *COLUMNS,
        )
        .join(Person, Person.id == Session.person_id)
        .where(Session.created_at >= since)
        .order_by(Session.created_at.desc(), Session.id.desc())
        .limit(limit)
    )  # fmt: skip
    now, found = clock.now(), []
    for row in db.session.execute(rows):
        who = from_row(row, session_id=row.session_id, second_factor_at=row.second_factor_at)
        where = canonical(row.address)
        if who is not None and where is not None:
            is_open = row.revoked_at is None and row.expires_at > now
            found.append(SignIn(who, where, row.created_at, is_open))
    return found


def tokens_of(person_id: int) -> Sequence[ApiToken]:
    """Tokens of a person that weren't revoked."""
    mine = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return db.session.scalars(mine.order_by(ApiToken.created_at.desc())).all()


def is_linked(person_id: int, issuer: str) -> bool:
    """True when the identity provider or directory of this name knows the person."""
    linked = select(Identity.subject).where(Identity.person_id == person_id, Identity.issuer == issuer)
    return db.session.scalar(linked.limit(1)) is not None


def reset_link_of(secret: str) -> int | None:
    """Whose password may be chosen anew with this secret; None when it is unknown, used or over."""
    unused = (ResetLink.used_at.is_(None), ResetLink.expires_at > clock.now())
    rows = select(ResetLink.person_id).where(ResetLink.secret_hash == hash_of(secret), *unused)
    return db.session.scalar(rows)


def write_down_seen() -> None:
    """Store when sessions and tokens were last used, gathered meanwhile; within an action."""
    seen, used = dict(_seen), dict(_used)
    _seen.clear()
    _used.clear()
    for session_id, at in seen.items():
        db.session.execute(update(Session).where(Session.id == session_id).values(seen_at=at))
    for token_id, at in used.items():
        db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


@question
def _by_session() -> Any:
    rows = select(
        Session.id.label("session_id"),
        Session.seen_at,
        Session.second_factor_at,
        Session.proven_at,
        *COLUMNS,
    )
    rows = rows.join(Person, Person.id == Session.person_id)
    return rows.where(Session.secret_hash == bindparam("secret"), *_standing(bindparam("now")))


@question
def _by_token() -> Any:
    rows = select(ApiToken.id.label("token_id"), *COLUMNS)
    rows = rows.join(Person, Person.id == ApiToken.person_id)
    return rows.where(ApiToken.secret_hash == bindparam("secret"), *_usable(bindparam("now")))


def _standing(now: Any = None) -> tuple[ColumnElement[bool], ...]:
    return (Session.revoked_at.is_(None), Session.expires_at > (clock.now() if now is None else now))


def _usable(now: Any) -> tuple[ColumnElement[bool], ...]:
    return (ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now))


def last_entries(limit: int = 50) -> Sequence[Any]:
    """The sessions opened last, newest first: rows (person_id, address)."""
    newest = select(Session.person_id, Session.address).order_by(Session.id.desc()).limit(limit)
    return db.session.execute(newest).all()
