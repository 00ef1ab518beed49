"""The log that can't be altered unnoticed: append-only rows, each sealing the one before it.

h = SHA-256(chain | seq | prev | record), where `record` is the canonical JSON that is stored, byte for byte.
Entries gathered during an action are appended last, so that the one locked head row is held only while
committing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text, UniqueConstraint, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, store
from app.kernel.db import Instant, Model, SerialId, db
from app.kernel.reads import question

CHAIN = "main"
START = "0" * 64
_BATCH = 2_000


class AuditEntry(Model):
    """One act. Never updated, never deleted: the database refuses both."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("chain", "seq"), UniqueConstraint("chain", "prev"))
    id: Mapped[SerialId]
    chain: Mapped[str] = mapped_column(String(20))
    seq: Mapped[int] = mapped_column(BigInteger)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    act: Mapped[str] = mapped_column(String(60), index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)


class AuditHead(Model):
    """Where a chain ends; the row that writers lock."""

    __tablename__ = "audit_heads"
    chain: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class _Act:
    act: str
    actor_id: int | None
    subject: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Break:
    """The first link that doesn't hold."""

    seq: int
    why: str


_collected: ContextVar[list[_Act] | None] = ContextVar("collected_acts", default=None)
_speaker: ContextVar[str] = ContextVar("speaker", default="")


def record(act: str, actor_id: int | None, subject: str, **data: Any) -> None:
    """Note an act for the log; it is stored with the transaction that it belongs to, or not at all.

    `actor_id` None means the product itself or the console; `subject` is "kind:id".
    """
    acts = _collected.get()
    if acts is None:
        raise RuntimeError(f"{act} recorded outside an action")
    speaker = _speaker.get()
    by = {"by": speaker} if speaker and actor_id is None else {}
    acts.append(_Act(act, actor_id, subject, clock.now(), {**by, **data}))


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Within the block, what nobody in particular does is done by a program of this name."""
    token = _speaker.set(name)
    try:
        yield
    finally:
        _speaker.reset(token)


@contextmanager
def collecting() -> Iterator[None]:
    """Gather acts until they are `collected`."""
    token = _collected.set([])
    try:
        yield
    finally:
        _collected.reset(token)


def collected() -> list[tuple[store.Order, store.Given]]:
    """What appends the gathered, in order, behind the head, which is locked from now on."""
    acts = _collected.get()
    if not acts:
        return []
    head = _head().first()
    seq, prev = head if head else _first_head()
    rows = []
    for act in acts:
        seq += 1
        rows.append(_row(act, seq, prev))
        prev = rows[-1]["hash"]
    acts.clear()
    appended = store.adding_each(AuditEntry, rows, ["id"])
    return [appended, (_move_head(), {"to_seq": seq, "to_hash": prev})]


@question
def _head() -> Any:
    return select(AuditHead.seq, AuditHead.hash).where(AuditHead.chain == CHAIN).with_for_update()


@store.order
def _move_head() -> Any:
    heads = store.table(AuditHead)
    return (
        update(heads).where(heads.c.chain == CHAIN).values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))
    )


def verify(chain: str = CHAIN) -> Break | None:
    """Walk the chain from its start: None when whole, else the first broken link. It may grow meanwhile."""
    seq, prev, head = 0, START, None
    while rows := _after(chain, seq):
        for row in rows:
            why = _fault(row, seq + 1, prev)
            if why:
                return Break(seq + 1, why)
            seq, prev = row.seq, row.hash
        time.sleep(0)  # a long chain lets others be answered in between
        head = db.session.get(AuditHead, chain, populate_existing=True)
    head = head or db.session.get(AuditHead, chain, populate_existing=True)
    if head is None:
        return None if seq == 0 else Break(seq, "the head row is missing")
    if (head.seq, head.hash) != (seq, prev):
        return Break(seq + 1, "the last entries are missing or the head was changed")
    return None


def length(chain: str = CHAIN) -> int:
    """How many entries a chain has."""
    head = db.session.get(AuditHead, chain, populate_existing=True)
    return head.seq if head else 0


def digest(chain: str, seq: int, prev: str, record: str) -> str:
    """The seal of one entry, 64 hexadecimal characters."""
    return hashlib.sha256(f"{chain}|{seq}|{prev}|{record}".encode()).hexdigest()


def _first_head() -> tuple[int, str]:
    db.session.execute(insert(AuditHead).values(chain=CHAIN, seq=0, hash=START))
    return 0, START


def _row(act: _Act, seq: int, prev: str) -> dict[str, Any]:
    text = json.dumps(
        {
            "act": act.act,
            "actor": act.actor_id,
            "at": clock.micros(act.at),
            "data": act.data,
            "subject": act.subject,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=str,
    )
    return {
        "chain": CHAIN,
        "seq": seq,
        "prev": prev,
        "hash": digest(CHAIN, seq, prev, text),
        "record": text,
        "at": act.at,
        "act": act.act,
        "actor_id": act.actor_id,
        "subject": act.subject,
    }


def _after(chain: str, seq: int) -> Sequence[AuditEntry]:
    page = select(AuditEntry).where(AuditEntry.chain == chain, AuditEntry.seq > seq).order_by(AuditEntry.seq)
    return db.session.scalars(page.limit(_BATCH).execution_options(populate_existing=True)).all()


def _fault(row: AuditEntry, seq: int, prev: str) -> str:
    if row.seq != seq:
        return f"entry {seq} is missing"
    if row.prev != prev:
        return "it doesn't follow the entry before it"
    if row.hash != digest(row.chain, row.seq, row.prev, row.record):
        return "its content was changed"
    told = json.loads(row.record)
    shown = (row.act, row.actor_id, row.subject, clock.micros(row.at))
    if shown != (told["act"], told["actor"], told["subject"], told["at"]):
        return "its columns were changed"
    return ""
