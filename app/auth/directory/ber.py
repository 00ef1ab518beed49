"""The encoding of LDAP messages: BER with definite lengths (X.690, as RFC 4511 section 5.1 narrows it)."""

from __future__ import annotations

from collections.abc import Iterator

from app.auth.directory.trouble import Malformed

INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x02, 0x04, 0x0A, 0x30, 0x31
_LONGEST_LENGTH = 4  # bytes that say how long something is: four gigabytes


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: its tag, how long it is, and its parts."""
    content = b"".join(parts)
    return bytes([tag]) + _length(len(content)) + content


def whole(value: int, tag: int = INTEGER) -> bytes:
    """A whole number in as few bytes as it needs."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes | str, tag: int = OCTETS) -> bytes:
    """Bytes, or text as UTF-8."""
    return tlv(tag, value.encode() if isinstance(value, str) else value)


def truth(value: bool, tag: int = 0x01) -> bytes:
    """Yes or no."""
    return tlv(tag, b"\xff" if value else b"\x00")


def number_in(content: bytes) -> int:
    """The whole number that these bytes are."""
    if not 1 <= len(content) <= 8:
        raise Malformed("a number")
    return int.from_bytes(content, "big", signed=True)


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The (tag, content) that lie in these bytes, one after the other."""
    place = 0
    while place < len(content):
        found = header(content[place:])
        if found is None:
            raise Malformed("cut off")
        start, size = found
        end = place + start + size
        if end > len(content):
            raise Malformed("cut off")
        yield content[place], content[place + start : end]
        place = end


def children(content: bytes, *tags: int) -> list[bytes]:
    """The contents of the first elements, which must have these tags; more may follow."""
    found = list(elements(content))
    if len(found) < len(tags) or any(tag != is_ for (is_, _c), tag in zip(found, tags, strict=False)):
        raise Malformed("another shape")
    return [inner for _tag, inner in found[: len(tags)]]


def header(start: bytes) -> tuple[int, int] | None:
    """How long an element's header is, and its content; None while too few bytes are there."""
    if len(start) < 2:
        return None
    if start[1] < 0x80:
        return 2, start[1]
    more = start[1] & 0x7F
    if not 1 <= more <= _LONGEST_LENGTH:
        raise Malformed("a length")
    return (2 + more, int.from_bytes(start[2 : 2 + more], "big")) if len(start) >= 2 + more else None


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw
