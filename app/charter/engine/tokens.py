"""Words of a folded text, laid out so that one automaton finds whole words only.

The lane is `" word word \\n word "`: one space where two words may belong to one name, a break where they may not.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from .document import Document
from .fold import Folded

_MARKS: Final = "".join(
    chr(code) for code in range(0x300, 0x1E000) if unicodedata.category(chr(code)) in ("Mc", "Me")
)
WORD: Final = re.compile(rf"[^\W_{_MARKS}]+(?:[{_MARKS}]+[^\W_]*)*")
_JOINER: Final = re.compile(r" +|[-'_./&]| *& *")
_BREAK: Final = "\n"
_LOOSE_ROLES: Final = frozenset({"link", "name", "hashtag"})


@dataclass(slots=True)
class Lane:
    """Words with their spans in the folded text, and what stands between each and the next."""

    folded: Folded
    words: list[str]
    spans: list[tuple[int, int]]
    joins: list[str]
    text: str
    at: dict[int, int]
    # Words split at their capitals come after the main words: first index, last index, any part counts alone.
    humps: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
    main: int = 0

    def document_span(self, first: int, stop: int) -> tuple[int, int]:
        """Where words [first, stop) are in the document."""
        return self.folded.span(self.spans[first][0], self.spans[stop - 1][1])

    def written(self, first: int, stop: int) -> str:
        start, end = self.document_span(first, stop)
        return self.folded.source[start:end]


def split_words(folded: str) -> tuple[list[str], list[str]]:
    """The words of a short folded text and the joins between them."""
    found = list(WORD.finditer(folded))
    joins = [folded[left.end() : right.start()] for left, right in pairwise(found)]
    return [word.group() for word in found], joins


def make_lane(folded: Folded, document: Document, *, humps: bool = True) -> Lane:
    """Lay out the words of a document."""
    text = folded.text
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for found in WORD.finditer(text):
        words.append(found.group())
        spans.append(found.span())
    joins = [text[left[1] : right[0]] for left, right in pairwise(spans)]
    lane = Lane(folded, words, spans, [*joins, _BREAK], "", {}, main=len(words))
    if humps:
        _add_humps(lane, document)
    _lay_out(lane)
    return lane


def _lay_out(lane: Lane) -> None:
    parts, at, position = [" "], lane.at, 1
    for number, (word, join) in enumerate(zip(lane.words, lane.joins, strict=True)):
        at[position] = number
        gap = " " if join == " " or _JOINER.fullmatch(join) or join == "" else " \n "
        parts += (word, gap)
        position += len(word) + len(gap)
    lane.text = "".join(parts)


def _add_humps(lane: Lane, document: Document) -> None:
    """`NordMatériaux` also reads as two words; so does `offre2026` in a hashtag, an address or a file name."""
    folded, exact = lane.folded, len(lane.folded.text) == len(lane.folded.source)
    for number in range(lane.main):
        start, end = lane.spans[number]
        written = folded.source[start:end] if exact else folded.source[folded.origin[start] : folded.origin[end - 1] + 1]
        if not _may_have_humps(written):
            continue
        loose = _is_loose(folded, document, start, end)
        cuts = _hump_cuts(folded, start, end, digits=loose)
        if cuts:
            _add_hump(lane, [start, *cuts, end], loose=loose)


def _may_have_humps(written: str) -> bool:
    return len(written) > 2 and not written[1:].islower() and not written.isupper() and not written.isdigit()


def _is_loose(folded: Folded, document: Document, start: int, end: int) -> bool:
    if folded.text[max(0, start - 1) : start] == "#":
        return True
    return bool(document.roles(*folded.span(start, end)) & _LOOSE_ROLES)


def _hump_cuts(folded: Folded, start: int, end: int, *, digits: bool) -> list[int]:
    source, origin = folded.source, folded.origin
    cuts = []
    for at in range(start + 1, end):
        before, here = source[origin[at - 1]], source[origin[at]]
        after = source[origin[at + 1]] if at + 1 < end else ""
        hump = here.isupper() and (before.islower() or (before.isupper() and after.islower()))
        if hump or (digits and before.isdigit() != here.isdigit()):
            cuts.append(at)
    return cuts


def _add_hump(lane: Lane, edges: Sequence[int], *, loose: bool) -> None:
    first = len(lane.words)
    for start, end in pairwise(edges):
        lane.words.append(lane.folded.text[start:end])
        lane.spans.append((start, end))
        lane.joins.append("")
    lane.joins[-1] = _BREAK
    hump = (first, len(lane.words), loose)
    lane.humps.update(dict.fromkeys(range(first, len(lane.words)), hump))
