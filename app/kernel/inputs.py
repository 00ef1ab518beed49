"""Reading what people send: each reader returns a clean value or says what is wrong."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.errors import Invalid

Value = TypeVar("Value")
Reader = Callable[[Any], Any]
_ALLOWED_CONTROLS = "\n\t"


def text(*, longest: int, shortest: int = 1, lines: bool = True) -> Reader:
    """Text of so many characters, trimmed, without control characters; NFC; one line unless `lines`."""

    def read(raw: Any) -> str:
        if raw is not None and not isinstance(raw, str):
            raise ValueError(_("Write text here."))
        value = clean(raw or "", lines=lines)
        if len(value) < shortest:
            if shortest == 1:
                raise ValueError(_("Write something here."))
            raise ValueError(
                ngettext("Write at least %(num)d character.", "Write at least %(num)d characters.", shortest)
            )
        if len(value) > longest:
            raise ValueError(
                _(
                    "This is too long: %(is)d characters, at most %(most)d.",
                    **{"is": len(value), "most": longest},
                )
            )
        return value

    return read


def as_typed(*, longest: int) -> Reader:
    """Text as it stands in a box, unfinished: not trimmed, perhaps empty; only what can't be stored is left
    out.
    """

    def read(raw: Any) -> str:
        if raw is not None and not isinstance(raw, str):
            raise ValueError(_("Write text here."))
        value = "".join(c for c in raw or "" if c != "\0" and not "\ud800" <= c <= "\udfff")
        if len(value) > longest:
            raise ValueError(
                _(
                    "This is too long: %(is)d characters, at most %(most)d.",
                    **{"is": len(value), "most": longest},
                )
            )
        return value

    return read


def clean(raw: str, *, lines: bool = True) -> str:
    """Normalised line ends and Unicode, without control characters or lone surrogates."""
    value = raw.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        value = value.replace("\n", " ").replace("\t", " ")
    kept = "".join(
        c for c in value if c in _ALLOWED_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"}
    )
    return unicodedata.normalize("NFC", kept).strip()


def whole(*, smallest: int = 0, largest: int = 2**53) -> Reader:
    """A whole number in range, from text or JSON."""

    def read(raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise ValueError(_("Give a whole number."))
        if isinstance(raw, str) and not (raw.isascii() and raw.lstrip("-").isdigit() and len(raw) < 20):
            raise ValueError(_("Give a whole number."))
        value = int(raw)
        if not smallest <= value <= largest:
            raise ValueError(_("Give a whole number."))
        return value

    return read


def choice(*allowed: str) -> Reader:
    """One of the names given."""

    def read(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in allowed:
            raise ValueError(_("Choose one of the values offered."))
        return raw

    return read


def switch() -> Reader:
    """A tick box: absent is no."""

    def read(raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        if raw in {None, "", "0", "off", "false"}:
            return False
        if raw in {"1", "on", "true"}:
            return True
        raise ValueError(_("Choose one of the values offered."))

    return read


def many(read_one: Reader, *, most: int) -> Reader:
    """A list of values, each read by `read_one`; a form repeats the field, JSON sends an array."""

    def read(raw: Any) -> list[Any]:
        if raw is None or raw == "":
            return []
        if not isinstance(raw, list):
            raise ValueError(_("Give a list."))
        if len(raw) > most:
            raise ValueError(_("That is too many: at most %(most)d.", most=most))
        return [read_one(item) for item in raw]

    return read


def moment() -> Reader:
    """An ISO 8601 date and time with its offset, as UTC."""

    def read(raw: Any) -> datetime:
        try:
            value = datetime.fromisoformat(str(raw))
        except ValueError as problem:
            raise ValueError(_("Give a date and time, such as 2026-03-10T10:00+01:00.")) from problem
        if value.tzinfo is None:
            raise ValueError(_("Give a date and time, such as 2026-03-10T10:00+01:00."))
        return value.astimezone(UTC)

    return read


def day() -> Reader:
    """A date, such as 2026-12-31."""

    def read(raw: Any) -> date:
        try:
            return date.fromisoformat(str(raw))
        except ValueError as problem:
            raise ValueError(_("Give a date such as 2026-12-31.")) from problem

    return read


def optional(read_some: Reader, default: Any = None) -> Reader:
    """Absent or empty is the default."""

    def read(raw: Any) -> Any:
        return default if raw is None or raw in ("", []) else read_some(raw)

    return read


def parse(
    source: Mapping[str, Any], /, *, strict: bool = False, ignore: Collection[str] = (), **readers: Reader
) -> dict[str, Any]:
    """Every field read, or Invalid with a sentence per field. `strict` refuses fields that nobody reads."""
    values, problems = {}, {}
    for field, read in readers.items():
        try:
            values[field] = read(source.get(field))
        except ValueError as problem:
            problems[field] = str(problem)
    if strict:
        for unknown in set(source) - set(readers) - set(ignore):
            problems[str(unknown)[:80]] = _("This field isn't known here.")
    if problems:
        raise Invalid(fields=problems)
    return values


def json_object(raw: bytes) -> dict[str, Any]:
    """The object that these bytes are in JSON; Invalid for anything else, and for one that names a field
    twice.
    """
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant, parse_float=_number
        )
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Invalid(_("Send a JSON object."))
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is named twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _number(raw: str) -> float | int:
    """JSON knows one kind of number: 2.0 is 2."""
    value = float(raw)
    return int(value) if value.is_integer() and abs(value) < 2**63 else value
