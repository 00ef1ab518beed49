"""Keys derived from the operator's secret, one for each purpose, and what is sealed with them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from functools import lru_cache
from typing import Any

from app.kernel import clock

_secret = b""
_HALF = (1 << 64) - 1


def configure(secret: str) -> None:
    """Set the operator's secret; called once, by the assembly."""
    global _secret
    _secret = hashlib.sha256(secret.encode()).digest()
    key.cache_clear()


@lru_cache(256)
def key(purpose: str) -> bytes:
    """32 bytes for one purpose; knowing one tells nothing about another."""
    return hmac.digest(_secret, purpose.encode(), "sha256")


def mac(purpose: str, *parts: object) -> str:
    """A short authenticator (128 bits, URL-safe) over the parts, unambiguous about where each ends."""
    message = json.dumps([str(part) for part in parts]).encode()
    return _b64(hmac.digest(key(purpose), message, "sha256")[:16])


def same(left: str, right: str) -> bool:
    """Constant-time comparison."""
    return hmac.compare_digest(left.encode(), right.encode())


def seal(purpose: str, value: Any, *, lasts: timedelta) -> str:
    """An opaque, authenticated, expiring token that holds `value` (JSON); not secret to who decodes it."""
    step = 3600 if lasts >= timedelta(days=1) else 1  # so that a list that is the same says the same (ETag)
    until = (clock.micros(clock.now() + lasts) // 1_000_000 // step + 1) * step
    body = _b64(json.dumps([until, value], separators=(",", ":")).encode())
    return f"{body}.{mac(purpose, body)}"


def unseal(purpose: str, token: str) -> Any:
    """What `seal` was given; ValueError if forged, for another purpose, or expired."""
    body, _, signature = token.partition(".")
    if not same(signature, mac(purpose, body)):
        raise ValueError("forged")
    until, value = json.loads(_unb64(body))
    if until * 1_000_000 < clock.micros(clock.now()):
        raise ValueError("expired")
    return value


def lock(purpose: str, secret: bytes) -> str:
    """A secret as it may lie in a database: enciphered and authenticated (Fernet) for one purpose."""
    from cryptography.fernet import Fernet  # costs 40 ms of the start, and few requests need it

    return Fernet(base64.urlsafe_b64encode(key(purpose))).encrypt(secret).decode()


def unlock(purpose: str, locked: str) -> bytes:
    """What `lock` was given; ValueError when the operator's secret or the text changed."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(base64.urlsafe_b64encode(key(purpose))).decrypt(locked.encode())
    except InvalidToken as problem:
        raise ValueError("not locked by us") from problem


def hide(purpose: str, high: int, low: int) -> str:
    """Two 64-bit numbers as 22 characters that say nothing about their order or distance.

    Four Feistel rounds over keyed BLAKE2b (Luby and Rackoff, 1988).
    """
    secret = key(purpose)
    for turn in range(4):
        high, low = low, high ^ _round(secret, turn, low)
    return _b64(high.to_bytes(8) + low.to_bytes(8))


def reveal(purpose: str, token: str) -> tuple[int, int]:
    """The two numbers given to `hide`; ValueError when it isn't such a token at all."""
    raw = _unb64(token)
    if len(raw) != 16:
        raise ValueError("not a token")
    high, low = int.from_bytes(raw[:8]), int.from_bytes(raw[8:])
    secret = key(purpose)
    for turn in (3, 2, 1, 0):
        high, low = low ^ _round(secret, turn, high), high
    return high, low


def _round(secret: bytes, turn: int, half: int) -> int:
    digest = hashlib.blake2b(half.to_bytes(8), key=secret, salt=turn.to_bytes(16), digest_size=8).digest()
    return int.from_bytes(digest) & _HALF


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
