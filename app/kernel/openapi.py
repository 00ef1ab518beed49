"""The shape of what is sent and answered: the same words describe it (OpenAPI 3.1) and check it.

A schema is JSON Schema as a plain dictionary. `check` reads the part of it that the helpers here write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

Schema = dict[str, Any]
LARGEST_NUMBER = 10**18 - 1


def obj(*needed: str, **fields: Schema) -> Schema:
    """An object with exactly these fields, of which some are needed."""
    return {"type": "object", "properties": fields, "required": list(needed), "additionalProperties": False}


def answer(**fields: Schema) -> Schema:
    """An object that always has all of these fields."""
    return obj(*fields, **fields)


def string(longest: int = 1000, shortest: int = 0, **more: Any) -> Schema:
    """Text of so many characters."""
    return {"type": "string", "maxLength": longest, **({"minLength": shortest} if shortest else {}), **more}


def number(smallest: int = 0, largest: int = LARGEST_NUMBER) -> Schema:
    """A whole number in a range."""
    return {"type": "integer", "minimum": smallest, "maximum": largest}


def boolean() -> Schema:
    """Yes or no."""
    return {"type": "boolean"}


def one_of(*names: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(names)}


def many(item: Schema, most: int | None = None) -> Schema:
    """A list."""
    return {"type": "array", "items": item, **({"maxItems": most} if most is not None else {})}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def moment() -> Schema:
    """An instant, in UTC."""
    return {"type": "string", "format": "date-time"}


def counts() -> Schema:
    """How many, by name."""
    return {"type": "object", "additionalProperties": {"type": "integer"}}


def ref(name: str) -> Schema:
    """A shape that the document names."""
    return {"$ref": f"#/components/schemas/{name}"}


def check(schema: Schema, value: Any, at: str = "") -> dict[str, str]:
    """What is wrong with a value: a sentence for each place, nothing when it fits."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    kind = next((k for k in kinds if _IS[k](value)), None)
    if kind is None:
        return {at: _WANTED.get(next(iter(kinds), ""), _choose)()}
    problem = _PROBLEMS.get(kind, _nothing)(schema, value)
    if problem:
        return {at: problem}
    if kind == "object":
        return _check_fields(schema, value, at)
    return _check_items(schema, value, at) if kind == "array" else {}


def from_text(schema: Schema, raw: str) -> Any:
    """A value written in an address, as its schema means it; left alone when it can't be."""
    if schema.get("type") == "integer" and raw.isascii() and raw.lstrip("-").isdigit() and len(raw) < 20:
        return int(raw)
    if schema.get("type") == "boolean" and raw in {"true", "false"}:
        return raw == "true"
    return raw


def _check_fields(schema: Schema, value: Mapping[str, Any], at: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    fields: Mapping[str, Schema] = schema.get("properties", {})
    for name, inner in value.items():
        where = f"{at}.{name}"[:80] if at else name[:80]
        problems |= (
            check(fields[name], inner, where)
            if name in fields
            else {where: _("This field isn't known here.")}
        )
    for name in schema.get("required", ()):
        if name not in value:
            problems[f"{at}.{name}" if at else name] = _("This field is needed.")
    return problems


def _check_items(schema: Schema, value: list[Any], at: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    for place, item in enumerate(value):
        problems |= check(schema["items"], item, f"{at}.{place}")
    return problems


def _text_problem(schema: Schema, value: str) -> str:
    if "enum" in schema and value not in schema["enum"]:
        return _choose()
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        return _("This text holds a character that can't be stored.")
    if len(value) < schema.get("minLength", 0):
        return _("Write something here.")
    most = schema.get("maxLength")
    if most is not None and len(value) > most:
        return _("This is too long: %(is)d characters, at most %(most)d.", **{"is": len(value), "most": most})
    return ""


def _number_problem(schema: Schema, value: int) -> str:
    smallest, largest = schema.get("minimum", value), schema.get("maximum", value)
    return "" if smallest <= value <= largest else _give_number()


def _list_problem(schema: Schema, value: list[Any]) -> str:
    most = schema.get("maxItems")
    return (
        _("That is too many: at most %(most)d.", most=most) if most is not None and len(value) > most else ""
    )


def _nothing(_schema: Schema, _value: Any) -> str:
    return ""


def _choose() -> str:
    return _("Choose one of the values offered.")


def _give_number() -> str:
    return _("Give a whole number.")


_IS: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
_PROBLEMS: dict[str, Callable[[Schema, Any], str]] = {
    "string": _text_problem,
    "integer": _number_problem,
    "array": _list_problem,
}
_WANTED: dict[str, Callable[[], str]] = {
    "object": lambda: _("Send a JSON object."),
    "array": lambda: _("Give a list."),
    "string": lambda: _("Write text here."),
    "integer": _give_number,
    "boolean": _choose,
}
