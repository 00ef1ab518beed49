"""Who may come in, from where and when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.pages.guard import admin
from app.gate import actions, queries, words
from app.gate.address import canonical, parse_networks
from app.gate.book import Book, Rule
from app.gate.document import is_simple
from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.http import actor, address, form, heavy
from app.people.actor import of_person
from app.people.queries import by_login

bp = Blueprint("gate", __name__, url_prefix="/gate")
_MOST_CALLERS = 12
_LONGEST = 20_000


@bp.get("")
def show() -> ResponseReturnValue:
    """The rules that count, the admin as the product sees them, and what anybody would be told."""
    admin()
    return _page(tried=_tried() if request.args.get("address") else None)


@bp.post("")
@heavy
def change() -> ResponseReturnValue:
    """Let everybody in from exactly these networks; asked twice when it would shut out whoever asks."""
    who, typed = admin(), form()
    lines = str(typed.get("networks", ""))[:_LONGEST]
    try:
        actions.replace_rules(who, _read(lines), address=address(), confirmed=typed.get("confirm") == "1")
    except Invalid as refusal:
        errors = {field if field == "confirm" else "networks": text for field, text in refusal.fields.items()}
        return _page(lines=lines, errors=errors), refusal.status
    return redirect("/admin/gate?done=saved", code=303)


@bp.post("/settle")
def settle() -> ResponseReturnValue:
    """Keep rules that shut out their author: whoever reads this is let in by them."""
    number = str(form().get("number", ""))
    actions.settle(admin(), int(number) if number.isdigit() and len(number) < 9 else 0)
    return redirect("/admin/gate?done=saved", code=303)


@bp.post("/reset")
@heavy
def reset() -> ResponseReturnValue:
    """Back to the operator's networks, unless they would shut out whoever asks."""
    who = admin()
    if canonical(address()) not in parse_networks(queries.stated()):
        sentence = _(
            "The configuration's networks don't hold your address: this is done on the server's console."
        )
        return _page(errors={"networks": sentence}), 422
    actions.reset(who)
    return redirect("/admin/gate?done=saved", code=303)


def lines_of(book: Book) -> list[dict[str, Any]]:
    """Every rule as a line of the table."""
    names, counting = words.names_in(book), {place for place, _rule in book.at(clock.now()).rules}
    return [_line(place, rule, names, place in counting) for place, rule in enumerate(book.rules)]


def _line(place: int, rule: Rule, names: dict[int, str], counts_now: bool) -> dict[str, Any]:
    who = words.whom(rule, names)
    return {
        "number": place + 1,
        "effect": rule.effect,
        "word": words.effect(rule.effect),
        "who": who[:1].upper() + who[1:],
        "where": words.where(rule),
        "when": words.when(rule),
        "name": rule.name if not rule.network else "",
        "sentence": words.sentence(rule, names),
        "counts_now": counts_now,
    }


def _read(lines: str) -> list[tuple[str, str]]:
    pairs = [line.split(None, 1) for line in lines.splitlines() if line.strip()]
    if not pairs:
        raise Invalid(fields={"networks": _("Write one network or more.")})
    return [(pair[0], pair[1].strip() if len(pair) > 1 else "") for pair in pairs]


def _page(
    *, lines: str | None = None, errors: dict[str, str] | None = None, tried: dict[str, Any] | None = None
) -> str:
    book, row, wall = queries.present(), queries.latest(), current_app.extensions["wall"]
    typed = "\n".join(f"{rule.network} {rule.name}".strip() for rule in book.rules)
    return render_template(
        "admin/gate.html",
        rules=lines_of(book),
        is_default=book.stated_by == queries.OPERATOR,
        is_simple=is_simple(queries.document()),
        lines=lines if lines is not None else typed,
        here=_here(book),
        refused=_callers(wall.denials.counts()),
        strange=_callers(wall.ignored_forwarding.counts()),
        returns_at=queries.returns_at(),
        number=row.number if row else 0,
        access=book.access,
        work=words.hours(book.access.hours) if book.access.hours else "",
        zone=str(book.zone),
        tried=tried,
        asked={key: request.args.get(key, "")[:254] for key in ("address", "login", "at")},
        errors=errors or {},
    )


def _here(book: Book) -> dict[str, Any]:
    me, peer = address(), str(request.environ.get("parvis.peer", ""))
    place = book.at(clock.now()).verdict(actor(), canonical(me)).place
    proxied = canonical(peer) != canonical(me)
    via = current_app.config["SETTINGS"].forwarded_header if proxied else None
    sentence = words.sentence(book.rules[place], words.names_in(book)) if place is not None else ""
    return {
        "address": me, "place": None if place is None else place + 1, "peer": peer, "via": via,
        "sentence": sentence, "trusted": current_app.config["SETTINGS"].trusted_proxies,
    }  # fmt: skip


def _tried() -> dict[str, Any]:
    """What somebody would be told from an address at a time, by the present rules."""
    where, login = (
        canonical(request.args["address"].strip()[:80]),
        request.args.get("login", "").strip()[:254],
    )
    at, book = _instant(request.args.get("at", "")), queries.present()
    if where is None:
        return {"error": _("Give an address such as 10.1.2.3 or 2001:db8::1.")}
    if at is None:
        return {"error": _("Give a date and time, such as 2026-03-10T10:00.")}
    moment = book.at(at)
    if not login:
        verdict = moment.wall(where)
        return {"admits": verdict.admits, "place": _number(verdict.place), "at": at, "closed": False}
    found = by_login(login)
    who = of_person(found.id) if found else None
    if who is None:
        return {"error": _("Nobody signs in as “%(login)s”.", login=login[:64])}
    standing = moment.standing(who, where, second_factor=False)
    return {
        "admits": not (standing.is_outside or standing.is_closed), "place": _number(standing.place), "at": at,
        "closed": standing.is_closed, "effect": standing.effect, "who": who.name,
    }  # fmt: skip


def _number(place: int | None) -> int | None:
    return None if place is None else place + 1


def _instant(typed: str) -> datetime | None:
    """By the company's clock; now when nothing was typed."""
    if not typed.strip():
        return clock.now()
    try:
        return datetime.fromisoformat(typed.strip()[:30]).replace(tzinfo=queries.present().zone)
    except ValueError:
        return None


def _callers(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """By address, most often first; of this process, since it started."""
    total: Counter[str] = Counter()
    for (who, _what), count in counts.items():
        total[who] += count
    return [{"address": who, "count": count} for who, count in total.most_common(_MOST_CALLERS)]
