from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.gate.address import Address, Networks
from app.gate.book import Book, Moment, Rule, Standing, opens_at
from app.gate.document import Document, read, simple
from app.gate.models import GateBook
from app.kernel import clock, settings
from app.kernel.db import db
from app.people.actor import Actor
from app.people.models import Person

VERSION, SETTLED, ZONE = "gate_version", "gate_settled", "time_zone"
OPERATOR, ADMIN = "operator", "admin"


class _Memory:
    """The operator's setting, and the book last read."""

    networks: tuple[str, ...] = ()
    zone = "Europe/Paris"
    book: Book | None = None
    key: tuple[Any, ...] = ()
    returns_at: datetime | None = None


def configure(networks: Sequence[str], zone: str) -> None:
    """What counts until an admin makes rules; called once, by the assembly."""
    _Memory.networks, _Memory.zone = tuple(networks), zone
    forget()


def now() -> Moment:
    """What the rules say at this moment. Made anew once a minute and after a change; otherwise no query."""
    return present().at(clock.now())


def standing(who: Actor, address: Address | None) -> Standing:
    """How somebody signed in stands with the gate now, from where they are."""
    return now().standing(who, address, second_factor=who.second_factor_at is not None)


def remembered() -> Book | None:
    """The rules that count, when it is known without asking the database that they still do."""
    known = settings.known()
    return _Memory.book if known is not None and not _is_outdated(_key(known)) else None


def work_begins_at() -> datetime | None:
    """When what is closed opens again, if that is known."""
    return opens_at(present(), clock.now())


def present() -> Book:
    """The rules that count; a change is seen within a second, like every setting."""
    book, key = _Memory.book, _key({name: settings.get(name) for name in (VERSION, SETTLED, ZONE)})
    if book is None or _is_outdated(key):
        row = _counting(db.session.get(GateBook, key[0], populate_existing=True) if key[0] else None)
        book = _book(row, key[0])
        returns_at = row.returns_at if row and not row.settled_at else None
        _Memory.book, _Memory.key, _Memory.returns_at = book, key, returns_at
    return book


def forget() -> None:
    """Read the rules afresh next time."""
    _Memory.book = None


def latest() -> GateBook | None:
    """The book saved last, as it is stored."""
    newest = select(GateBook).order_by(GateBook.number.desc()).limit(1)
    return db.session.scalar(newest.execution_options(populate_existing=True))


def history(limit: int = 20) -> Sequence[GateBook]:
    """The books saved last, newest first."""
    return db.session.scalars(select(GateBook).order_by(GateBook.number.desc()).limit(limit)).all()


def document() -> Document:
    """What admins stated, with logins for persons; empty while the operator's setting counts."""
    row = _counting(latest())
    return with_logins(row.document) if row else {}


def rules() -> list[Rule]:
    """The rules that admins stated, in order."""
    row = _counting(latest())
    return list(_book(row, row.number).rules) if row and row.document.get("rules") else []


def admitted() -> Networks:
    """Everything that somebody may be let in from at some time."""
    return present().networks()


def stated() -> tuple[str, ...]:
    """The operator's networks."""
    return _Memory.networks


def zone() -> str:
    """The company's time zone."""
    return _zone()


def returns_at() -> datetime | None:
    """When the rules of before come back, because an admin shut themselves out; None when they don't."""
    row = latest()
    if row is None or row.settled_at or row.returns_at is None or row.returns_at <= clock.now():
        return None
    return row.returns_at


def with_logins(given: Document) -> Document:
    """The document with logins in place of the numbers of persons."""
    ids = persons_of(given)
    rows = select(Person.id, Person.login).where(Person.id.in_(ids)) if ids else None
    names: dict[Any, Any] = dict(db.session.execute(rows).all()) if rows is not None else {}
    return renamed(given, {number: names.get(number, str(number)) for number in ids})


def with_ids(given: Document) -> tuple[Document, list[str]]:
    """The document with numbers in place of logins, and the logins that nobody has."""
    logins = persons_of(given)
    rows = select(Person.login, Person.id).where(Person.login.in_(logins)) if logins else None
    ids: dict[Any, Any] = dict(db.session.execute(rows).all()) if rows is not None else {}
    return renamed(given, ids), [login for login in logins if login not in ids]


def persons_of(given: Document) -> list[Any]:
    """Whoever is named in a document, each once."""
    named = [*(given.get("rules") or []), given.get("access") or {}]
    return list(dict.fromkeys(who for part in named for who in part.get("persons") or []))


def renamed(given: Document, names: dict[Any, Any]) -> Document:
    """The document with other names for persons; those without one are left out."""

    def part(of: dict[str, Any]) -> dict[str, Any]:
        if not of.get("persons"):
            return of
        return {**of, "persons": [names[who] for who in of["persons"] if who in names]}

    changed: Document = {**given, "rules": [part(rule) for rule in given.get("rules") or []]}
    return {**changed, "access": part(given["access"])} if given.get("access") else changed


def _counting(row: GateBook | None) -> GateBook | None:
    """The book that counts when this one is the newest: one that wasn't settled in time gives way."""
    if row is None or row.settled_at or row.returns_at is None or row.returns_at > clock.now():
        return row
    return db.session.get(GateBook, row.returns_to) if row.returns_to else None


def _book(row: GateBook | None, number: int) -> Book:
    if row is None and number and db.session.get(GateBook, number) is None:
        raise LookupError(f"the rules number {number} are missing: `flask gate reset` starts over")
    if row is None or not row.document.get("rules"):
        default = simple((network, "") for network in _Memory.networks)
        return read(default, zone=_zone(), number=number, stated_by=OPERATOR)
    return read(row.document, zone=_zone(), number=number, stated_by=ADMIN)


def _key(known: Mapping[str, Any]) -> tuple[Any, ...]:
    return known.get(VERSION) or 0, known.get(SETTLED) or 0, known.get(ZONE)


def _is_outdated(key: tuple[Any, ...]) -> bool:
    is_over = _Memory.returns_at is not None and _Memory.returns_at <= clock.now()
    return is_over or _Memory.key != key


def _zone() -> str:
    zone: str = settings.get(ZONE, _Memory.zone)
    return zone
