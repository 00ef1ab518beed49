"""The one database handle, what every table shares, and the two ways into a transaction.

SQLite gets its own BEGIN (the driver's late one breaks savepoints), write-ahead logging and durable commits;
its writers queue on one process-wide lock, because a greenlet that waits inside SQLite stops the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Integer, MetaData, TypeDecorator, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.kernel import clock
from app.kernel.ids import new_id


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as microseconds since 1970 so that both databases sort and compare
    alike.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else clock.micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else clock.instant(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False}, engine_options={"pool_pre_ping": False}
)

if TYPE_CHECKING:  # the type checker sees plain declarative classes
    Model = Base
else:
    Model = db.Model

BigInt = BigInteger().with_variant(Integer, "sqlite")
PublicId = Annotated[int, mapped_column(BigInt, primary_key=True, default=new_id, autoincrement=False)]
SerialId = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]


class Timestamped:
    """Says since when the row exists."""

    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


_writing: ContextVar[bool] = ContextVar("writing", default=False)
_write_lock = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    """Within the block a transaction is one that writes; on SQLite one at a time in this process."""
    token = _writing.set(True)
    serial = is_sqlite()
    if serial:
        _write_lock.acquire()
    try:
        yield
    finally:
        if serial:
            _write_lock.release()
        _writing.reset(token)


def is_sqlite() -> bool:
    """True on the embedded database."""
    return bool(db.engine.dialect.name == "sqlite")


def engine_options(url: str) -> dict[str, Any]:
    """Pool settings for a database address: greenlets share few PostgreSQL connections, SQLite ones are
    cheap.
    """
    if url.startswith("sqlite"):
        return {
            "connect_args": {"check_same_thread": False, "timeout": 10},
            "pool_size": 20,
            "max_overflow": 40,
        }
    return {"pool_size": 10, "max_overflow": 10, "pool_timeout": 10, "pool_recycle": 1800}


@event.listens_for(Engine, "connect")
def _prepare(dbapi_connection: Any, _record: Any) -> None:
    if not dbapi_connection.__class__.__module__.startswith("sqlite3"):
        return
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-32768",
        "mmap_size=268435456",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if _writing.get():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # never waits and never fails: straight to the driver
        connection.connection.cursor().execute("BEGIN")
