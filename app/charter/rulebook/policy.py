from sqlalchemy import ColumnElement, literal

from app.charter.policy import can_manage_charter
from app.charter.rulebook.models import RuleRemark, RuleVersion
from app.charter.rulebook.states import BREAKER, CLOCK, OVER, SECOND, STANDING, STOPPING, TRANSITIONS
from app.people.actor import Actor


def can_write_rules(actor: Actor) -> bool:
    """Charter owners make rules and try them."""
    return can_manage_charter(actor)


def can_read_rules(actor: Actor) -> bool:
    """Staff representatives read what owners prepare; what is live is on the charter's page for everybody."""
    return can_write_rules(actor) or (not actor.is_partner and "staff_representative" in actor.roles)


def can_remark_rule(actor: Actor, version: RuleVersion) -> bool:
    """Those who read rules comment on a version until it takes effect."""
    return can_read_rules(actor) and version.state not in STANDING | OVER


def can_see_remark(actor: Actor, _remark: RuleRemark) -> bool:
    """Those who read rules read what was said of them, also afterwards."""
    return can_read_rules(actor)


def remarks_seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL twin of `can_see_remark`: the same for every row."""
    return literal(can_read_rules(actor))


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
