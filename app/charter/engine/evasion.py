"""Readings of a disguised text: look-alike letters, letters set apart, digits for letters, letters repeated.

Each is a text of its own with the way back to the document, tried only where the plain one is mute.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .confusables import LATIN_LOOK, latin_look, mixes_scripts, script
from .document import Document
from .fold import Folded, fold

_LOOK_ALIKES: Final = frozenset(LATIN_LOOK)
_WORD: Final = re.compile(r"[^\W_]+")
_LETTER_OR_LEET: Final = r"(?:[^\W_]|[@$!])"
_APART: Final = re.compile(
    rf"(?<![^\W_])(?<![@$!]){_LETTER_OR_LEET}(?P<gap>(?:(?![@$!\n])[\W_]){{1,3}}){_LETTER_OR_LEET}"
    rf"(?:(?P=gap){_LETTER_OR_LEET}){{2,}}(?![^\W_])"
)
# Cheap to look for: two words of one letter, one after the other.
_MAYBE_APART: Final = re.compile(r"\b\w\W{1,3}\w\b")
_LEET_SIGN: Final = re.compile(r"[013457@$!]")
_LEET_WORD: Final = re.compile(_LETTER_OR_LEET + "+")
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_TIME: Final = re.compile(r"\d{1,2}h\d{0,2}")
_FINAL: Final = re.compile(r"[@!]+$")
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_MOST_RUNS: Final = 3
LEET_LETTERS: Final = 5
_NEAR: Final = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it may have been meant, with the offsets in the document of what was read otherwise.

    `leet` are those where a sign was read as a letter.
    """

    folded: Folded
    changed: tuple[int, ...] = ()
    leet: tuple[int, ...] = ()

    def uses_leet(self, start: int, end: int) -> bool:
        at = bisect_left(self.leet, start)
        return at < len(self.leet) and self.leet[at] < end

    def windows(self) -> Iterator[tuple[int, int]]:
        """The stretches of the folded text in which a changed letter could make a match."""
        text, origin = self.folded.text, self.folded.origin
        near: list[list[int]] = []
        for place in self.changed:
            at = bisect_left(origin, place)
            if near and at - _NEAR <= near[-1][1]:
                near[-1][1] = at + _NEAR
            else:
                near.append([at - _NEAR, at + _NEAR])
        floor = 0
        for first, last in near:
            start = max(floor, _outward(text, max(0, first), -1))
            floor = _outward(text, min(len(text), last), 1)
            yield start, floor


def _outward(text: str, at: int, step: int) -> int:
    """To the edge of the word that an offset falls into, unless the word is endless."""
    for _ in range(200):
        beside = text[at - 1 : at] if step < 0 else text[at : at + 1]
        if not beside.isalnum():
            break
        at += step
    return at


def readings(document: Document, folded: Folded) -> Iterator[Reading]:
    """Every other reading that differs from the plain one; none for an ordinary text."""
    plain = _unmasked(document, folded)
    if plain.changed:
        yield plain
    for joined in _joined(plain):
        reading = _unleeted(joined)
        if reading.changed and reading is not plain:
            yield reading
        yield from _unrepeated(reading)


def _unmasked(document: Document, folded: Folded) -> Reading:
    """Latin letters for those that only look so, in words where they can't be meant."""
    text = document.text
    if text.isascii() or _LOOK_ALIKES.isdisjoint(text):
        return Reading(folded)
    latin, at = _is_mostly_latin(text), 0
    parts: list[str] = []
    changed: list[int] = []
    for found in _WORD.finditer(text):
        if (word := _unmasked_word(found.group(), latin=latin)) != found.group():
            changed += range(*found.span())
            parts += [text[at : found.start()], word]
            at = found.end()
    return Reading(fold("".join([*parts, text[at:]])), tuple(changed)) if changed else Reading(folded)


def _unmasked_word(word: str, *, latin: bool) -> str:
    if word.isascii() or _LOOK_ALIKES.isdisjoint(word):
        return word
    wholly_foreign = latin and all(script(char) != "LATIN" for char in word)
    return latin_look(word) if wholly_foreign or mixes_scripts(word) else word


def _is_mostly_latin(text: str) -> bool:
    letters = [script(char) for char in text if char.isalpha()]
    return letters.count("LATIN") * 2 > len(letters)


