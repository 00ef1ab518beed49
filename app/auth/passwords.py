"""Argon2id (RFC 9106), beside the request; the same work whether an account exists or not."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from app.kernel.cpu import apart
from app.kernel.errors import Invalid
from app.kernel.inputs import Reader, parse

SHORTEST, LONGEST = 12, 200
FEWEST_GUESSES = 10**8  # below, a stolen hash is opened in hours
_READ = 72  # characters that are weighed: what comes after makes nothing easier
_LEAST_OWN = 8
_WORD, _LETTERS = re.compile(r"[^\W_]{3,}"), re.compile(r"[^\W_]+")
_hasher = PasswordHasher()
_nobody = ""


def configure(*, cheap: bool) -> None:
    """Choose the cost; cheap is for tests only."""
    global _hasher, _nobody
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()
    _nobody = _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """What to store."""
    return apart(_hasher.hash, password)


def matches(stored: str | None, password: str) -> bool:
    """Compare, taking the same time when nothing is stored."""
    return apart(_verify, stored or _nobody, password) and stored is not None


def weakness(password: str, about: Iterable[str]) -> str | None:
    """Why a password isn't taken, as a sentence; None when it is.

    Beside its length counts how many guesses it takes somebody who tries common passwords and words, in
    English and French, what is on keyboards, dates, and what is known of the person (`about`).
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return _("Choose a password of %(least)d characters or more.", least=SHORTEST)
    known = _words(about)
    if _is_made_of(known, password) or apart(_guesses, password[:_READ], known) < FEWEST_GUESSES:
        return _(
            "This is too easy to guess: names, common words, dates and sequences are tried first. "
            "Several words that have nothing to do with each other are safe, and easy to remember."
        )
    return None


def typed() -> Reader:
    """A password as it was typed: neither trimmed nor cleaned."""

    def read(raw: Any) -> str:
        if not isinstance(raw, str) or not raw or len(raw) > LONGEST:
            raise ValueError(_("Write something here."))
        return raw

    return read


def typed_twice(source: Mapping[str, Any]) -> str:
    """A new password in the fields `password` and `again`; Invalid when they differ."""
    given = parse(source, password=typed(), again=typed())
    if given["password"] != given["again"]:
        raise Invalid(fields={"again": _("These two aren’t the same.")})
    return str(given["password"])


def generated() -> str:
    """A password to hand over once: 20 characters, about 119 bits."""
    return secrets.token_urlsafe(15)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def _is_made_of(known: list[str], password: str) -> bool:
    """Hardly anything is left of it without what is known of the person."""
    left = bare = "".join(_LETTERS.findall(password.casefold()))
    for word in sorted(known, key=len, reverse=True):
        left = left.replace("".join(_LETTERS.findall(word)) or " ", "")
    return left != bare and len(left) < _LEAST_OWN


def _guesses(password: str, words: list[str]) -> float:
    from zxcvbn import zxcvbn  # 15 MB and 50 ms that few processes need

    return float(zxcvbn(password, user_inputs=[*words, *_common()])["guesses"])


def _words(about: Iterable[str]) -> list[str]:
    """What is tried first of what is known: whole, and word by word."""
    known = [text.casefold() for text in about if text]
    parts = [part for text in known for part in _WORD.findall(text)]
    joined = ["".join(_WORD.findall(text)) for text in known]
    return [word for word in dict.fromkeys([*known, *joined, *parts]) if len(word) > 2]


@cache
def _common() -> tuple[str, ...]:
    """What French speakers choose."""
    return tuple(Path(__file__).with_name("common.txt").read_text().split())
