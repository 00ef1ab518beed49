"""Questions and answers, read at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.inputs import clean, optional, parse, text, whole

TEXT, ANSWER, MOST_ANSWERS = 600, 300, 6


def question(source: Mapping[str, Any]) -> dict[str, Any]:
    """A question with its answers in both languages; empty answers at the end are left out."""
    words = parse(
        source,
        text_fr=text(longest=TEXT),
        text_en=text(longest=TEXT),
        reason_fr=optional(text(longest=TEXT), ""),
        reason_en=optional(text(longest=TEXT), ""),
        clause_key=optional(text(longest=20, lines=False), ""),
        right=whole(largest=MOST_ANSWERS - 1),
    )
    return {**words, "answers_fr": answers(source, "fr"), "answers_en": answers(source, "en")}


def answers(source: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """What there is to choose from, in a language."""
    raw = source.get(f"answer_{language}[]", [])
    given = [clean(one, lines=False)[:ANSWER] for one in (raw if isinstance(raw, list) else [raw])]
    while given and not given[-1]:
        given.pop()
    return tuple(given[:MOST_ANSWERS])


def chosen(source: Mapping[str, Any]) -> dict[int, int]:
    """Which answer was chosen for each question, by their numbers."""
    found = {}
    for name, value in source.items():
        number = name.removeprefix("question-")
        if name.startswith("question-") and _is_number(number) and _is_number(value):
            found[int(number)] = int(value)
    return found


def _is_number(raw: Any) -> bool:
    return isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 19
