from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.api import shapes
from app.api.declare import Given, endpoint, expected_version
from app.auth.queries import sign_ins
from app.gate import actions, queries, words
from app.gate.address import Address, canonical
from app.gate.book import OFF, Book
from app.gate.document import Document, simple
from app.gate.policy import can_manage_gate
from app.gate.simulation import LOOK_BACK, Cut, forecast
from app.kernel import clock
from app.kernel.errors import Invalid, PreconditionFailed, Stale
from app.kernel.http import actor, address, heavy
from app.kernel.inputs import moment as read_moment
from app.kernel.openapi import Schema, answer, boolean, many, maybe, number, obj, one_of, ref, string
from app.kernel.policy import require
from app.people.actor import Actor, of_person
from app.people.queries import by_login

bp = Blueprint("gate", __name__)
_RULE = obj(**{
    **{name: schema for name, schema in shapes.RULE["properties"].items() if name != "sentence"},
    "network": maybe(string(80)),
    "persons": many(string(64, 1), 500),
    "sites": many(string(120, 1), 100),
})  # fmt: skip
_BOOK: dict[str, Schema] = {
    "rules": many(_RULE, 200),
    "places": many(shapes.PLACE, 100),
    "hours": many(shapes.HOURS, 100),
    "holidays": many(string(10, 1), 366),
    "access": shapes.ACCESS,
    "time_zone": string(60),
}
_NETWORKS = maybe(many(string(80, 1), 200))
_ANSWER = obj(
    "address", "admitted",
    address=string(), admitted=boolean(), effect=one_of("allow", "read_only", "second_factor", "refuse"),
    rule=maybe(number()), sentence=maybe(string()), closed=boolean(),
    forecast=answer(looked_at=number(), past=many(ref("GateCut")), now=many(ref("GateCut")),
                    later=many(ref("GateCut"))),
)  # fmt: skip


@bp.get("/gate/rules")
@endpoint("Who is let in, from where and when (admins)", gives={200: ref("Gate")})
def index() -> ResponseReturnValue:
    """What admins defined, and what counts now."""
    require(can_manage_gate(actor()))
    return _gate()


@bp.put("/gate/rules")
@endpoint("Let in by exactly these rules (admins)", is_versioned=True,
          takes=obj("rules", confirm=boolean(), **_BOOK), gives={200: ref("Gate")})  # fmt: skip
@heavy
def replace(given: Given) -> ResponseReturnValue:
    """`confirm` when one shuts oneself out: such rules end after ten minutes unless settled on."""
    confirmed, version = given.get("confirm", False), expected_version()
    try:
        actions.replace(actor(), _document(given), address=address(), confirmed=confirmed, version=version)
    except Stale as problem:
        raise PreconditionFailed from problem
    return _gate()


@bp.post("/gate/rules/<int:version>/settle")
@endpoint("Keep rules that shut out their author, said from inside (admins)", gives={204: None},
          refuses=(409,))  # fmt: skip
@heavy
def settle(version: int) -> ResponseReturnValue:
    """They don't end by themselves any more."""
    actions.settle(actor(), version)
    return "", 204


@bp.post("/gate/simulate")
@endpoint(
    "Would this address, or this person from there, be let in: now, at another time, by other rules (admins)",
    takes=obj(
        "address", address=string(80, 1), networks=_NETWORKS, person=string(254, 1), at=string(40, 1),
        proposed=obj("rules", **_BOOK),
    ),
    gives={200: _ANSWER},
)  # fmt: skip
def simulate(given: Given) -> ResponseReturnValue:
    """Nothing changes. With `proposed`, also who of the last 30 days' sign-ins would be cut."""
    require(can_manage_gate(actor()))
    where = canonical(given["address"].strip())
    if where is None:
        raise Invalid(fields={"address": _("Give an address such as 10.1.2.3 or 2001:db8::1.")})
    book, at = _book(given), _instant(given.get("at"))
    if "person" in given:
        told = _of_person(book, _person(given["person"]), where, at)
    else:
        told = {"address": str(where), "admitted": book.at(at).wall(where).admits}
    return {**told, "forecast": _forecast(book)} if "proposed" in given else told


def _book(given: Given) -> Book:
    if "proposed" in given:
        return actions.checked(_document(given["proposed"]))[1]
    if given.get("networks") is None:
        return queries.present()
    try:
        return actions.checked(simple((network, "") for network in given["networks"]))[1]
    except Invalid as problem:
        raise Invalid(fields={"networks": next(iter(problem.fields.values()))}) from problem


def _of_person(book: Book, who: Actor, where: Address, at: datetime) -> dict[str, Any]:
    standing = book.at(at).standing(who, where, second_factor=False)
    rule = standing.place
    return {
        "address": str(where), "admitted": not (standing.is_outside or standing.is_closed),
        "effect": standing.effect, "rule": None if rule is None else rule + 1, "closed": standing.is_closed,
        "sentence": None if rule is None else words.sentence(book.rules[rule], words.names_in(book)),
    }  # fmt: skip


def _forecast(book: Book) -> dict[str, Any]:
    now = clock.now()
    seen = forecast(book, sign_ins(now - LOOK_BACK), now, beside=queries.present())
    lists = {"past": seen.past, "now": seen.now, "later": seen.later}
    return {"looked_at": seen.looked_at, **{key: [_cut(one) for one in cuts] for key, cuts in lists.items()}}


def _cut(cut: Cut) -> dict[str, Any]:
    place = cut.standing.place
    return {
        "person": {"id": cut.who.id, "name": cut.who.name}, "address": str(cut.address),
        "at": cut.at.isoformat(), "times": cut.times, "rule": None if place is None else place + 1,
        "effect": "closed" if cut.standing.is_closed else cut.standing.effect,
    }  # fmt: skip


def _person(login: str) -> Actor:
    found = by_login(login)
    who = of_person(found.id) if found else None
    if who is None:
        raise Invalid(fields={"person": _("Nobody signs in as “%(login)s”.", login=login[:64])})
    return who


def _instant(raw: str | None) -> datetime:
    if raw is None:
        return clock.now()
    try:
        instant: datetime = read_moment()(raw)
    except ValueError as problem:
        raise Invalid(fields={"at": str(problem)}) from problem
    return instant


def _document(given: Given) -> Document:
    return {key: given[key] for key in _BOOK if key in given}


def _gate() -> dict[str, Any]:
    document, book, row = queries.document(), queries.present(), queries.latest()
    g.version = row.number if row else 0
    names = words.names_in(book)
    returns = queries.returns_at()
    return {
        "version": g.version,
        "rules": [
            {**_plain(rule), "sentence": words.sentence(read, names)}
            for rule, read in zip(document.get("rules") or [], queries.rules(), strict=True)
        ],
        "stated_by": book.stated_by,
        "networks": [str(network) for network in book.networks()],
        "time_zone": str(book.zone),
        "places": document.get("places") or [],
        "hours": document.get("hours") or [],
        "holidays": document.get("holidays") or [],
        "access": document.get("access") or {"mode": OFF},
        "returns_at": returns.isoformat() if returns else None,
    }


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    """Every field, those left out as nothing."""
    lists = ("places", "roles", "segments", "sites", "persons")
    return {
        "network": rule.get("network") or "",
        "name": rule.get("name") or "",
        "effect": rule.get("effect") or "allow",
        **{key: rule.get(key) or [] for key in lists},
        **{key: rule.get(key) or None for key in ("hours", "valid_from", "valid_to")},
    }
