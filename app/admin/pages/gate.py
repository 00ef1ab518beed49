"""Who may come in, from where."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.pages.guard import admin
from app.gate import actions
from app.gate.address import canonical, parse_networks
from app.gate.models import GateRule
from app.gate.queries import read, returns_at, rules
from app.kernel.errors import Invalid
from app.kernel.http import address, form

bp = Blueprint("gate", __name__, url_prefix="/gate")
_MOST_CALLERS = 12
_LONGEST = 20_000


@bp.get("")
def show() -> ResponseReturnValue:
    """The networks that count, and the admin as the product sees them."""
    admin()
    return _page()


@bp.post("")
def change() -> ResponseReturnValue:
    """Let in exactly these networks; asked twice when it would shut out whoever asks."""
    who, typed = admin(), form()
    lines = str(typed.get("networks", ""))[:_LONGEST]
    try:
        actions.replace_rules(who, _read(lines), address=address(), confirmed=typed.get("confirm") == "1")
    except Invalid as refusal:
        errors = {{"rules": "networks"}.get(field, field): text for field, text in refusal.fields.items()}
        return _page(lines=lines, errors=errors), refusal.status
    return redirect("/admin/gate?done=saved", code=303)


@bp.post("/reset")
def reset() -> ResponseReturnValue:
    """Back to the operator's networks, unless they would shut out whoever asks."""
    who = admin()
    if canonical(address()) not in parse_networks(_stated()):
        sentence = _(
            "The configuration's networks don't hold your address: this is done on the server's console."
        )
        return _page(errors={"networks": sentence}), 422
    actions.reset(who)
    return redirect("/admin/gate?done=saved", code=303)


def _read(lines: str) -> list[tuple[str, str]]:
    pairs = [line.split(None, 1) for line in lines.splitlines() if line.strip()]
    if not pairs:
        raise Invalid(fields={"networks": _("Write one network or more.")})
    return [(pair[0], pair[1].strip() if len(pair) > 1 else "") for pair in pairs]


def _page(*, lines: str | None = None, errors: dict[str, str] | None = None) -> str:
    made = rules()
    shown = _shown(made)
    wall = current_app.extensions["wall"]
    return render_template(
        "admin/gate.html",
        rules=shown,
        is_default=not made,
        lines=lines if lines is not None else "\n".join(f"{r['network']} {r['name']}".strip() for r in shown),
        here=_here(shown),
        refused=_callers(wall.denials.counts()),
        strange=_callers(wall.ignored_forwarding.counts()),
        returns_at=returns_at(),
        errors=errors or {},
    )


def _shown(made: Any) -> list[dict[str, Any]]:
    if made:
        return [{"network": rule.network, "name": rule.name, "since": _since(rule)} for rule in made]
    return [{"network": str(network), "name": "", "since": None} for network in read(_stated()).networks]


def _since(rule: GateRule) -> Any:
    return rule.created_at


def _here(shown: list[dict[str, Any]]) -> dict[str, Any]:
    me, peer = address(), str(request.environ.get("parvis.peer", ""))
    mine = next((rule for rule in shown if canonical(me) in parse_networks([rule["network"]])), None)
    proxied = canonical(peer) != canonical(me)
    via = current_app.config["SETTINGS"].forwarded_header if proxied else None
    return {"address": me, "rule": mine, "peer": peer, "via": via}


def _callers(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """By address, most often first; of this process, since it started."""
    total: Counter[str] = Counter()
    for (who, _what), count in counts.items():
        total[who] += count
    return [{"address": who, "count": count} for who, count in total.most_common(_MOST_CALLERS)]


def _stated() -> tuple[str, ...]:
    networks: tuple[str, ...] = current_app.config["SETTINGS"].networks
    return networks
