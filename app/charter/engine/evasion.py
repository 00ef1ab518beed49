"""Readings of a disguised text: look-alike letters, letters set apart, digits for letters, letters repeated.

Each reading is a text of its own with the way back to the document; they are tried only where the plain one is mute.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .confusables import LATIN_LOOK, latin_look, mixes_scripts, script
from .document import Document
from .fold import Folded, fold

_LOOK_ALIKE: Final = re.compile(f"[{''.join(map(re.escape, LATIN_LOOK))}]")
_WORD: Final = re.compile(r"[^\W_]+")
_LETTER_OR_LEET: Final = r"(?:[^\W_]|[@$!])"
_APART: Final = re.compile(
    rf"(?<![^\W_])(?<![@$!]){_LETTER_OR_LEET}(?P<gap>(?:(?![@$!\n])[\W_]){{1,3}}){_LETTER_OR_LEET}"
    rf"(?:(?P=gap){_LETTER_OR_LEET}){{2,}}(?![^\W_])"
)
_LEET_WORD: Final = re.compile(r"(?:[^\W_]|[@$!])*(?:[013457@$]|!(?=[^\W_]))(?:[^\W_]|[@$!])*")
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_FINAL: Final = re.compile(r"[@!]+$")
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_MOST_RUNS: Final = 3
LEET_LETTERS: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it may have been meant; `leet` are the folded offsets where a sign was read as a letter."""

    folded: Folded
    leet: list[int] = field(default_factory=list)

    def uses_leet(self, start: int, end: int) -> bool:
        at = bisect_left(self.leet, start)
        return at < len(self.leet) and self.leet[at] < end


def readings(document: Document, folded: Folded) -> Iterator[Reading]:
    """Every other reading that differs from the plain one; none for an ordinary text."""
    plain = _unmasked(document, folded)
    if plain is not folded:
        yield Reading(plain)
    for joined in _joined(plain):
        reading = _unleeted(joined)
        if reading.folded is not folded and reading.folded is not plain:
            yield reading
        yield from _unrepeated(reading)


def _unmasked(document: Document, folded: Folded) -> Folded:
    """Latin letters for those that only look so, in words where they can't be meant."""
    text = document.text
    if text.isascii() or not _LOOK_ALIKE.search(text):
        return folded
    latin = _is_mostly_latin(text)
    changed = _WORD.sub(lambda found: _unmasked_word(found.group(), latin=latin), text)
    return folded if changed == text else fold(changed)


def _unmasked_word(word: str, *, latin: bool) -> str:
    if word.isascii() or not _LOOK_ALIKE.search(word):
        return word
    wholly_foreign = latin and all(script(char) != "LATIN" for char in word)
    return latin_look(word) if wholly_foreign or mixes_scripts(word) else word


def _is_mostly_latin(text: str) -> bool:
    letters = [script(char) for char in text if char.isalpha()]
    return letters.count("LATIN") * 2 > len(letters)


def _joined(folded: Folded) -> Iterator[Folded]:
    """The text itself, or with letters set apart drawn together, with and without a one-letter word beside them."""
    runs = [found for found in _APART.finditer(folded.text) if _letters(found.group()) > 2]
    if not runs:
        yield folded
        return
    yield _without_gaps(folded, runs, skip_first=False, skip_last=False)
    yield _without_gaps(folded, runs, skip_first=True, skip_last=False)
    yield _without_gaps(folded, runs, skip_first=False, skip_last=True)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _without_gaps(folded: Folded, runs: list[re.Match[str]], *, skip_first: bool, skip_last: bool) -> Folded:
    text, origin, at = [], [], 0
    for run in runs:
        step = 1 + len(run["gap"])
        start = run.start() + (step if skip_first else 0)
        end = run.end() - (step if skip_last else 0)
        kept = range(start, end, step)
        text += [folded.text[at:start], *(folded.text[index] for index in kept)]
        origin += [*folded.origin[at:start], *(folded.origin[index] for index in kept)]
        at = end
    text.append(folded.text[at:])
    origin += folded.origin[at:]
    return Folded("".join(text), origin, folded.source)


def _unleeted(folded: Folded) -> Reading:
    """Digits and signs read as the letters they stand for, in words that hold a letter."""
    changed: list[int] = []
    parts, at = [], 0
    for found in _LEET_WORD.finditer(folded.text):
        word = _FINAL.sub("", found.group())
        read = word.translate(_LEET)
        if read == word or not _letters(word):
            continue
        changed += [found.start() + index for index, pair in enumerate(zip(word, read, strict=True)) if len({*pair}) > 1]
        parts += [folded.text[at : found.start()], read]
        at = found.start() + len(word)
    if not changed:
        return Reading(folded)
    parts.append(folded.text[at:])
    return Reading(Folded("".join(parts), folded.origin, folded.source), changed)


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
        if text[start - 1 : end + 1] == ".www" or text[start : end + 1] == "www.":
            continue
        same_word = bool(runs) and text[runs[-1][1] : start].isalnum() or (bool(runs) and runs[-1][1] == start)
        runs.append((start, end, min(runs[-1][2] + 1, _MOST_RUNS - 1) if same_word else 0))
    return runs


def _shortened(reading: Reading, runs: list[tuple[int, int, int]], choice: int) -> Reading:
    folded, at = reading.folded, 0
    text, origin = [], []
    for start, end, order in runs:
        stop = start + (1 if choice >> order & 1 else 2)
        text.append(folded.text[at:stop])
        origin += folded.origin[at:stop]
        at = end
    text.append(folded.text[at:])
    origin += folded.origin[at:]
    shorter = Folded("".join(text), origin, folded.source)
    moved = set(reading.leet)
    leet = [] if not moved else _moved(folded, shorter, moved)
    return Reading(shorter, leet)


def _moved(before: Folded, after: Folded, leet: set[int]) -> list[int]:
    wanted = {before.origin[index] for index in leet}
    return [index for index in range(len(after.text)) if after.origin[index] in wanted]
