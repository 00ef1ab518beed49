"""Labels and posts as files carry them: one JSON object a line, read one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from app.relevance.classifier.model import TASKS, TONE, WORK

_YES: Final = frozenset({"1", "true", "yes", "y", "oui", "vrai"})
_NO: Final = frozenset({"0", "false", "no", "n", "non", "faux"})
_WORDS: Final[dict[str, tuple[str, bool]]] = {
    "work": (WORK, True), "travail": (WORK, True), "professional": (WORK, True), "pro": (WORK, True),
    "private": (WORK, False), "personal": (WORK, False), "perso": (WORK, False), "prive": (WORK, False),
    "privé": (WORK, False), "not_work": (WORK, False),
    "insult": (TONE, True), "insulting": (TONE, True), "insulte": (TONE, True), "toxic": (TONE, True),
    "toxique": (TONE, True), "hostile": (TONE, True), "offensive": (TONE, True),
    "neutral": (TONE, False), "neutre": (TONE, False), "polite": (TONE, False),
    "not_insulting": (TONE, False),
}  # fmt: skip
LONGEST_TEXT: Final = 20_000


@dataclass(frozen=True)
class Labelled:
    """What a line says of a text: at least one judgement."""

    text: str
    lang: str = ""
    values: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Bad:
    """A line that says nothing usable, and why."""

    number: int
    why: str


def read_labels(lines: Iterable[str]) -> Iterator[Labelled | Bad]:
    """Each line's labels, or what is wrong with it; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _labelled(_object(line))
            except ValueError as problem:
                yield Bad(number, str(problem))


def read_post(line: str) -> tuple[Any, str, str | None]:
    """Id, text and language of a post to score; ValueError with a sentence when there is none."""
    told = _object(line)
    lang = told.get("lang")
    if lang is not None and not isinstance(lang, str):
        raise ValueError('"lang" is no text')
    return told.get("id"), _text(told), lang


def _labelled(told: dict[str, Any]) -> Labelled:
    values = {task: _truth(told[task], task) for task in TASKS if told.get(task) is not None}
    for name in ("label", "labels"):
        given = told.get(name)
        if given is not None:
            values |= _spoken(given, told.get("task"))
    if not values:
        raise ValueError('neither "work" nor "tone" is given')
    lang = told.get("lang")
    return Labelled(_text(told), lang[:2].lower() if isinstance(lang, str) else "", values)


def _spoken(given: Any, task: Any) -> dict[str, bool]:
    """A label in a word ("private", "insulting"), several, or a number with its task beside it."""
    if isinstance(given, dict):
        return {name: _truth(given[name], name) for name in TASKS if given.get(name) is not None}
    if isinstance(given, list):
        return {name: value for one in given for name, value in _spoken(one, task).items()}
    known = _WORDS.get(str(given).strip().lower().replace(" ", "_").replace("-", "_"))
    if known is not None:
        return dict([known])
    if task in TASKS:
        return {str(task): _truth(given, "label")}
    raise ValueError(f'"label" {given!r} is none that is known')


def _truth(raw: Any, name: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and raw in {0, 1}:
        return bool(raw)
    word = str(raw).strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(f'"{name}" is neither true nor false')


def _object(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise ValueError("not JSON") from problem
    if not isinstance(told, dict):
        raise ValueError("not a JSON object")
    return told


def _text(told: dict[str, Any]) -> str:
    text = told.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError('"text" is missing')
    return text.encode("utf-8", "replace").decode()[:LONGEST_TEXT]
