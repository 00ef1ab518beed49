"""Folding: the many ways of writing the same letters become one, and every letter remembers where it was."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BREAK: Final = "\n"  # no phrase may cross it
MASK: Final = "\ufffc"  # stands for an account that was mentioned
_IGNORABLE_RANGES: Final = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROLS: Final = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f"
INVISIBLE: Final = re.compile(f"[{_IGNORABLE_RANGES}{_CONTROLS}]")
_APOSTROPHES: Final = "'’‘‛ʼʹʻʽˈ′`´＇ꞌ"
_SPECIAL: Final = {
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys("\t\u2800", " "),
    **dict.fromkeys("\n\r\u2028\u2029\x85", BREAK),
    **dict.fromkeys("\u2212\u2043\u2010\u2011", "-"),
    "œ": "oe",
    "Œ": "oe",
    "æ": "ae",
    "Æ": "ae",
}
_JOINED_SCRIPTS: Final = re.compile("[\u0600-\u07bf\u0860-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc]")
JOINERS: Final = "\u200c\u200d"


def _fold_char(char: str) -> str:
    if INVISIBLE.match(char):
        return ""
    if (special := _SPECIAL.get(char)) is not None:
        return special
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Cs":
        return "\ufffd"
    return _fold_compatible(char)


def _fold_compatible(char: str) -> str:
    composed = unicodedata.normalize("NFKC", char)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", composed.casefold()).casefold())
    kept = (c for c in plain if unicodedata.category(c) != "Mn" and not INVISIBLE.match(c))
    return "".join(_SPECIAL.get(c, c) for c in kept)


class _Table(dict[str, str]):
    """Letters folded so far; the alphabet of a company is small."""

    def __missing__(self, char: str) -> str:
        folded = _fold_char(char)
        if len(self) < 50_000:
            self[char] = folded
        return folded


_TABLE: Final = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text. `origin[i]` is the offset, in its source, of folded letter i; one more for the end."""

    text: str
    origin: Sequence[int]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that a span of folded text stands for, with the marks on its last letter."""
        if start >= end:
            return self.origin[start], self.origin[start]
        stop = self.origin[end - 1] + 1
        source = self.source
        while stop < len(source) and unicodedata.category(source[stop]) == "Mn":
            stop += 1
        return self.origin[start], stop

    def slice(self, start: int, end: int) -> str:
        first, stop = self.span(start, end)
        return self.source[first:stop]


def fold(source: str) -> Folded:
    """Fold a text and keep the way back."""
    pieces = [_TABLE[char] for char in source]
    text = "".join(pieces)
    if len(text) == len(source) and "" not in pieces:
        return Folded(text, range(len(source) + 1), source)
    origin = [at for at, piece in enumerate(pieces) for _ in piece]
    origin.append(len(source))
    return Folded(text, origin, source)


def fold_text(source: str) -> str:
    """The folded text alone."""
    return "".join([_TABLE[char] for char in source])


def duplicate_key(body: str) -> str:
    """Two bodies with this same key say the same thing."""
    return " ".join(re.findall(r"\w+", fold_text(body)))


def with_accents(text: str) -> str:
    """Folded in everything but accents, composed, for terms to which accents matter."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFC", visible.casefold())


def with_case(text: str) -> str:
    """Folded in everything but case, for names that are told from common words by their capital."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = unicodedata.normalize("NFKD", visible)
    return "".join(c for c in plain if unicodedata.category(c) != "Mn").replace("’", "'")


def is_disguised(written: str) -> bool:
    """Whether it takes an invisible character inside, or a letter of another form, to read these letters."""
    if written.isascii():
        return INVISIBLE.search(written, 1, max(1, len(written) - 1)) is not None
    return _has_hidden(written) or any(map(_is_compatibility_letter, written))


def _has_hidden(written: str) -> bool:
    return any(
        not _is_orthographic(written, found.start())
        for found in INVISIBLE.finditer(written, 1, max(1, len(written) - 1))
    )


def _is_orthographic(text: str, at: int) -> bool:
    """Joiners between letters that join, and around emoji, are how these are written."""
    if text[at] not in JOINERS + "\ufe0e\ufe0f":
        return False
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return bool(_JOINED_SCRIPTS.search(around)) or not any(c.isalnum() for c in around)


def _is_compatibility_letter(char: str) -> bool:
    form = "" if char.isascii() else unicodedata.decomposition(char)
    if not form.startswith("<"):
        return False
    return form.startswith(("<wide>", "<small>")) or any(
        map(str.isalnum, unicodedata.normalize("NFKC", char))
    )
