"""Filters as operators write them (RFC 4515), read once at the start.

What people type never becomes part of the text of a filter: it is put in as a value, after the filter was
read, so there is nothing that it could end, widen or comment out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from app.auth.directory import ber

Filter = Callable[[Mapping[str, str]], bytes]
_DEEPEST = 20
_ATTRIBUTE = r"[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*|\d+(?:\.\d+)+"
_ITEM = re.compile(rf"({_ATTRIBUTE})?((?::dn)?)(?::([A-Za-z0-9.-]+))?(:=|~=|>=|<=|=)([^()]*)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2})")
_PLACEHOLDER = re.compile(rb"\{(\w+)\}")
_TAGS = {"=": 0xA3, ">=": 0xA5, "<=": 0xA6, "~=": 0xA8}


def compiled(text: str, *known: str) -> Filter:
    """What to call with the values of its `{names}`; ValueError for what isn't a filter, or names others."""
    text = text.strip()
    made, end = _filter(text, 0, 0)
    if end != len(text):
        raise ValueError(f"the filter ends before {text[end : end + 20]!r}")
    for name in _PLACEHOLDER.findall(text.encode()):
        if name.decode() not in known:
            raise ValueError(f"{{{name.decode()}}} isn't known in this filter")
    return made


def _filter(text: str, place: int, depth: int) -> tuple[Filter, int]:
    if depth > _DEEPEST or text[place : place + 1] != "(":
        raise ValueError(f"a filter such as (uid={{login}}) is expected at {text[place : place + 20]!r}")
    kind = text[place + 1 : place + 2]
    if kind in {"&", "|", "!"}:
        parts, end = _several(text, place + 2, depth + 1)
        if kind == "!" and len(parts) != 1:
            raise ValueError("'!' takes one filter")
        made = _together({"&": 0xA0, "|": 0xA1, "!": 0xA2}[kind], parts)
    else:
        made, end = _item(text, place + 1)
    if text[end : end + 1] != ")":
        raise ValueError(f"a closing bracket is missing at {text[end : end + 20]!r}")
    return made, end + 1


def _several(text: str, place: int, depth: int) -> tuple[list[Filter], int]:
    parts: list[Filter] = []
    while text[place : place + 1] == "(":
        part, place = _filter(text, place, depth)
        parts.append(part)
    if not parts:
        raise ValueError(f"a filter is expected at {text[place : place + 20]!r}")
    return parts, place


def _together(tag: int, parts: list[Filter]) -> Filter:
    return lambda values: ber.tlv(tag, *(part(values) for part in parts))


def _item(text: str, place: int) -> tuple[Filter, int]:
    found = _ITEM.match(text, place)
    if found is None:
        raise ValueError(f"a condition such as uid={{login}} is expected at {text[place : place + 20]!r}")
    attribute, with_dn, rule, sign, value = found.groups()
    if sign == ":=":
        made = _extensible(attribute, rule, bool(with_dn), value)
    elif attribute is None or rule or with_dn:
        raise ValueError(f"a condition such as uid={{login}} is expected at {text[place : place + 20]!r}")
    elif sign == "=" and "*" in value:
        made = _presence(attribute) if value == "*" else _substrings(attribute, value)
    else:
        tag, put = _TAGS[sign], _value(value)
        made = lambda values: ber.tlv(tag, ber.octets(attribute), ber.octets(put(values)))  # noqa: E731 - beside the others
    return made, found.end()


def _presence(attribute: str) -> Filter:
    return lambda _values: ber.octets(attribute, 0x87)


def _substrings(attribute: str, value: str) -> Filter:
    first, *between, last = value.split("*")
    pieces = [(0x80, first), *((0x81, piece) for piece in between), (0x82, last)]
    puts = [(tag, _value(piece)) for tag, piece in pieces if piece]
    if not puts:
        raise ValueError(f"nothing stands between the asterisks of {attribute}")

    def made(values: Mapping[str, str]) -> bytes:
        found = (ber.octets(put(values), tag) for tag, put in puts)
        return ber.tlv(0xA4, ber.octets(attribute), ber.tlv(ber.SEQUENCE, *found))

    return made


def _extensible(attribute: str | None, rule: str | None, with_dn: bool, value: str) -> Filter:
    if attribute is None and rule is None:
        raise ValueError("':=' needs an attribute or a rule before it")
    put = _value(value)

    def made(values: Mapping[str, str]) -> bytes:
        parts = [
            ber.octets(rule, 0x81) if rule else b"",
            ber.octets(attribute, 0x82) if attribute else b"",
            ber.octets(put(values), 0x83),
            ber.truth(True, 0x84) if with_dn else b"",
        ]
        return ber.tlv(0xA9, *parts)

    return made


def _value(text: str) -> Callable[[Mapping[str, str]], bytes]:
    raw = text.encode()
    if b"\\" in _ESCAPED.sub(b"", raw):
        raise ValueError(f"write a backslash as \\5c in {text!r}")
    plain = [_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part) for part in _PLACEHOLDER.split(raw)]

    def put(values: Mapping[str, str]) -> bytes:
        return b"".join(values[part.decode()].encode() if n % 2 else part for n, part in enumerate(plain))

    return put
