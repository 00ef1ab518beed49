from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.api.declare import Given, endpoint
from app.gate import actions, queries
from app.gate.address import BadNetwork, Networks, canonical, parse_networks
from app.gate.policy import can_manage_gate
from app.kernel.errors import Invalid
from app.kernel.http import actor, address
from app.kernel.openapi import answer, boolean, many, maybe, obj, ref, string
from app.kernel.policy import require

bp = Blueprint("gate", __name__)
_RULES = many(obj("network", network=string(80, 1), name=string(80)), 200)
_NETWORKS = maybe(many(string(80, 1), 200))


@bp.get("/gate/rules")
@endpoint("Networks let in (admins)", gives={200: ref("Gate")}, refuses=(403,))
def index() -> ResponseReturnValue:
    """What admins defined, and what counts now."""
    require(can_manage_gate(actor()))
    return _gate()


@bp.put("/gate/rules")
@endpoint("Let in exactly these networks (admins)", takes=obj("rules", rules=_RULES, confirm=boolean()),
          gives={200: ref("Gate")})  # fmt: skip
def replace(given: Given) -> ResponseReturnValue:
    """`confirm` when one shuts oneself out."""
    networks = [(rule["network"], rule.get("name", "")) for rule in given["rules"]]
    actions.replace_rules(actor(), networks, address=address(), confirmed=given.get("confirm", False))
    return _gate()


@bp.post("/gate/simulate")
@endpoint(
    "Would this address be let in, now or by other rules (admins)",
    takes=obj("address", address=string(80, 1), networks=_NETWORKS),
    gives={200: answer(address=string(), admitted=boolean())},
)
def simulate(given: Given) -> ResponseReturnValue:
    """Nothing changes."""
    require(can_manage_gate(actor()))
    asked = canonical(given["address"].strip())
    if asked is None:
        raise Invalid(fields={"address": _("Give an address such as 10.1.2.3 or 2001:db8::1.")})
    return {"address": str(asked), "admitted": asked in _networks(given.get("networks"))}


def _networks(given: list[str] | None) -> Networks:
    if given is None:
        return _admission().networks
    try:
        return parse_networks(given)
    except BadNetwork as problem:
        sentence = _("“%(entry)s” isn't a network such as 10.1.0.0/16.", entry=problem.entry)
        raise Invalid(fields={"networks": sentence}) from problem


def _gate() -> dict[str, object]:
    admission = _admission()
    return {
        "rules": [{"network": rule.network, "name": rule.name} for rule in queries.rules()],
        "stated_by": admission.stated_by,
        "networks": [str(network) for network in admission.networks],
    }


def _admission() -> queries.Admission:
    return queries.read(current_app.config["SETTINGS"].networks)
