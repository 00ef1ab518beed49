"""The same request twice has one effect and the same answer: the answer is stored in the transaction it
describes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import BigInteger, LargeBinary, String, Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.action import in_one_transaction
from app.kernel.db import Instant, Model, db, is_sqlite
from app.kernel.errors import Invalid


class Answer(Model):
    """What a person's request with this key was answered."""

    __tablename__ = "answers"
    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    location: Mapped[str] = mapped_column(Text, default="")
    mime: Mapped[str] = mapped_column(String(100), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    at: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True)
class Stored:
    """An answer as it was first given."""

    status: int
    location: str
    mime: str
    body: bytes


class _Known(Exception):
    """Somebody else has this key: leave the transaction and read their answer."""


def once(person_id: int, key: str, asked: bytes, answer: Callable[[], Stored]) -> Stored:
    """`answer()` in one transaction, or what it gave before for this person and key.

    Invalid when the key came earlier with another request. A refusal stores nothing: the request may be
    mended.
    """
    name, what = hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(asked).hexdigest()

    def first_time() -> Stored:
        if not _claim(person_id, name, what):
            raise _Known
        given = answer()
        row = db.session.get_one(Answer, (person_id, name))
        row.status, row.location, row.mime, row.body = given.status, given.location, given.mime, given.body
        return given

    try:
        return in_one_transaction(first_time)
    except _Known:
        return _earlier(person_id, name, what)


def prune(before: datetime) -> None:
    """Forget answers given before then. Called within an action."""
    db.session.execute(delete(Answer).where(Answer.at < before))


def _claim(person_id: int, key: str, asked: str) -> bool:
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    row = insert(Answer).values(
        person_id=person_id, key=key, asked=asked, at=clock.now(), location="", mime="", body=b""
    )
    claimed = row.on_conflict_do_nothing().returning(Answer.key)
    return db.session.scalar(claimed) is not None


def _earlier(person_id: int, key: str, asked: str) -> Stored:
    row = db.session.scalar(select(Answer).where(Answer.person_id == person_id, Answer.key == key))
    if row is None or row.status is None or row.asked != asked:
        raise Invalid(
            _("This request was already sent with other content. Reload the page and send it again.")
        )
    return Stored(row.status, row.location, row.mime, row.body)
