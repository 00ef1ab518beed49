"""CommonMark with offsets: the same parser as the page's, plus where each letter was in the source."""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, Literal
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token

from .document import Builder, Role

_NESTING: Final = 60
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_DEEP: Final = re.compile(rf"^(?:[ \t]*(?:>|[-+*]|\d{{1,9}}[.)])){{{_NESTING // 2},}}", re.MULTILINE)
_ENTITY: Final = re.compile(r"&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
# Without any of these a text is nothing but paragraphs.
_MARKUP: Final = re.compile(
    r"[*_`\[\]<>&\\\0]|^[ \t]*(?:[#+=~\-]|\d{1,9}[.)])|^(?: {4}| {0,3}\t)", re.MULTILINE
)
_MOST_BRACKETS: Final = 2_000
_MOST_MARKS: Final = 20_000


class _State(StateInline):
    """Remembers where in its source each token begins, and each stretch of pending text."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> None:  # noqa: N803
        super().__init__(src, md, env, outTokens)
        self.stretches: list[tuple[int, int]] = []

    def append_pending(self, text: str) -> None:
        self.stretches.append((self.pos, len(text)))
        super().append_pending(text)

    def pushPending(self) -> Token:  # noqa: N802
        token = super().pushPending()
        token.meta["stretches"] = self.stretches
        self.stretches = []
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        token.meta["pos"] = self.pos
        return token


class _Parser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Every address counts, also one that the page would refuse to make a link of."""
        return True


def _make_parser() -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": True, "maxNesting": _NESTING})
    parser.inline = _Parser()
    parser.configure("commonmark", {"html": True, "maxNesting": _NESTING})
    parser.inline.ruler2.disable("fragments_join")
    parser.core.ruler.disable("text_join", ignoreInvalid=True)
    return parser


_PARSER: Final = _make_parser()
# Text that the parser stumbles over is read all the same.
_PARSER_FAILURES: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError)


def read_markdown(builder: Builder, source: str, part: str) -> None:
    """Add what a reader sees of this Markdown to the document."""
    if not _MARKUP.search(source):
        add_plain(builder, source, part, "text", 0, len(source))
        builder.block()
        return
    if is_hostile(source):
        read_stripped(builder, source, part)
        return
    reader = _Reader(builder, source, part)
    try:
        tokens = _PARSER.parse(source, {})
        for token in tokens:
            reader.block(token)
        builder.block()
        if any(token.level >= _NESTING - 2 for token in tokens):
            # The parser drops what is nested deeper; it may still be shown somewhere.
            read_stripped(builder, source, part)
    except _PARSER_FAILURES:
        builder.block()
        read_stripped(builder, source, part)


def is_hostile(source: str) -> bool:
    """Whether a text has more structure than any reader could want; it is then read without its structure."""
    if source.count("[") > _MOST_BRACKETS or source.count("*") + source.count("_") > _MOST_MARKS:
        return True
    return source.count("<") > _MOST_BRACKETS * 2 or _DEEP.search(source) is not None


def read_stripped(builder: Builder, source: str, part: str) -> None:
    """Read as plain text without tags and marks, in one pass."""
    for start, end in visible_html(source):
        at = start
        for mark in re.finditer(r"[*_`~\[\]\\]+|^[ \t>]+", source[start:end], re.MULTILINE):
            add_plain(builder, source, part, "text", at, start + mark.start())
            at = start + mark.end()
        add_plain(builder, source, part, "text", at, end)
    builder.block()


def add_plain(builder: Builder, source: str, part: str, role: Role, start: int, end: int) -> None:
    """Add a stretch of plain text: a blank line is a break, a line end a space, entities are decoded."""
    at = start
    for found in _PLAIN_SPECIAL.finditer(source, start, end):
        builder.add(source[at : found.start()], part, role, at, found.start())
        at = found.end()
        _add_special(builder, found, part, role)
    builder.add(source[at:end], part, role, at, end)


_PLAIN_SPECIAL: Final = re.compile(
    rf"[ \t]*(?:\r\n|\r|\n)(\s*?(?:\r\n|\r|\n)\s*|[ \t]*)|{_ENTITY.pattern}", re.IGNORECASE
)


