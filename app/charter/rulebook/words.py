"""A rule as a sentence anybody can read, and what changed between two versions of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import gettext as _

from app.charter.rulebook.kinds import (
    ACTIONS,
    EVENTS,
    FACTS,
    KINDS,
    OBJECTS,
    SEGMENTS,
    SPACE_KINDS,
    Field,
)

_SHOWN = 3


class Said(Protocol):
    """A rule or a version of one."""

    kind: Any
    action: Any
    params: Any
    scope: Any


@dataclass(frozen=True)
class Change:
    """What one part of a rule was and is; of lists only what went and what came."""

    label: str
    before: Sequence[str]
    after: Sequence[str]


def sentence(said: Said, spaces: Mapping[str, str]) -> str:
    """When what in which place does what, then what follows."""
    return _(
        "When %(what)s in %(where)s %(condition)s: %(action)s.",
        what=_what(said.scope),
        where=_where(said.scope, spaces),
        condition=condition(said),
        action=str(ACTIONS.get(said.action, said.action)),
    )


def condition(said: Said) -> str:
    """The condition alone, with the first phrases of a list."""
    kind = KINDS.get(said.kind)
    phrase = str(kind.phrase) if kind else said.kind
    terms = [term_text(term) for term in said.params.get("terms", said.params.get("domains", ()))]
    if not terms:
        return phrase
    shown = ", ".join(_quoted(term) for term in terms[:_SHOWN]) + ("…" if len(terms) > _SHOWN else "")
    return f"{phrase} ({shown})"


def term_text(term: Any) -> str:
    """A phrase as it is written in the editor."""
    if isinstance(term, str):
        return term
    return ("=" if term.get("accent_sensitive") else "") + str(term.get("t") or term.get("term") or "")


def differences(before: Any, after: Any, spaces: Mapping[str, str]) -> Sequence[Change]:
    """What changed from one version to the next, part by part."""
    old, new = _parts(before, spaces), _parts(after, spaces)
    changes = []
    for label in dict.fromkeys([*new, *old]):
        was, now = old.get(label, []), new.get(label, [])
        if was != now:
            changes.append(Change(label, [x for x in was if x not in now], [x for x in now if x not in was]))
    return changes


def parts(said: Any, spaces: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Everything a version says, by label, for who reads it whole."""
    return {label: values for label, values in _parts(said, spaces).items() if values}


def value_lines(field: Field, value: Any) -> list[str]:
    """A parameter as lines of text."""
    if value in (None, "", []):
        return []
    if field.widget == "conditions":
        return [
            f"{group}: {FACTS.get(fact, fact)} = {told}"
            for group, fact, told in conditions_of({"when": value})
        ]
    if field.widget == "check":
        return [_("yes") if value else _("no")]
    if field.options:
        named = {key: str(text) for key, text in field.options}
        return [named.get(one, str(one)) for one in _as_list(value)]
    if field.scale != 1:
        return [str(int(value) // field.scale)]
    return [term_text(one) if isinstance(one, dict) else str(one) for one in _as_list(value)]


def conditions_of(params: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of a combination: group, fact, value as text."""
    told = params.get("when", params)
    rows = []
    for group in ("all", "any", "none"):
        for inner in told.get(group, ()):
            rows += [(group, fact, _fact_text(value)) for fact, value in inner.items()]
    return rows


def _fact_text(value: Any) -> str:
    if isinstance(value, dict):
        minutes = int(float(value.get("window_s", 0))) // 60
        return f"{value.get('hit')} {value.get('at_least')} {minutes}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _what(scope: Mapping[str, Any]) -> str:
    objects = scope.get("objects") or []
    if objects == ["post"]:
        what = _("a post")
    elif objects == ["comment"]:
        what = _("a comment")
    else:
        what = _("a post or a comment")
    if segments := scope.get("segments"):
        who = ", ".join(str(SEGMENTS.get(one, one)) for one in segments)
        return _("%(what)s of %(who)s", what=what, who=who)
    return what


def _where(scope: Mapping[str, Any], spaces: Mapping[str, str]) -> str:
    if chosen := scope.get("spaces"):
        return ", ".join(spaces.get(str(one), _("another space")) for one in chosen)
    if kinds := scope.get("space_kinds"):
        return ", ".join(str(SPACE_KINDS.get(one, one)) for one in kinds)
    return _("any space")


def _parts(said: Any, spaces: Mapping[str, str]) -> dict[str, list[str]]:
    kind = KINDS.get(said.kind)
    told = {
        _("Condition"): [str(kind.name) if kind else said.kind],
        _("Then"): [str(ACTIONS.get(said.action, said.action))],
        _("Clause"): [said.clause],
    }
    for field in kind.fields if kind else ():
        value = said.params if field.widget == "conditions" else said.params.get(field.name)
        told[str(field.label)] = value_lines(field, value)
    scope = said.scope
    told |= {
        _("In"): [str(OBJECTS.get(one, one)) for one in scope.get("objects") or ()]
        + [str(SPACE_KINDS.get(one, one)) for one in scope.get("space_kinds") or ()]
        + [spaces.get(str(one), _("another space")) for one in scope.get("spaces") or ()],
        _("Of"): [str(SEGMENTS.get(one, one)) for one in scope.get("segments") or ()],
        _("At"): [str(EVENTS.get(one, one)) for one in scope.get("events") or ()],
        _("When it can’t be evaluated"): [_fail_text(said.fail_mode)],
        _("Message in French"): [said.message_fr] if said.message_fr else [],
        _("Message in English"): [said.message_en] if said.message_en else [],
        _("Must find"): list(said.forbidden),
        _("Must leave alone"): list(said.allowed),
    }
    return told


def _fail_text(mode: str | None) -> str:
    if mode == "hold":
        return _("the message waits")
    return _("the message is published and flagged") if mode == "flag" else _("as usual for its kind")


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _quoted(term: str) -> str:
    return _("“%(term)s”", term=term)
