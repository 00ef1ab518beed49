"""One automaton for every list of words and every name: ten thousand terms cost one pass."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

import ahocorasick

from .fold import fold_text, with_accents
from .spec import AliasMode
from .tokens import Lane, split_words

_PHRASE_JOINS: Final = frozenset({"-", ""})
_SHORT: Final = 5
_ACCENTED_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to look for. `owner` is a rule's key or an organisation's id."""

    owner: str
    kind: Literal["term", "allow", "alias", "contact"]
    words: int
    joins: tuple[str, ...]
    letters: int
    prefix: bool = False
    accents: tuple[str, ...] = ()
    mode: AliasMode = "plain"
    cased: str = ""
    homonym: bool = False
    valid_to: date | None = None
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found at words [first, stop) of a lane."""

    entry: Entry
    lane: Lane
    first: int
    stop: int
    start: int
    end: int

    @property
    def written(self) -> str:
        return self.lane.folded.source[self.start : self.end]


@dataclass(slots=True)
class Index:
    """Collects entries, then answers."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    _automaton: Any = None

    def add(self, key: str, entry: Entry) -> None:
        self.entries.setdefault(key, []).append(entry)

    def close(self) -> None:
        """Build the automaton; nothing is added afterwards."""
        if not self.entries:
            return
        automaton = ahocorasick.Automaton()
        for key, entries in self.entries.items():
            automaton.add_word(key, (len(key), tuple(entries)))
        automaton.make_automaton()
        self._automaton = automaton

    def matches(self, lane: Lane) -> Iterator[Match]:
        """Every entry in the lane that is written as it may be."""
        if self._automaton is None or not lane.words:
            return
        for end, (length, entries) in self._automaton.iter(lane.text):
            first = lane.at.get(end - length + 2)
            if first is None:
                continue
            for entry in entries:
                stop = first + entry.words
                if _is_joined(entry, lane, first, stop):
                    yield Match(entry, lane, first, stop, *lane.document_span(first, stop))


def _is_joined(entry: Entry, lane: Lane, first: int, stop: int) -> bool:
    if first >= lane.main and not _fits_hump(entry, lane, first, stop):
        return False
    if entry.kind in ("term", "allow") and not all(
        join.isspace() or join in _PHRASE_JOINS or join == own
        for join, own in zip(lane.joins[first : stop - 1], entry.joins, strict=False)
    ):
        return False
    if entry.tail and not lane.folded.text.startswith(entry.tail, lane.spans[stop - 1][1]):
        return False
    return not entry.accents or _has_accents(entry, lane, first, stop)


def _fits_hump(entry: Entry, lane: Lane, first: int, stop: int) -> bool:
    hump = lane.humps.get(first)
    if hump is None or stop > hump[1]:
        return False
    if hump[2]:
        return True
    return entry.kind in ("alias", "contact") and (first, stop) == hump[:2]


def _has_accents(entry: Entry, lane: Lane, first: int, stop: int) -> bool:
    written = accented_words(lane.written(first, stop))
    if entry.prefix and written and entry.accents:
        return written[:-1] == entry.accents[:-1] and written[-1].startswith(entry.accents[-1])
    return written == entry.accents


def key_of(words: Iterable[str], *, prefix: bool = False) -> str:
    """The key under which words are looked for: with a space on each open side."""
    return " " + " ".join(words) + ("" if prefix else " ")


def term_entries(
    owner: str,
    term: str,
    *,
    suffixes: tuple[str, ...] = (),
    accent_sensitive: bool = False,
    kind: Literal["term", "allow"] = "term",
) -> Iterator[tuple[str, Entry]]:
    """The keys and entries of one term of a list, inflected forms included."""
    prefix = term.endswith("*")
    base = term.rstrip("*").strip()
    folded = fold_text(base)
    words, joins = split_words(folded)
    if not words:
        return
    tail = "" if prefix else folded[folded.rindex(words[-1]) + len(words[-1]) :].strip()
    for form in inflected(tuple(words), () if prefix else suffixes):
        letters = sum(map(len, form))
        sensitive = accent_sensitive or (form != tuple(words) and sum(map(len, words)) < _SHORT)
        accents = _respelled(accented_words(base), tuple(words), form) if sensitive else ()
        entry = Entry(
            owner, kind, len(words), tuple(joins), letters, prefix=prefix, accents=accents, tail=tail
        )
        yield key_of(form, prefix=prefix), entry


def inflected(words: tuple[str, ...], suffixes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words themselves, then with each ending on the last, the first, and both."""
    yield words
    for suffix in suffixes:
        for ends in ((-1,), (0,), (0, -1)) if len(words) > 1 else ((-1,),):
            form = list(words)
            for end in ends:
                form[end] += suffix
            yield tuple(form)


def accented_words(text: str) -> tuple[str, ...]:
    """Words folded in everything but accents."""
    return tuple(_ACCENTED_WORD.findall(with_accents(text)))


def _respelled(accented: tuple[str, ...], words: tuple[str, ...], form: tuple[str, ...]) -> tuple[str, ...]:
    if len(accented) != len(words):
        return accented
    return tuple(own + new[len(word) :] for own, word, new in zip(accented, words, form, strict=True))
