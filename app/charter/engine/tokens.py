"""Words of a folded text, laid out so that one automaton finds whole words only.

The lane is `" word word \\n word "`: one space where two words may belong to one name, else a break.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import Final

from .document import Document
from .fold import Folded

_MARKS: Final = "".join(
    chr(code) for code in range(0x300, 0x1E000) if unicodedata.category(chr(code)) in ("Mc", "Me")
)
_MARK_SET: Final = frozenset(_MARKS)
_PLAIN_WORD: Final = re.compile(r"\w+")
_MARKED_WORD: Final = re.compile(rf"[^\W{_MARKS}]+(?:[{_MARKS}]+\w*)*")
_JOINER: Final = re.compile(r" +|[-'_./&]| *& *")
_BREAK: Final = "\n"
_GAP: Final = " "
_FAR: Final = " \n "
_LOOSE_ROLES: Final = frozenset({"link", "name", "hashtag"})
_LOWER: Final = "a-zß-öø-ÿ"
_UPPER: Final = "A-ZÀ-ÖØ-Þ"
_HUMP: Final = re.compile(
    rf"[{_LOWER}][{_UPPER}]|[{_UPPER}](?=[{_UPPER}][{_LOWER}])|[^\W\d_](?=\d)|\d(?=[^\W\d_])"
)


class _Gaps(dict[str, str]):
    """What stands in the lane for what stands between two words."""

    def __missing__(self, join: str) -> str:
        gap = _GAP if join == "" or _JOINER.fullmatch(join) else _FAR
        if len(self) < 5_000 and len(join) < 20:
            self[join] = gap
        return gap


_GAPS: Final = _Gaps()


@dataclass(slots=True)
class Lane:
    """Words with their spans in the folded text, and what stands between each and the next."""

    folded: Folded
    words: list[str]
    spans: list[tuple[int, int]]
    joins: list[str]
    text: str = ""
    at: dict[int, int] = field(default_factory=dict)
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
    spans = _word_spans(folded, [(0, len(folded))])
    return [folded[start:end] for start, end in spans], [folded[a[1] : b[0]] for a, b in pairwise(spans)]


def make_lane(folded: Folded, document: Document) -> Lane:
    """Lay out the words of a document."""
    lane = _bare_lane(folded, _word_spans(folded.text, [(0, len(folded.text))]))
    _add_humps(lane, document)
    _lay_out(lane)
    return lane


def make_part_lane(folded: Folded, windows: Iterable[tuple[int, int]]) -> Lane:
    """Lay out only the words of some windows of the folded text."""
    lane = _bare_lane(folded, _word_spans(folded.text, windows))
    _lay_out(lane)
    return lane


def _word_spans(text: str, windows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    if "_" in text:
        text = text.replace("_", "/")
    word = _MARKED_WORD if not (text.isascii() or _MARK_SET.isdisjoint(text)) else _PLAIN_WORD
    return [found.span() for start, end in windows for found in word.finditer(text, start, end)]


def _bare_lane(folded: Folded, spans: list[tuple[int, int]]) -> Lane:
    text = folded.text
    words = [text[start:end] for start, end in spans]
    joins = [text[left[1] : right[0]] for left, right in pairwise(spans)]
    return Lane(folded, words, spans, [*joins, _BREAK], main=len(words))


def _lay_out(lane: Lane) -> None:
    gaps = [_GAPS[join] for join in lane.joins]
    lane.text = " " + "".join(chain.from_iterable(zip(lane.words, gaps, strict=False)))
    lengths = (len(word) + len(gap) for word, gap in zip(lane.words, gaps, strict=False))
    lane.at = {position: number for number, position in enumerate(accumulate(lengths, initial=1))}


def _add_humps(lane: Lane, document: Document) -> None:
    """`NordMatériaux` also reads as two words; so does `offre2026` in a hashtag or a file name."""
    folded = lane.folded
    for number in _humped_words(lane):
        start, end = lane.spans[number]
        loose = _is_loose(folded, document, start, end)
        cuts = _hump_cuts(folded, start, end, digits=loose)
        if cuts:
            _add_hump(lane, [start, *cuts, end], loose=loose)


def _humped_words(lane: Lane) -> Iterable[int]:
    """The words inside which a capital or a digit follows something else."""
    folded, firsts = lane.folded, [start for start, _ in lane.spans]
    exact = isinstance(folded.origin, range)
    numbers: dict[int, None] = {}
    for found in _HUMP.finditer(folded.source):
        at = found.start() if exact else bisect_right(folded.origin, found.start()) - 1
        number = bisect_right(firsts, at) - 1
        if number >= 0:
            numbers[number] = None
    return numbers


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