def _add_special(builder: Builder, found: re.Match[str], part: str, role: Role) -> None:
    text = found.group()
    if text.startswith("&"):
        builder.add(html.unescape(text), part, role, found.start(), found.end())
    elif len(_LINE_END.findall(text)) > 1:
        builder.block()
    else:
        _soft_break(
            builder, part, role, found.start(), found.end(), found.string[found.end() : found.end() + 1]
        )


def _soft_break(builder: Builder, part: str, role: Role, at: int, stop: int, following: str) -> None:
    """A line end inside a paragraph is a space, unless a hyphen before it cut a word in two."""
    if builder.last_char() == "-" and following.isalpha() and builder.letter_before_last():
        builder.drop_last_char()
    else:
        builder.add(" ", part, role, at, stop)


def visible_html(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text outside of tags and comments."""
    at, length = 0, len(text)
    last_comment_end, last_tag_end = text.rfind("-->"), text.rfind(">")
    while at < length:
        start = text.find("<", at)
        if start < 0:
            break
        end = _tag_end(text, start, last_comment_end, last_tag_end)
        if end < 0:
            nxt = start + 1
            yield at, nxt
            at = nxt
            continue
        yield at, start
        at = end
    yield at, length


def _tag_end(text: str, start: int, last_comment_end: int, last_tag_end: int) -> int:
    if text.startswith("<!--", start):
        return text.find("-->", start + 4) + 3 if last_comment_end >= start + 4 else -1
    following = text[start + 1 : start + 2]
    if following.isalpha() or following in ("/", "!", "?"):
        return text.find(">", start) + 1 if last_tag_end > start else -1
    return -1


class _Reader:
    """Walks the parser's tokens and finds each one in the source."""

    def __init__(self, builder: Builder, source: str, part: str) -> None:
        self.builder, self.source, self.part = builder, source, part
        ends = [found.span() for found in _LINE_END.finditer(source)]
        self.line_starts = [0, *(end for _, end in ends)]
        self.line_stops = [*(start for start, _ in ends), len(source)]
        self.quotes = 0

    @property
    def role(self) -> Role:
        return "quote" if self.quotes else "text"

    def block(self, token: Token) -> None:
        if token.type == "blockquote_open":
            self.quotes += 1
        elif token.type == "blockquote_close":
            self.quotes -= 1
        elif token.type == "inline":
            _Inline(self, token).read()
            self.builder.block()
        elif token.type in ("fence", "code_block"):
            self._code(token)
        elif token.type == "html_block":
            self._html(token)

    def locate(self, token: Token) -> list[tuple[int, int]]:
        """For each line of a block's content, its offset in the content and in the source."""
        first, last = token.map or [0, 0]
        if token.type == "fence":
            first += 1
        found, at = [], 0
        lines = token.content.split("\n")
        for number, line in enumerate(lines, start=first):
            found.append((at, self._line_offset(min(number, len(self.line_starts) - 1), line)))
            at += len(line) + 1
            if number > last:
                break
        return found

    def _line_offset(self, number: int, line: str) -> int:
        start, stop = self.line_starts[number], self.line_stops[number]
        if self.source.endswith(line, start, stop):
            return stop - len(line)
        inside = self.source.rfind(line, start, stop)
        return inside if inside >= 0 else start

    def _code(self, token: Token) -> None:
        """Code keeps its line ends, and reads as one passage."""
        for line, (_, at) in zip(token.content.split("\n"), self.locate(token), strict=False):
            self.builder.add(line, self.part, "code", at, at + len(line))
            self.builder.add(" ", self.part, "code", at + len(line), at + len(line))
        self.builder.block()

    def _html(self, token: Token) -> None:
        places = self.locate(token)
        for start, end in visible_html(token.content):
            for (line_at, source_at), (next_at, _) in pairwise([*places, (len(token.content) + 1, 0)]):
                first, last = max(start, line_at), min(end, next_at - 1)
                if first < last:
                    self._html_line(token.content[first:last], source_at + first - line_at)
                if start < next_at <= end:
                    at = source_at + next_at - 1 - line_at
                    self.builder.add(" ", self.part, self.role, at, at)
        self.builder.block()

    def _html_line(self, text: str, source_at: int) -> None:
        at = 0
        for found in _ENTITY.finditer(text):
            self._add(text[at : found.start()], source_at + at)
            begin, stop = source_at + found.start(), source_at + found.end()
            self.builder.add(html.unescape(found.group()), self.part, self.role, begin, stop)
            at = found.end()
        self._add(text[at:], source_at + at)

    def _add(self, text: str, at: int) -> None:
        self.builder.add(text, self.part, self.role, at, at + len(text))


class _Inline:
    """The inside of one paragraph, heading or cell."""

    def __init__(self, reader: _Reader, token: Token) -> None:
        self.reader, self.token = reader, token
        self.builder, self.part = reader.builder, reader.part
        self.places = reader.locate(token)
        self.depth = 0

    def read(self) -> None:
        self._children(self.token.children or [], 0)

    def source(self, pos: int) -> int:
        """The offset in the source of an offset in this content."""
        low, high = 0, len(self.places)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.places[middle][0] <= pos else (low, middle)
        at, source_at = self.places[low]
        return source_at + pos - at

    def _children(self, children: list[Token], base: int) -> None:
        for child, following in zip(children, [*children[1:], None], strict=False):
            self._child(child, base, following)

    def _child(self, child: Token, base: int, following: Token | None) -> None:
        pos = base + child.meta.get("pos", 0)
        if child.type == "text":
            self._text(child, base)
        elif child.type == "text_special":
            start = self.source(pos)
            self.builder.add(child.content, self.part, self._role(), start, start + len(child.markup))
        elif child.type == "code_inline":
            self._code(child, pos)
        elif child.type in ("softbreak", "hardbreak"):
            self._break(child, self.source(pos), following)
        elif child.type == "link_open":
            self.depth += 1
            self._target(str(child.attrGet("href") or ""), str(child.attrGet("title") or ""), pos)
        elif child.type == "link_close":
            self.depth -= 1
        elif child.type == "image":
            self._image(child, pos)

    def _role(self) -> Role:
        return "label" if self.depth and not self.reader.quotes else self.reader.role

    def _text(self, child: Token, base: int) -> None:
        stretches = child.meta.get("stretches")
        if stretches is None:
            start = self.source(base + child.meta.get("pos", 0))
            begin = start + (
                1 if self.reader.source[start : start + 1] == "<" and child.content[:1] != "<" else 0
            )
            self.builder.add(child.content, self.part, self._role(), begin, begin + len(child.content))
            return
        at = 0
        for pos, length in stretches:
            text = child.content[at : at + length]
            start = self.source(base + pos)
            self.builder.add(text, self.part, self._role(), start, start + len(text))
            at += length

    def _code(self, child: Token, pos: int) -> None:
        pos += len(child.markup)
        raw = self.token.content
        if raw[pos : pos + 1] in (" ", "\n") and not raw.replace("\n", " ").startswith(child.content, pos):
            pos += 1
        at = 0
        for line in raw[pos : pos + len(child.content)].split("\n"):
            start = self.source(pos + at)
            text = child.content[at : at + len(line) + 1]
            self.builder.add(text, self.part, "code", start, start + len(text))
            at += len(line) + 1

    def _break(self, child: Token, at: int, following: Token | None) -> None:
        letter = following.content[:1] if following and following.type == "text" else ""
        after = letter if child.type == "softbreak" else ""
        _soft_break(self.builder, self.part, self._role(), at, at + 1, after)

    def _image(self, child: Token, pos: int) -> None:
        self.depth += 1
        self._children(child.children or [], pos + 2)
        self.depth -= 1
        self._target(str(child.attrGet("src") or ""), str(child.attrGet("title") or ""), pos)

    def _target(self, url: str, title: str, pos: int) -> None:
        """An address and its tooltip read after the paragraph; the editor underlines the link itself."""
        source, start = self.reader.source, self.source(pos)
        found = _find_near(source, (url, unquote(url)), start)
        at, stop = found or (start, start + 1)
        self.builder.later(url, self.part, "link", at, stop, is_link=True)
        if "%" in url:
            self.builder.later(unquote(url), self.part, "link", at, stop)
        self.builder.later(title, self.part, self.reader.role, at, stop)


def _find_near(source: str, wanted: tuple[str, ...], start: int) -> tuple[int, int] | None:
    for text in wanted:
        at = source.find(text, start, start + 4_000) if text else -1
        if at >= 0:
            return at, at + len(text)
    return None
