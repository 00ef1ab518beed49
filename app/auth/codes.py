"""Codes that prove a second factor: from an authenticator (TOTP, RFC 6238), or once from a recovery list."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.auth.models import Authenticator, RecoveryCode
from app.kernel import clock, keys
from app.kernel.db import db

STEP_SECONDS = 30
RECOVERY_CODES = 10
OFFER_LASTS = timedelta(minutes=15)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else on paper


def new_secret() -> str:
    """160 random bits in base32, as authenticators read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(secret: str, login: str, company: str) -> str:
    """What a QR code holds: an otpauth:// address."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=company)


def step_of(secret: str, code: str) -> int | None:
    """The 30-second step that this code belongs to: the present one, or one beside it for slow clocks."""
    import pyotp

    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP_SECONDS
    steps = [step for step in (now, now - 1, now + 1) if keys.same(totp.generate_otp(step), code)]
    return steps[0] if steps else None


def spend(person_id: int, typed: str) -> bool:
    """True when the code is right, once: a code seen by somebody else is worth nothing. Within an action."""
    code = "".join(typed.split()).replace("-", "").lower()
    if code.isascii() and code.isdigit():
        return _spend_step(person_id, code)
    return _spend_recovery(person_id, code)


def write_recovery_codes(person_id: int) -> list[str]:
    """A new list, shown once; the old one is worth nothing any more. Within an action."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    made = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash(person_id, code)) for code in made)
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _spend_step(person_id: int, code: str) -> bool:
    locked = db.session.scalar(select(Authenticator.secret).where(Authenticator.person_id == person_id))
    step = step_of(keys.unlock("totp", locked).decode(), code) if locked else None
    if step is None:
        return False
    later = update(Authenticator).where(Authenticator.person_id == person_id, Authenticator.last_step < step)
    return (
        db.session.execute(later.values(last_step=step).returning(Authenticator.person_id)).first()
        is not None
    )


def _spend_recovery(person_id: int, code: str) -> bool:
    mine = (RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _hash(person_id, code))
    gone = delete(RecoveryCode).where(*mine).returning(RecoveryCode.person_id)
    return db.session.execute(gone).first() is not None


def _hash(person_id: int, code: str) -> str:
    return keys.mac("recovery", person_id, code)
