"""The editor of the rules: all of them in one form, so that it works without scripts and loses nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.admin.pages.gate import lines_of
from app.admin.pages.guard import admin
from app.auth.queries import sign_ins
from app.gate import actions, queries, words
from app.gate.book import EFFECTS, MODES, OFF, SEGMENTS
from app.gate.document import MOST_RULES, Document, simple
from app.gate.simulation import LOOK_BACK, forecast
from app.gate.written import read_holidays, read_hours, read_places, write_hours, write_places
from app.kernel import clock
from app.kernel.errors import Invalid, Stale
from app.kernel.http import actor, address, heavy_if
from app.people.models import ROLES

bp = Blueprint("gate_rules", __name__, url_prefix="/gate/rules")
_LONGEST = 20_000
_TEXTS = ("effect", "network", "hours", "valid_from", "valid_to", "name")
_CHOICES = ("places", "roles", "segments")
_LISTS = ("sites", "persons")
_SHOWN_CUTS = 50


@bp.get("")
def edit() -> ResponseReturnValue:
    """The rules that count, ready to be changed."""
    admin()
    row, document = queries.latest(), queries.document()
    if not document.get("rules"):
        document = simple((network, "") for network in queries.stated())
    return _page(_typed(document), version=row.number if row else 0)


@bp.post("")
@heavy_if(lambda: request.form.get("do") == "save")
def change() -> ResponseReturnValue:
    """Move, add or drop a rule in the form, try it, or save it."""
    who, typed = admin(), _sent(request.form)
    version = _whole(request.form.get("version", ""))
    do, _dash, place = request.form.get("do", "try").partition("-")
    if do in _MOVES:
        _MOVES[do](typed["rules"], _whole(place))
        return _page(typed, version=version)
    try:
        document = _document(typed)
        if do != "save":
            return _page(typed, version=version, tried=_try(document))
        confirmed = request.form.get("confirm") == "1"
        actions.replace(who, document, address=address(), confirmed=confirmed, version=version)
    except Stale as refusal:
        return _page(typed, version=version, errors={"version": str(refusal)}), 409
    except Invalid as refusal:
        return _page(typed, version=version, errors=refusal.fields), refusal.status
    return redirect("/admin/gate?done=saved", code=303)


def _add(rules: list[dict[str, Any]], _place: int) -> None:
    if len(rules) < MOST_RULES:
        rules.append({"effect": "allow"})


def _up(rules: list[dict[str, Any]], place: int) -> None:
    if 0 < place < len(rules):
        rules[place - 1], rules[place] = rules[place], rules[place - 1]


def _down(rules: list[dict[str, Any]], place: int) -> None:
    _up(rules, place + 1)


def _drop(rules: list[dict[str, Any]], place: int) -> None:
    if place < len(rules):
        del rules[place]


_MOVES = {"add": _add, "up": _up, "down": _down, "drop": _drop}


def _sent(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form as it was typed."""
    count = min(_whole(form.get("count", "")), MOST_RULES)
    return {
        **{key: form.get(key, "")[:_LONGEST] for key in ("places", "hours", "holidays")},
        "rules": [_sent_rule(form, f"rule{n}-") for n in range(count)],
        "access": {
            "mode": form.get("access-mode", OFF),
            "hours": form.get("access-hours", "")[:80].strip(),
            "roles": form.getlist("access-roles"),
            "persons": form.get("access-persons", "")[:_LONGEST],
        },
    }


def _sent_rule(form: MultiDict[str, str], prefix: str) -> dict[str, Any]:
    return {
        **{key: form.get(prefix + key, "")[:200].strip() for key in _TEXTS},
        **{key: form.getlist(prefix + key)[:100] for key in _CHOICES},
        **{key: form.get(prefix + key, "")[:_LONGEST] for key in _LISTS},
    }


def _typed(document: Document) -> dict[str, Any]:
    """A document as the form shows it."""
    access = document.get("access") or {}
    return {
        "places": write_places(document.get("places") or []),
        "hours": write_hours(document.get("hours") or []),
        "holidays": "\n".join(document.get("holidays") or []),
        "rules": [
            {**rule, **{key: ", ".join(rule.get(key) or []) for key in _LISTS}} for rule in document["rules"]
        ],
        "access": {**access, "persons": ", ".join(access.get("persons") or [])},
    }


def _document(typed: dict[str, Any]) -> Document:
    """What was typed, read; Invalid for lines that can't be."""
    access = typed["access"]
    return {
        "places": read_places(typed["places"]),
        "hours": read_hours(typed["hours"]),
        "holidays": read_holidays(typed["holidays"]),
        "rules": [
            _without_nothing({**rule, **{k: _split(rule.get(k)) for k in _LISTS}}) for rule in typed["rules"]
        ],
        "access": {**access, "persons": _split(access.get("persons"))} if access.get("mode") != OFF else {},
    }


def _without_nothing(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if value}


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _try(document: Document) -> dict[str, Any]:
    """What these rules say, and whom they would cut."""
    _stored, book = actions.checked(document)
    now = clock.now()
    found = forecast(book, sign_ins(now - LOOK_BACK), now, beside=queries.present())
    return {
        "rules": lines_of(book),
        "looked_at": found.looked_at,
        "lists": {
            key: [{"cut": one, "why": words.cut(one.standing)} for one in cuts[:_SHOWN_CUTS]]
            for key, cuts in (("now", found.now), ("later", found.later), ("past", found.past))
        },
        "counts": {"now": len(found.now), "later": len(found.later), "past": len(found.past)},
        "keeps_me": actions.keeps_in(book, actor(), address()),
    }


def _page(
    typed: dict[str, Any],
    *,
    version: int,
    errors: dict[str, str] | None = None,
    tried: dict[str, Any] | None = None,
) -> str:
    return render_template(
        "admin/gate_rules.html",
        form=typed,
        version=version,
        place_names=_names(typed["places"]),
        hour_names=_names(typed["hours"]),
        effects=[(one, words.effect(one)) for one in EFFECTS],
        roles=[(one, words.role(one)) for one in ROLES],
        segments=[(one, words.segment(one)) for one in SEGMENTS],
        modes=[(one, _mode(one)) for one in MODES],
        tried=tried,
        errors=errors or {},
    )


def _names(lines: str) -> list[tuple[str, str]]:
    """The names that lines begin with, as choices."""
    names = (line.partition(":")[0].strip() for line in lines.splitlines() if ":" in line)
    return [(name, name) for name in dict.fromkeys(names) if name]


def _mode(mode: str) -> str:
    return {
        "off": _("No hours of work: nothing is held back"),
        "soft": _("Outside of them a banner says so, and nothing rings"),
        "hard": _("Outside of them nothing opens"),
    }[mode]
