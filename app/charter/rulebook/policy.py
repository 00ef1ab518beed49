from app.charter.policy import can_manage_charter
from app.charter.rulebook.models import RuleVersion
from app.charter.rulebook.states import BREAKER, CLOCK, SECOND, STOPPING, TRANSITIONS
from app.people.actor import Actor


def can_write_rules(actor: Actor) -> bool:
    """Charter owners make rules and try them."""
    return can_manage_charter(actor)


def can_read_rules(actor: Actor) -> bool:
    """Staff representatives read what owners prepare; what is live is on the charter's page for everybody."""
    return can_write_rules(actor) or (not actor.is_partner and "staff_representative" in actor.roles)


def can_move(actor: Actor | None, version: RuleVersion, name: str) -> bool:
    """Whether this move is theirs, whatever else it takes. Nobody is the product itself."""
    whose = TRANSITIONS[name].whose
    if actor is None:
        return whose in (BREAKER, CLOCK)
    if whose in (BREAKER, CLOCK) or not can_write_rules(actor):
        return False
    if name == "ask":
        return version.action in STOPPING
    return whose != SECOND or version.action not in STOPPING or version.asked_by_id not in (None, actor.id)
