"""What owners of the charter send, read at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.inputs import day, optional, parse, text, whole

TITLE, TEXT, MESSAGE = 160, 6_000, 1_000
MOST_DAYS = 365
LONGEST_REMARK = 4_000


def head(source: Mapping[str, Any]) -> dict[str, Any]:
    """Title and preamble in both languages, and the delays."""
    return parse(
        source,
        seen=text(longest=64, lines=False),
        title_fr=optional(text(longest=TITLE, lines=False), ""),
        title_en=optional(text(longest=TITLE, lines=False), ""),
        preamble_fr=optional(text(longest=TEXT), ""),
        preamble_en=optional(text(longest=TEXT), ""),
        notice_days=whole(largest=MOST_DAYS),
        grace_days=whole(largest=MOST_DAYS),
    )


def titles(source: Mapping[str, Any]) -> dict[str, Any]:
    """A title in both languages."""
    return parse(
        source,
        title_fr=text(longest=TITLE, lines=False),
        title_en=text(longest=TITLE, lines=False),
    )


def clause(source: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a clause; what isn't written yet stays empty."""
    return parse(
        source,
        seen=text(longest=64, lines=False),
        title_fr=optional(text(longest=TITLE, lines=False), ""),
        title_en=optional(text(longest=TITLE, lines=False), ""),
        text_fr=optional(text(longest=TEXT), ""),
        text_en=optional(text(longest=TEXT), ""),
        message_fr=optional(text(longest=MESSAGE), ""),
        message_en=optional(text(longest=MESSAGE), ""),
        severity=whole(smallest=1, largest=3),
    )


def seen(source: Mapping[str, Any]) -> str:
    """The mark of what was on the page."""
    return str(parse(source, seen=text(longest=64, lines=False))["seen"])


def place(source: Mapping[str, Any]) -> dict[str, Any]:
    """Where something was, and where it is to go."""
    return parse(
        source,
        seen=text(longest=64, lines=False),
        to=whole(smallest=1, largest=100),
        article=optional(text(longest=20, lines=False), ""),
    )


def checklist(source: Mapping[str, Any]) -> dict[str, Any]:
    """Two days, each perhaps not yet known."""
    return parse(source, consulted_on=optional(day()), informed_on=optional(day()))


def remark(source: Mapping[str, Any]) -> dict[str, Any]:
    """A comment on a clause, or an answer."""
    return parse(
        source,
        body=text(longest=LONGEST_REMARK),
        clause_key=optional(text(longest=20, lines=False), ""),
        parent_id=optional(whole()),
    )
