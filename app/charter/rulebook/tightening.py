"""What only some spaces add to the rules: on top of what counts everywhere, taking nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import select

from app.charter.engine import Action, is_at_least
from app.charter.models import Rule
from app.charter.rulebook.content import Content
from app.charter.rulebook.states import ACTING, STANDING
from app.kernel.db import db


def loosening(key: str, content: Content) -> dict[str, str]:
    """Why a rule of these words would leave less than what counts now, by field; empty when it wouldn't."""
    if not is_supplement(content.scope):
        return {}
    if refusal := narrowing(db.session.scalar(select(Rule).where(Rule.key == key)), content.scope):
        return {"spaces": refusal}
    stricter = next(
        (
            rule
            for rule in _alike(key, content)
            if not is_at_least(_action(content.action), _action(rule.action))
        ),
        None,
    )
    if stricter is None:
        return {}
    sentence = _("Everywhere, %(rule)s is stricter with the same. A rule for some spaces may only add to it.")
    return {"action": sentence % {"rule": stricter.key}}


def narrowing(rule: Rule | None, scope: Mapping[str, Any]) -> str:
    """Why the rule that stands can't become one for some spaces only; empty when it can."""
    counts_everywhere = rule is not None and rule.state in STANDING and not is_supplement(rule.scope)
    if not counts_everywhere or not is_supplement(scope):
        return ""
    return _("This rule counts everywhere. Write what some spaces add to it as a rule of its own.")


def is_supplement(scope: Mapping[str, Any]) -> bool:
    """Whether a rule counts in some spaces only."""
    return bool(scope.get("spaces"))


def _alike(key: str, content: Content) -> list[Rule]:
    """Rules that count everywhere and look for the very same."""
    acting = select(Rule).where(Rule.key != key, Rule.kind == content.kind, Rule.state.in_(list(ACTING)))
    found = db.session.scalars(acting.order_by(Rule.key))
    return [rule for rule in found if not is_supplement(rule.scope) and rule.params == content.params]


def _action(stored: str) -> Action:
    return cast("Action", stored)
