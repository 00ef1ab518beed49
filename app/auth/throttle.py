"""How long to wait after failed sign-ins: growing, never for ever, so that nobody can lock somebody else
out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from app.auth.models import SignInFailure
from app.kernel import clock, keys
from app.kernel.db import db

WINDOW = timedelta(minutes=15)
LONGEST_WAIT = 300
FREE_PAIR, FREE_ADDRESS, FREE_ACCOUNT = 5, 40, 25
LONGEST_ACCOUNT_WAIT = 20


def wait_seconds(login: str, address: str) -> int:
    """Seconds until this account may be tried again from this address; 0 when it may now."""
    now = clock.now()
    waits = (
        _wait(_pair(login, address), FREE_PAIR, LONGEST_WAIT),
        _wait(_address(address), FREE_ADDRESS, LONGEST_WAIT),
        _wait(_account(login), FREE_ACCOUNT, LONGEST_ACCOUNT_WAIT),
    )
    left = [last + timedelta(seconds=seconds) - now for seconds, last in waits if seconds]
    return max((max(0, -(-span // timedelta(seconds=1))) for span in left), default=0)


def note_failure(login: str, address: str) -> None:
    """Count one more, within an action; old ones are forgotten."""
    now = clock.now()
    db.session.execute(delete(SignInFailure).where(SignInFailure.at < now - WINDOW))
    for what in (_pair(login, address), _address(address), _account(login)):
        db.session.add(SignInFailure(what=what, at=now))


def forgive(login: str, address: str) -> None:
    """A success clears the account from this address."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.what == _pair(login, address)))


def _wait(what: str, free: int, longest: int) -> tuple[int, datetime]:
    count, last = db.session.execute(
        select(func.count(), func.max(SignInFailure.at)).where(
            SignInFailure.what == what, SignInFailure.at > clock.now() - WINDOW
        )
    ).one()
    return (min(longest, 2 ** min(count - free, 12)), last) if count >= free else (0, clock.EPOCH)


def _pair(login: str, address: str) -> str:
    return keys.mac("throttle", "pair", login.strip().lower(), address)


def _address(address: str) -> str:
    return keys.mac("throttle", "address", address)


def _account(login: str) -> str:
    return keys.mac("throttle", "account", login.strip().lower())
