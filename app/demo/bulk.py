"""Huge volumes of plausible text, cheap and repeatable: names, spaces and bodies by number.

Nothing is kept: the n-th of a seed is always the same, whichever others were asked for. Bodies are made of
the sentences colleagues wrote in the open spaces of the demo company, so they break no rule of the charter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from app.demo.reading import text
from app.demo.writing import Thread, threads
from app.kernel.text import to_html

MASK = (1 << 64) - 1
OPEN = {"vie-entreprise", "production", "qualite-securite", "informatique", "ressources-humaines", "la-place"}
NAMING = re.compile(
    r"[@#`>|*\[\]]|https?:|Moissonnel|Brisemer|Horizon|Dorvane|Malvaux|Perrolac|Comète|Cormoran"
)
LANGUAGES = ("fr",) * 9 + ("en",)


class BulkPerson(NamedTuple):
    """Somebody among thousands; logins never repeat within a seed."""

    login: str
    first_name: str
    last_name: str
    title: str
    locale: str


class BulkSpace(NamedTuple):
    """One space among thousands; names never repeat within a seed."""

    name: str
    about: str
    visibility: str


def people(count: int, seed: int) -> Iterator[BulkPerson]:
    """So many people."""
    return (person(seed, number) for number in range(count))


def person(seed: int, number: int) -> BulkPerson:
    """The n-th person: every pair of names once, then again with a figure."""
    firsts, lasts, titles = (_names()[list_] for list_ in ("first names", "last names", "titles"))
    pairs = len(firsts) * len(lasts)
    turn, place = divmod(number, pairs)
    step = (place * 7919 + _mix(seed, 1)) % pairs
    first, last = firsts[step % len(firsts)], lasts[step // len(firsts)]
    login = f"{_plain(first)}.{_plain(last)}{turn + 1 if turn else ''}"
    chosen = _mix(seed, number)
    return BulkPerson(
        login, first, last, titles[chosen % len(titles)], LANGUAGES[(chosen >> 20) % len(LANGUAGES)]
    )


def spaces(count: int, seed: int) -> Iterator[BulkSpace]:
    """So many internal spaces; about one in twenty is closed."""
    return (space(seed, number) for number in range(count))


def space(seed: int, number: int) -> BulkSpace:
    """The n-th space."""
    heads, subjects = _names()["spaces"], _names()["subjects"]
    turn, place = divmod(number, len(heads) * len(subjects))
    name = f"{heads[place % len(heads)]} {subjects[place // len(heads)]}" + (f" {turn + 1}" if turn else "")
    closed = _mix(seed ^ 0x5EED, number) % 20 == 0
    about = f"Échanges, questions et documents : {subjects[place // len(heads)]}."
    return BulkSpace(name, about, "closed" if closed else "open")


def bodies(count: int, seed: int, start: int = 0) -> Iterator[str]:
    """So many post bodies, from the start-th."""
    return (body(seed, number) for number in range(start, start + count))


def body(seed: int, number: int) -> str:
    """The n-th post body: one to five sentences, an order number now and then, sometimes a list."""
    return written(seed, number)[0]


def comment(seed: int, number: int) -> str:
    """The n-th comment: one sentence, two now and then."""
    return answered(seed, number)[0]


def written(seed: int, number: int) -> tuple[str, str]:
    """The n-th post body, and the HTML that it becomes, put together from that of its sentences."""
    said, value = _sentences(), _mix(seed, number)
    size, shape, order = len(said), value >> 58, value >> 40 & 0xFFFFF
    a, x = said[value % size]
    b, y = said[(value >> 11) % size]
    if shape < 8:
        return a, f"<p>{x}</p>\n"
    if shape < 36:
        return f"{a} {b}", f"<p>{x} {y}</p>\n"
    c, z = said[(value >> 23) % size]
    if shape < 48:
        return f"Ordre **{order}** : {a} {b} {c}", f"<p>Ordre <strong>{order}</strong> : {x} {y} {z}</p>\n"
    d, w = said[(value >> 34) % size]
    if shape < 56:
        items = f"<li>{y}</li>\n<li>{z}</li>\n<li>{w}</li>"
        return f"{a}\n\n- {b}\n- {c}\n- {d}", f"<p>{x}</p>\n<ul>\n{items}\n</ul>\n"
    return f"{a} {b}\n\n{c} {d}", f"<p>{x} {y}</p>\n<p>{z} {w}</p>\n"


def answered(seed: int, number: int) -> tuple[str, str]:
    """The n-th comment, and the HTML that it becomes."""
    said, value = _sentences(), _mix(seed ^ 0xC0FFEE, number)
    (a, x), (b, y) = said[value % len(said)], said[(value >> 20) % len(said)]
    return (a, f"<p>{x}</p>\n") if value >> 62 else (f"{a} {b}", f"<p>{x} {y}</p>\n")


def _mix(seed: int, number: int) -> int:
    """A well-spread number for this pair (splitmix64)."""
    value = (number * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


@cache
def _sentences() -> tuple[tuple[str, str], ...]:
    """Sentences said in the open spaces, without names, links or marks; each with its HTML."""
    spoken = (
        thread
        for source in threads()
        for thread in source
        if thread.space in OPEN and not _is_waiting(thread)
    )
    written = (part for thread in spoken for part in (thread.body, *(said.body for said in thread.said)))
    pieces = (piece.strip() for part in written for piece in re.split(r"(?<=[.?])\s+|\n", part))
    kept = (piece for piece in pieces if 24 <= len(piece) <= 170 and piece[-1] in ".?" and piece[0].isupper())
    unique = dict.fromkeys(piece for piece in kept if not NAMING.search(piece))
    return tuple((piece, to_html(piece).strip()[3:-4]) for piece in unique)


def _is_waiting(thread: Thread) -> bool:
    """Whether it is one of those that a moderator has to see."""
    return thread.age is not None


@cache
def _names() -> dict[str, tuple[str, ...]]:
    parts = text("names.txt").split("# ")[1:]
    return {part.splitlines()[0]: tuple(part.splitlines()[1].split("|")) for part in parts}


@cache
def _plain(name: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in decomposed if letter.isalnum() and letter.isascii())
