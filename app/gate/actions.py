from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.gate.address import BadNetwork, Networks, canonical, parse_networks
from app.gate.events import GateChanged, GateNarrowed
from app.gate.models import GateRule
from app.gate.policy import can_manage_gate
from app.gate.queries import rules
from app.kernel import audit
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.policy import require
from app.people.actor import Actor

MOST_RULES = 200


@action
def replace_rules(
    actor: Actor, networks: Sequence[tuple[str, str]], *, address: str, confirmed: bool = False
) -> Sequence[GateRule]:
    """Let in exactly these (network, name) from now on.

    Invalid for a network that can't be read, and, unless confirmed, for a change that shuts out its author.
    Once confirmed, such a change is taken back after ten minutes unless somebody inside saves again.
    """
    require(can_manage_gate(actor))
    read = _parsed([network for network, _name in networks])
    shuts_out = bool(networks) and canonical(address) not in read
    if shuts_out and not confirmed:
        raise Invalid(
            fields={
                "confirm": _(
                    "This would lock you out: your address %(address)s isn't in it.", address=address
                )
            }
        )
    before = tuple((rule.network, rule.name) for rule in rules())
    made = _store(networks, actor.id)
    if shuts_out:
        ids = tuple(rule.id for rule in made)
        announce(GateNarrowed(by_id=actor.id, rule_ids=ids, before=before))
    return made


@action
def give_back(rule_ids: Sequence[int], before: Sequence[tuple[str, str]]) -> None:
    """Bring the earlier networks back, unless somebody saved others meanwhile."""
    if [rule.id for rule in rules()] == list(rule_ids):
        _store(before, None)


@action
def allow(network: str, name: str = "", *, beside: Sequence[str] = ()) -> GateRule:
    """Let one more network in, from the console; `beside` what counted so far when no rule was made yet."""
    _parsed([network])
    if beside and db.session.scalar(select(func.count()).select_from(GateRule)) == 0:
        _store([(known, "") for known in beside], None)
    last = db.session.scalar(select(func.max(GateRule.position))) or 0
    rule = GateRule(position=last + 1, network=network, name=name, by_id=None)
    db.session.add(rule)
    _announce(None, added=network)
    return rule


@action
def reset(actor: Actor | None = None) -> None:
    """Forget every rule: the operator's setting counts again. From the console it is the way back in."""
    require(actor is None or can_manage_gate(actor))
    db.session.execute(delete(GateRule))
    _announce(actor.id if actor else None, reset=True)


def _store(networks: Sequence[tuple[str, str]], by_id: int | None) -> list[GateRule]:
    db.session.execute(delete(GateRule))
    rules = [
        GateRule(position=place, network=network.strip(), name=name.strip()[:80], by_id=by_id)
        for place, (network, name) in enumerate(networks, start=1)
    ]
    db.session.add_all(rules)
    _announce(by_id, networks=[rule.network for rule in rules])
    return rules


def _announce(by_id: int | None, **data: object) -> None:
    audit.record("gate.changed", by_id, "gate", **data)
    announce(GateChanged(by_id=by_id))


def _parsed(networks: Sequence[str]) -> Networks:
    if len(networks) > MOST_RULES:
        raise Invalid(fields={"rules": _("That is too many: at most %(most)d.", most=MOST_RULES)})
    try:
        return parse_networks(list(networks))
    except BadNetwork as problem:
        raise Invalid(
            fields={"rules": _("“%(entry)s” isn't a network such as 10.1.0.0/16.", entry=problem.entry)}
        ) from problem
