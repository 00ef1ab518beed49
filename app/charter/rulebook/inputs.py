"""What the editor sends, read into a version's content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_babel import gettext as _

from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.kinds import EVENTS, FACTS, KINDS, OBJECTS, SEGMENTS, SPACE_KINDS, Field
from app.kernel.errors import Invalid
from app.kernel.inputs import clean, optional, parse, text

LONGEST_LINES, MOST_LINES, LONGEST_EXAMPLE = 200_000, 20_000, 2_000
Source = Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """A rule as somebody wrote it down."""

    key: str
    content: Content
    examples: Examples
    note: str

    @classmethod
    def read(cls, given: Source, *, base: Mapping[str, Any] | None = None) -> Written:
        """From a form; what `base` holds and it doesn’t know stays. Invalid with a sentence per field."""
        kind = str(given.get("kind", ""))
        if kind not in KINDS:
            raise Invalid(fields={"kind": _("Choose one of the values offered.")})
        words = parse(
            given,
            key=text(longest=50, lines=False),
            action=text(longest=6, lines=False),
            clause=text(longest=12, lines=False),
            message_fr=optional(text(longest=500), ""),
            message_en=optional(text(longest=500), ""),
            note=optional(text(longest=500), ""),
            allowed=optional(text(longest=LONGEST_LINES), ""),
            forbidden=optional(text(longest=LONGEST_LINES), ""),
        )
        content = Content(
            kind=kind,
            action=words["action"],
            clause=words["clause"],
            params={**(base or {}), **_params(kind, given)},
            scope=_scope(given),
            fail_mode=given.get("fail_mode") if given.get("fail_mode") in ("flag", "hold") else None,
            message_fr=words["message_fr"],
            message_en=words["message_en"],
        )
        examples = Examples(_lines(words["allowed"]), _lines(words["forbidden"]))
        return cls(words["key"], content, examples, words["note"])


def _params(kind: str, given: Source) -> dict[str, Any]:
    problems: dict[str, str] = {}
    params: dict[str, Any] = {}
    for field in KINDS[kind].fields:
        try:
            value = _READERS[field.widget](field, given)
        except ValueError as problem:
            problems[f"p_{field.name}"] = str(problem)
            continue
        if field.widget == "conditions":
            params |= value
        elif value is not None:
            params[field.name] = value
    if problems:
        raise Invalid(fields=problems)
    return params


def _read_lines(field: Field, given: Source) -> list[Any]:
    lines = _lines(clean(str(given.get(f"p_{field.name}") or "")[:LONGEST_LINES]))
    if not lines and field.name in ("terms", "patterns", "domains", "ext"):
        raise ValueError(_("Write something here."))
    return [_term(line) for line in lines] if field.name == "terms" else list(lines)


def _term(line: str) -> Any:
    return {"t": line[1:].strip(), "accent_sensitive": True} if line.startswith("=") else line


def _read_whole(field: Field, given: Source) -> int:
    raw = str(given.get(f"p_{field.name}") or "")
    if not (raw.isascii() and raw.isdigit() and 0 < int(raw[:9]) <= 1_000_000):
        raise ValueError(_("Give a whole number."))
    return int(raw[:9]) * field.scale


def _read_share(field: Field, given: Source) -> float:
    try:
        value = float(str(given.get(f"p_{field.name}")).replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(_("Give a number from 0 to 1."))
    return value


def _read_time(field: Field, given: Source) -> str:
    try:
        return time.fromisoformat(str(given.get(f"p_{field.name}"))).strftime("%H:%M")
    except ValueError as problem:
        raise ValueError(_("Give a time such as 20:00.")) from problem


def _read_check(field: Field, given: Source) -> bool:
    return bool(given.get(f"p_{field.name}"))


def _read_checks(field: Field, given: Source) -> list[str]:
    allowed = [key for key, _text in field.options]
    return [one for one in many(given, f"p_{field.name}") if one in allowed]


def _read_choice(field: Field, given: Source) -> str | None:
    value = str(given.get(f"p_{field.name}") or "")
    if value not in {key for key, _text in field.options}:
        raise ValueError(_("Choose one of the values offered."))
    return value


def _read_conditions(_field: Field, given: Source) -> dict[str, Any]:
    rows = zip(many(given, "c_group[]"), many(given, "c_fact[]"), many(given, "c_value[]"), strict=False)
    groups: dict[str, list[dict[str, Any]]] = {}
    for group, fact, value in rows:
        if not value.strip():
            continue
        if group not in ("all", "any", "none") or fact not in FACTS:
            raise ValueError(_("Choose one of the values offered."))
        groups.setdefault(group, []).append({fact: _fact(fact, value.strip())})
    if not groups:
        raise ValueError(_("Give at least one condition."))
    return {group: groups.get(group) or [] for group in ("all", "any", "none") if groups.get(group)}


def _fact(fact: str, value: str) -> Any:
    if fact == "count":
        return _count(value)
    if fact in ("first_post", "has_link", "has_attachment"):
        return value.lower() in ("yes", "oui", "1", "true")
    if fact in ("author_age_below_days", "edited_within_s", "work_below"):
        try:
            return float(value.replace(",", "."))
        except ValueError as problem:
            raise ValueError(_("“%(value)s” is no number.", value=value)) from problem
    return [part.strip() for part in value.split(",") if part.strip()]


def _count(value: str) -> dict[str, Any]:
    parts = value.split()
    if len(parts) != 3 or not parts[1].isdigit() or not parts[2].isdigit():
        raise ValueError(_("Write the rule’s name, how often, and the minutes: lex.insult 3 1440."))
    return {"hit": parts[0], "at_least": int(parts[1]), "window_s": int(parts[2]) * 60}


_READERS: dict[str, Callable[[Field, Source], Any]] = {
    "lines": _read_lines,
    "whole": _read_whole,
    "share": _read_share,
    "time": _read_time,
    "check": _read_check,
    "checks": _read_checks,
    "choice": _read_choice,
    "conditions": _read_conditions,
}


def _scope(given: Source) -> dict[str, list[str]]:
    known = {"objects": OBJECTS, "space_kinds": SPACE_KINDS, "segments": SEGMENTS, "events": EVENTS}
    scope = {name: [one for one in many(given, name) if one in values] for name, values in known.items()}
    scope["spaces"] = [one for one in many(given, "spaces") if one.isascii() and one.isdigit()][:500]
    if len(scope["objects"]) == len(OBJECTS):
        scope["objects"] = []
    return {name: values for name, values in scope.items() if values}


def many(given: Source, name: str) -> list[str]:
    """All values of a field, however many were sent."""
    value = given.get(name)
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _lines(raw: str) -> tuple[str, ...]:
    lines = (line.strip()[:LONGEST_EXAMPLE] for line in raw.split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_LINES]