def _joined(reading: Reading) -> Iterator[Reading]:
    """The text itself, or with letters set apart drawn together, with or without a one-letter word."""
    if not _MAYBE_APART.search(reading.folded.text.replace("_", " ")):
        yield reading
        return
    runs = [found for found in _APART.finditer(reading.folded.text) if _letters(found.group()) > 2]
    if not runs:
        yield reading
        return
    for skip_first, skip_last in ((0, 0), (1, 0), (0, 1)):
        yield _without_gaps(reading, runs, skip_first, skip_last)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _without_gaps(reading: Reading, runs: list[re.Match[str]], skip_first: int, skip_last: int) -> Reading:
    folded, at = reading.folded, 0
    text: list[str] = []
    origin: list[int] = []
    changed: list[int] = []
    for run in runs:
        step = 1 + len(run["gap"])
        start, end = run.start() + step * skip_first, run.end() - step * skip_last
        text += [folded.text[at:start], folded.text[start:end:step]]
        origin += [*folded.origin[at:start], *folded.origin[start:end:step]]
        changed += folded.origin[start:end:step]
        at = end
    text.append(folded.text[at:])
    origin += folded.origin[at:]
    return Reading(
        Folded("".join(text), origin, folded.source), _both(reading.changed, changed), reading.leet
    )


def _both(changed: tuple[int, ...], more: list[int]) -> tuple[int, ...]:
    return tuple(sorted({*changed, *more}))


def _unleeted(reading: Reading) -> Reading:
    """Digits and signs read as the letters they stand for, in words that hold a letter."""
    folded, text = reading.folded, reading.folded.text
    changed: list[int] = []
    parts: list[str] = []
    at = done = 0
    for sign in _LEET_SIGN.finditer(text):
        if sign.start() < done:
            continue
        found = _LEET_WORD.match(text, _word_start(text, sign.start(), done))
        if found is None:
            continue
        done = found.end()
        word = _FINAL.sub("", found.group())
        read = word.translate(_LEET)
        if read == word or not _letters(word) or _TIME.fullmatch(word):
            continue
        offsets = range(found.start(), found.start() + len(word))
        changed += [
            folded.origin[offset] for offset, old, new in zip(offsets, word, read, strict=True) if old != new
        ]
        parts += [text[at : found.start()], read]
        at = found.start() + len(word)
    if not changed:
        return reading
    parts.append(text[at:])
    meant = Folded("".join(parts), folded.origin, folded.source)
    return Reading(meant, _both(reading.changed, changed), tuple(sorted({*changed})))


def _word_start(text: str, at: int, floor: int) -> int:
    while at > floor and (text[at - 1].isalnum() or text[at - 1] in "@$!"):
        at -= 1
    return at


def _unrepeated(reading: Reading) -> Iterator[Reading]:
    """Letters written three times and more, read as two and as one."""
    runs = _repeated_runs(reading.folded.text)
    if not runs:
        return
    most = min(_MOST_RUNS, max(order for *_, order in runs) + 1)
    for choice in range(2**most):
        yield _shortened(reading, runs, choice)


def _repeated_runs(text: str) -> list[tuple[int, int, int]]:
    """Start, end and rank within its word of each run."""
    runs: list[tuple[int, int, int]] = []
    for found in _REPEATED.finditer(text):
        start, end = found.span()
        if text[start : end + 1] == "www.":
            continue
        between = text[runs[-1][1] : start] if runs else " "
        rank = min(runs[-1][2] + 1, _MOST_RUNS - 1) if runs and (not between or between.isalnum()) else 0
        runs.append((start, end, rank))
    return runs


def _shortened(reading: Reading, runs: list[tuple[int, int, int]], choice: int) -> Reading:
    folded, at = reading.folded, 0
    text: list[str] = []
    origin: list[int] = []
    for start, end, order in runs:
        stop = start + (1 if choice >> order & 1 else 2)
        text.append(folded.text[at:stop])
        origin += folded.origin[at:stop]
        at = end
    text.append(folded.text[at:])
    origin += folded.origin[at:]
    changed = _both(reading.changed, [folded.origin[start] for start, *_ in runs])
    return Reading(Folded("".join(text), origin, folded.source), changed, reading.leet)
