"""The text of a draft as a reader meets it: one string, its blocks apart, each stretch knowing its source."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, Literal

from .fold import BREAK, MASK
from .verdict import Place

Role = Literal["title", "text", "quote", "code", "link", "label", "alt", "name", "file", "poll", "hashtag"]
# What a person reads as words; addresses and file names are kept for organisations and file rules.
WORDS: Final[frozenset[str]] = frozenset(
    {"title", "text", "quote", "code", "label", "alt", "name", "file", "poll", "hashtag"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the document from one stretch [at, stop) of the source of a part."""

    start: int
    end: int
    part: str
    role: Role
    at: int
    stop: int

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        if self.stop - self.at != self.end - self.start:
            return self.at, self.stop
        return self.at + max(start, self.start) - self.start, self.at + min(end, self.end) - self.start


@dataclass(frozen=True, slots=True)
class Link:
    """An address somebody can follow, and where the document shows it."""

    url: str
    start: int
    end: int
    explicit: bool = True


@dataclass(slots=True)
class Document:
    """Built once, then only read."""

    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    link_spans: list[tuple[int, int]] = field(default_factory=list)

    def piece_at(self, index: int) -> Piece | None:
        found = bisect_right(self.starts, index) - 1
        return self.pieces[found] if found >= 0 else None

    def roles(self, start: int, end: int) -> set[Role]:
        """Every role that a span of the document touches."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, end - 1) - 1)
        roles = {piece.role for piece in self.pieces[first : last + 1] if piece.end > start}
        return {"link"} if self.is_link(start, end) else roles

    def is_link(self, start: int, end: int) -> bool:
        """Whether the span lies inside an address written out in the text."""
        found = bisect_right(self.link_spans, (start, len(self.text) + 1)) - 1
        return found >= 0 and self.link_spans[found][1] >= end

    def place(self, start: int, end: int) -> Place | None:
        """Where a span of the document is in the source."""
        first, last = self.piece_at(start), self.piece_at(max(start, end - 1))
        if first is None or last is None:
            return None
        begin, stop = first.source_span(start, end)
        if last.part == first.part and last is not first:
            stop = max(stop, last.source_span(start, end)[1])
        return Place(first.part, begin, stop)


class Builder:
    """Collects pieces; `block()` ends what a phrase may run through."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pieces: list[Piece] = []
        self._links: list[Link] = []
        self._later: list[tuple[str, str, Role, int, int, bool]] = []
        self._length = 0

    @property
    def length(self) -> int:
        return self._length

    def add(self, text: str, part: str, role: Role, at: int, stop: int) -> None:
        if not text:
            return
        start = self._length
        self._length += len(text)
        self._texts.append(text)
        self._pieces.append(Piece(start, self._length, part, role, at, stop))

    def last_char(self) -> str:
        return self._texts[-1][-1] if self._texts else BREAK

    def letter_before_last(self) -> bool:
        text = "".join(self._texts[-2:])
        return len(text) > 1 and text[-2].isalpha()

    def drop_last_char(self) -> None:
        """Take back one character, the hyphen before a line break inside a word."""
        text, piece = self._texts.pop(), self._pieces.pop()
        self._length = piece.start
        exact = piece.stop - piece.at == piece.end - piece.start
        self.add(text[:-1], piece.part, piece.role, piece.at, piece.stop - 1 if exact else piece.stop)

    def block(self) -> None:
        if self._texts and self._texts[-1] != BREAK:
            self._texts.append(BREAK)
            self._length += 1
        later, self._later = self._later, []
        for text, part, role, at, stop, is_link in later:
            start = self._length
            self.add(text, part, role, at, stop)
            if is_link:
                self._links.append(Link(text, start, self._length))
            self.block()

    def later(self, text: str, part: str, role: Role, at: int, stop: int, *, is_link: bool = False) -> None:
        """Add a block of its own once the current one ends: an address, a tooltip."""
        if text:
            self._later.append((text, part, role, at, stop, is_link))

    def build(self) -> Document:
        self.block()
        text = "".join(self._texts)
        return Document(text, self._pieces, self._links, [piece.start for piece in self._pieces])


def masked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with some spans, in order, unreadable; its length stays."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], MASK * (end - start)]
        at = end
    return "".join([*parts, text[at:]])
