from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete

from app.gate.address import canonical
from app.gate.book import ALLOW, SECOND_FACTOR, Book
from app.gate.document import Document, is_simple, read, simple
from app.gate.events import GateChanged, GateNarrowed
from app.gate.models import GateBook, QuietHours
from app.gate.policy import can_manage_gate
from app.gate.queries import SETTLED, VERSION, latest, persons_of, stated, with_ids, zone
from app.kernel import audit, clock, settings
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Stale
from app.kernel.policy import require
from app.people.actor import Actor

RETURNS_AFTER = timedelta(minutes=10)


@action
def replace_rules(
    actor: Actor, networks: Sequence[tuple[str, str]], *, address: str, confirmed: bool = False
) -> Book:
    """Let everybody in from exactly these (network, name) from now on; as `replace` otherwise."""
    return replace(actor, simple(networks), address=address, confirmed=confirmed)


@action
def replace(
    actor: Actor, given: Document, *, address: str, confirmed: bool = False, version: int | None = None
) -> Book:
    """These rules count from now on; persons are named by login.

    Invalid for rules that can't be read, and, unless confirmed, for rules that shut out their author. Once
    confirmed, such rules are taken back after ten minutes unless somebody inside settles on them. Stale when
    the rules aren't those of `version` any more.
    """
    require(can_manage_gate(actor))
    before = _hold(version)
    document, book = checked(given)
    shut_out = bool(book.rules) and not keeps_in(book, actor, address)
    if shut_out and not confirmed:
        raise Invalid(
            fields={
                "confirm": _(
                    "This would lock you out: your address %(address)s isn't in it.", address=address
                )
            }
        )
    return _store(before, document, "saved", actor.id, shut_out=shut_out)


@action
def settle(actor: Actor, number: int) -> None:
    """Keep rules that shut out their author: said from inside, by an admin whom they let in.

    Conflict when they no longer are the newest, or gave way already.
    """
    require(can_manage_gate(actor))
    _hold(None)
    row = latest()
    if row is None or row.number != number or not row.returns_at or row.returns_at <= clock.now():
        raise Conflict
    if row.settled_at is None:
        row.settled_at = clock.now()
        settings.bump(SETTLED)
        audit.record("gate.settled", actor.id, "gate", number=number)
        announce(GateChanged(by_id=actor.id))


@action
def give_back(number: int) -> None:
    """Bring the rules of before back, unless these were settled on or others saved meanwhile."""
    before = _hold(None)
    row = latest()
    if row is None or row.number != number or row.settled_at or row.returns_at is None:
        return
    kept = db.session.get(GateBook, row.returns_to) if row.returns_to else None
    _store(before, kept.document if kept else {}, "returned", None)


@action
def allow(network: str, name: str = "") -> Book:
    """Let one more network in, from the console: beside the others, and before any rule that could refuse."""
    before = _hold(None)
    row = latest()
    known = row.document if row and row.document.get("rules") else simple((one, "") for one in stated())
    _document, _book = checked(simple([(network, name)]))
    added = simple([(network, name)])["rules"]
    rules = [*known["rules"], *added] if is_simple(known) else [*added, *known["rules"]]
    return _store(before, {**known, "rules": rules}, "allowed", None)


@action
def keep_quiet(actor: Actor, *, begin: int, end: int, weekends: bool) -> None:
    """One's own quiet hours, from a minute of the day until another; none when they are empty."""
    db.session.execute(delete(QuietHours).where(QuietHours.person_id == actor.id))
    if begin != end or weekends:
        db.session.add(QuietHours(person_id=actor.id, begin=begin, end=end, weekends=weekends))


@action
def reset(actor: Actor | None = None) -> None:
    """Forget every rule: the operator's setting counts again. From the console it is the way back in."""
    require(actor is None or can_manage_gate(actor))
    _store(_hold(None), {}, "reset", actor.id if actor else None)


def checked(given: Document) -> tuple[Document, Book]:
    """What is to be stored of a document that names persons by login, and what it means; or Invalid."""
    document, unknown = with_ids(given)
    if unknown:
        sentence = _("Nobody signs in as “%(login)s”.", login=str(unknown[0])[:64])
        raise Invalid(fields={_place_of(given, unknown[0]): sentence})
    return document, read(document, zone=zone())


def keeps_in(book: Book, actor: Actor, address: str) -> bool:
    """Whether an admin could go on working on these rules from where they are, as they are."""
    moment = book.at(clock.now())
    effect = moment.verdict(actor, canonical(address)).effect
    return effect == ALLOW or (effect == SECOND_FACTOR and actor.second_factor_at is not None)


def _hold(version: int | None) -> int:
    """The number of the newest book, nobody else adding one meanwhile."""
    settings.hold(VERSION)
    newest = latest()
    before = newest.number if newest else 0
    if version is not None and version != before:
        raise Stale
    return before


def _store(before: int, document: Document, why: str, by_id: int | None, *, shut_out: bool = False) -> Book:
    book = GateBook(number=before + 1, document=document, why=why, by_id=by_id)
    if shut_out:
        book.returns_to, book.returns_at = before or None, _later()
    db.session.add(book)
    settings.put(VERSION, book.number, by_id)
    db.session.flush()
    read_again = read(document, zone=zone(), number=book.number)
    networks = [str(network) for network in read_again.networks()]
    counts = {"rules": len(read_again.rules), "persons": len(persons_of(document))}
    told = {"number": book.number, "why": why, "networks": networks, "shut_out": shut_out}
    audit.record("gate.changed", by_id, "gate", **told, **counts)
    announce(GateChanged(by_id=by_id))
    if book.returns_at is not None and by_id is not None:
        announce(GateNarrowed(by_id=by_id, number=book.number, returns_at=book.returns_at))
    return read_again


def _later() -> datetime:
    return clock.now() + RETURNS_AFTER


def _place_of(given: Document, login: object) -> str:
    for number, rule in enumerate(given.get("rules") or []):
        if login in (rule.get("persons") or []):
            return f"rules.{number}.persons"
    return "access.persons"
