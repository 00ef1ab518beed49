"""From text to the words that the index knows: no accents, capitals or plurals, the same on both databases.

What the index keeps of a document is a list of words with spaces between. Those of text hold letters and
digits only; what we add ourselves holds a "_", so that no text can pass for it: "s_12" stands for a space,
"h_" for a hashtag, "p_" for the words of a person and "n_" for those of a space, "k_" for a skill.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import Stemmer

from app.kernel.text import HASHTAG

LONGEST_WORD = 40
MOST_TERMS = 10
MOST_SPACE_TOKENS = 16  # each costs a look-up in every segment of the index; beyond, rows are cheaper
PERSON, SPACE, HASHTAGS, SKILL = "p_", "n_", "h_", "k_"
_WORD = re.compile(r"[^\W_]+")
_FRENCH, _ENGLISH = Stemmer.Stemmer("french"), Stemmer.Stemmer("english")
_JOINED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})

Segments = list[tuple[str, bool]]


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word as the index writes it: no accents, no capitals, no ligatures."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_JOINED))
    return "".join(c for c in decomposed if c.isalnum())[:LONGEST_WORD]


@lru_cache(maxsize=65_536)
def stems(word: str) -> tuple[str, ...]:
    """What is left of a word without its endings, in French and in English."""
    folded = fold(word)
    if not folded:
        return ()
    return tuple(sorted({_FRENCH.stemWord(folded), _ENGLISH.stemWord(folded)}))


def space_token(space_id: int) -> str:
    """What stands for a space in the index."""
    return f"s_{space_id}"


def of_entry(space_id: int, *texts: str) -> str:
    """The words of something said in a space: its place, its hashtags, the stems of its words."""
    tags = {f"{HASHTAGS}{fold(found.group(1))}" for text in texts for found in HASHTAG.finditer(text)}
    said = {stem for word in _words(texts) if _tells(word) for stem in stems(word)}
    return " ".join(sorted({space_token(space_id)} | tags | said))


def of_name(prefix: str, *texts: str, skills: Iterable[str] = ()) -> str:
    """The words of a person or a space, whole, so that their beginnings find them; skills one by one."""
    words = {f"{prefix}{fold(word)}" for word in _words(texts)}
    return " ".join(sorted(words | {f"{SKILL}{fold(skill)}" for skill in skills if fold(skill)}))


def asked(typed: str) -> list[str]:
    """The words somebody searches, hashtags with their sign; at most ten."""
    found: list[str] = []
    for piece in typed.split():
        tag = HASHTAG.fullmatch(piece)
        found += [f"#{tag.group(1)}"] if tag else _WORD.findall(piece)
    return list(dict.fromkeys(word for word in found if fold(word)))[:MOST_TERMS]


def entry_terms(typed: str) -> list[tuple[str, ...]]:
    """For each word asked, the words of the index of which one must be there."""
    terms = [
        (f"{HASHTAGS}{fold(word)}",) if word[0] == "#" else stems(word)
        for word in asked(typed)
        if _tells(word)
    ]
    return list(dict.fromkeys(terms))


def marked(text: str, typed: str) -> Segments:
    """The text in pieces, those that match marked."""
    wanted = {stem for word in asked(typed) for stem in stems(word.lstrip("#"))}
    return _segments(text, lambda word: bool(wanted.intersection(stems(word))))


def marked_name(text: str, typed: str) -> Segments:
    """A name in pieces: words that begin with what was typed are marked."""
    wanted = tuple(fold(word) for word in asked(typed))
    return _segments(text, lambda word: bool(wanted) and fold(word).startswith(wanted))


def around(text: str, typed: str, longest: int = 220) -> str:
    """A piece of a long text, beginning shortly before its first match."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    wanted = {stem for word in asked(typed) for stem in stems(word.lstrip("#"))}
    hit = next((m.start() for m in _WORD.finditer(plain) if wanted.intersection(stems(m.group()))), 0)
    start = 0 if hit < longest // 2 else plain.rfind(" ", 0, hit - longest // 4) + 1
    piece = plain[start : start + longest]
    if start + longest < len(plain):
        piece = f"{piece.rsplit(' ', 1)[0]} …"
    return f"… {piece}" if start else piece


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _WORD.findall(text)


def _tells(word: str) -> bool:
    """Single letters are elisions and initials: everywhere, and of no help."""
    return len(word) > 1 or not word.isascii() or word.isdigit()


def _segments(text: str, is_hit: Callable[[str], bool]) -> Segments:
    pieces: Segments = []
    end = 0
    for found in _WORD.finditer(text):
        if is_hit(found.group()):
            pieces += [(text[end : found.start()], False), (found.group(), True)]
            end = found.end()
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]
