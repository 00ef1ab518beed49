"""What a text is made of, for a linear classifier: words, pairs of words, pieces of words, and manner.

Names are hashed, so that a stored model holds numbers and none of the company's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from zlib import crc32

from app.relevance.classifier.coarse import is_coarse

LONGEST: Final = 1_200
FEWEST_WORDS: Final = 6
_PIECES: Final = (3, 4, 5)
_MARKS: Final = re.compile(r"[\u0300-\u036f\u200b-\u200f\u2060\ufe0e\ufe0f\u00ad]")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
_MAIL: Final = re.compile(r"\S+@\S+\.\w+")
_DIGITS: Final = re.compile(r"\d+")
_LONG: Final = re.compile(r"(\w)\1{2,}")
_TOKEN: Final = re.compile(r"[^\W_]+(?:\*+[^\W_]*)*|[!?]+|\.{3}|[:;][-']?[()dp]|[^\w\s.,;:'\"()\-/*]")
_SPOKEN: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'", "…": "..."})
_YOU: Final = frozenset({
    "tu", "t", "te", "toi", "ton", "ta", "tes", "vous", "votre", "vos", "you", "your", "yours", "u", "ur",
})  # fmt: skip
_ME: Final = frozenset({
    "je", "j", "moi", "mon", "ma", "mes", "nous", "notre", "on", "i", "me", "my", "mine", "we", "our",
})  # fmt: skip


class Features:
    """What one text holds, in three groups: words and pairs of them, the words whose pieces count, manner."""

    __slots__ = ("style", "tokens", "words")

    def __init__(self, words: set[int], tokens: set[str], style: dict[int, float]) -> None:
        self.words, self.tokens, self.style = words, tokens, style


def count_words(text: str) -> int:
    """How many words people would count."""
    return sum(1 for word in text.split() if any(c.isalpha() for c in word))


def features(text: str) -> Features:
    """The features of a text; only its first 1,200 characters are read."""
    raw = text[:LONGEST]
    tokens = tokenise(raw)
    words = {_word(token) for token in tokens}
    words.update(map(_pair, tokens, tokens[1:]))
    return Features(words, set(tokens), {_style_name(name): value for name, value in _style(raw, tokens)})


def tokenise(text: str) -> list[str]:
    """Words in lower case without accents, numbers as 0, marks of emotion, addresses by their kind."""
    plain = _MAIL.sub(" xmail ", _LINK.sub(" xlink ", text.casefold().translate(_SPOKEN)))
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
    return _TOKEN.findall(_LONG.sub(r"\1\1", _DIGITS.sub("0", plain)))


def named(name: str) -> int:
    """The number of a feature, the same in every process."""
    return crc32(name.encode())


@lru_cache(maxsize=20_000)
def _word(token: str) -> int:
    return crc32(b"w:" + token.encode())


def _pair(first: str, second: str) -> int:
    return crc32(f"b:{first} {second}".encode())


def pieces_of(token: str) -> list[int]:
    """The numbers of the pieces of a word, three to five letters with its edges."""
    framed = b" " + token.encode() + b" "
    return [crc32(framed[at : at + size]) for size in _PIECES for at in range(max(1, len(framed) - size + 1))]


@lru_cache
def _style_name(name: str) -> int:
    return named(f"s:{name}")


def word_features(token: str, following: str | None) -> set[int]:
    """The numbers of one word of a text and of the pair it makes, for explanations."""
    return {_word(token)} if following is None else {_word(token), _pair(token, following)}


def _style(raw: str, tokens: list[str]) -> Iterator[tuple[str, float]]:
    """How it is written, each between 0 and 1."""
    letters = sum(map(str.isalpha, raw)) or 1
    size = len(tokens) or 1
    coarse = sum(1 for token in tokens if is_coarse(token))
    you = sum(1 for token in tokens if token in _YOU)
    yield "always", 1.0
    yield "capitals", min(1.0, 2 * sum(map(str.isupper, raw)) / letters)
    yield "exclaims", min(1.0, raw.count("!") / 3)
    yield "asks", min(1.0, raw.count("?") / 2)
    yield "numbers", min(1.0, 8 * tokens.count("0") / size)
    yield "you", min(1.0, 6 * you / size)
    yield "me", min(1.0, 6 * sum(1 for token in tokens if token in _ME) / size)
    yield "short", 1.0 if size < 15 else 0.0
    yield "long", min(1.0, size / 150)
    yield "coarse", min(1.0, coarse / 2)
    yield "coarse at you", 1.0 if coarse and you else 0.0
    yield "coarse and short", 1.0 if coarse and size < 20 else 0.0
    yield "long words", min(1.0, 3 * sum(1 for token in tokens if len(token) > 8) / size)
