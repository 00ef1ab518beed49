"""Writing versions of rules down, within an action of somebody's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.charter.models import Rule
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.models import CONTENT, RuleMove, RuleVersion
from app.charter.rulebook.states import ACTING
from app.kernel import clock
from app.kernel.db import db


def write_down(rule: Rule, number: int, state: str, *, by_id: int | None, **more: Any) -> RuleVersion:
    """A new version of a rule with the content given, or with what the rule says; its first move with it."""
    now = clock.now()
    content = {name: more.pop(name) if name in more else getattr(rule, name) for name in CONTENT}
    live_at = now if state in ACTING else None
    version = RuleVersion(
        rule_id=rule.id,
        number=number,
        state=state,
        since=now,
        live_at=live_at,
        by_id=by_id,
        **content,
        **more,
    )
    db.session.add(version)
    db.session.flush()
    note_move(version, "written", "", by_id=by_id, note=version.note)
    return version


def note_move(version: RuleVersion, name: str, before: str, *, by_id: int | None, note: str = "") -> None:
    """Keep a move for the rule's history."""
    move = RuleMove(
        version_id=version.id,
        name=name,
        before=before,
        after=version.state,
        by_id=by_id,
        at=clock.now(),
        note=note,
    )
    db.session.add(move)
    db.session.flush()


def stand(rule: Rule, version: RuleVersion) -> None:
    """The rule says what this version says, and is in its state."""
    for name in CONTENT:
        setattr(rule, name, getattr(version, name))
    rule.version, rule.state, rule.expires_at = version.number, version.state, version.expires_at
    db.session.flush()


def next_number(rule: Rule) -> int:
    """The number that the next version of a rule will have."""
    last = db.session.scalar(select(func.max(RuleVersion.number)).where(RuleVersion.rule_id == rule.id))
    return (last or 0) + 1


def content_of(version: RuleVersion) -> Content:
    """What a version says, as plain values."""
    return Content(**{name: getattr(version, name) for name in Content.__dataclass_fields__})


def examples_of(version: RuleVersion) -> Examples:
    """A version's own cases."""
    return Examples(tuple(version.allowed), tuple(version.forbidden))
