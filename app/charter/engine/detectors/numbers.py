"""Bank account, payment card and social security numbers."""

import re
from collections.abc import Iterator
from typing import Final

from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, folded_hit

# Length of the whole number by country, after the registry of ISO 13616.
IBAN_LENGTHS: Final = {
    **dict.fromkeys(("no",), 15),
    **dict.fromkeys(("be",), 16),
    **dict.fromkeys(("dk", "fk", "fo", "fi", "gl", "nl", "sd"), 18),
    **dict.fromkeys(("mk", "si"), 19),
    **dict.fromkeys(("at", "ba", "ee", "kz", "lt", "lu", "xk", "mn"), 20),
    **dict.fromkeys(("hr", "lv", "li", "ch"), 21),
    **dict.fromkeys(("bh", "bg", "cr", "ge", "de", "ie", "me", "rs", "gb", "va"), 22),
    **dict.fromkeys(("gi", "il", "tl", "ae", "iq", "om", "so"), 23),
    **dict.fromkeys(("ad", "cz", "md", "pk", "ro", "sa", "sk", "es", "se", "tn", "vg"), 24),
    **dict.fromkeys(("pt", "st", "ly"), 25),
    **dict.fromkeys(("is", "tr"), 26),
    **dict.fromkeys(("fr", "gr", "it", "mr", "mc", "sm", "bi", "dj"), 27),
    **dict.fromkeys(("al", "az", "by", "cy", "do", "gt", "hu", "lb", "pl", "sv", "ni"), 28),
    **dict.fromkeys(("br", "eg", "ps", "qa", "ua"), 29),
    **dict.fromkeys(("jo", "kw", "mu", "ye"), 30),
    **dict.fromkeys(("mt", "sc"), 31),
    **dict.fromkeys(("lc",), 32),
    **dict.fromkeys(("ru",), 33),
}
# French overseas territories write their own country code in national registries.
IBAN_LENGTHS.update(
    dict.fromkeys(("gf", "gp", "mq", "re", "pf", "tf", "yt", "nc", "bl", "mf", "pm", "wf"), 27)
)
_IBAN_START: Final = re.compile(r"(?<![0-9a-z])[a-z]{2}[ .\-]?\d[ .\-]?\d")
_SEPARATORS: Final = frozenset(" .-")
_DIGIT_RUN: Final = re.compile(r"\d(?:[ -]?\d){12,}")
_NIR: Final = re.compile(
    r"(?<![0-9a-z])([1-478])[ .\-]?(\d\d)[ .\-]?(0[1-9]|1[0-2]|[2-9]\d)[ .\-]?"
    r"(?:(\d\d|2[ab])[ .\-]?(\d{3})|(9[78]\d)[ .\-]?(\d\d))"
    r"[ .\-]?(\d{3})[ .\-/]?(\d\d)(?![0-9a-z])"
)
# First digits of each issuer, from and to, with the lengths it uses.
_ISSUERS: Final = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),
    ("309", "309", (14, 16)),
    ("36", "36", (14,)),
    ("38", "39", (14, 16)),
    ("6011", "6011", (16, 19)),
    ("644", "649", (16, 19)),
    ("65", "65", (16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),
    ("62", "62", (16, 17, 18, 19)),
    ("81", "81", (16,)),
    ("50", "50", (13, 14, 15, 16, 17, 18, 19)),
    ("56", "58", (13, 14, 15, 16, 17, 18, 19)),
    ("5893", "5893", (16, 17, 18, 19)),
    ("6304", "6304", (13, 14, 15, 16, 17, 18, 19)),
    ("6759", "6763", (13, 14, 15, 16, 17, 18, 19)),
    ("60", "60", (16,)),
    ("2200", "2205", (16, 17, 18, 19)),
    ("9792", "9792", (16,)),
)


def compile_iban(_rule: RuleSpec, _build: Build) -> Detector:
    return _iban_hits


def compile_card(_rule: RuleSpec, _build: Build) -> Detector:
    return _card_hits


def compile_nir(_rule: RuleSpec, _build: Build) -> Detector:
    return _nir_hits


def _iban_hits(scan: Scan) -> Iterator[Hit]:
    for start, end in iban_spans(scan.folded.text):
        if not _in_address(scan, start, end):
            yield folded_hit(scan, start, end)


def _card_hits(scan: Scan) -> Iterator[Hit]:
    found = [*card_spans(scan.folded.text)]
    known = [*iban_spans(scan.folded.text)] if found else []
    for start, end in found:
        inside = any(first <= start and end <= last for first, last in known[:50])
        if not inside and not _in_address(scan, start, end):
            yield folded_hit(scan, start, end)


def _nir_hits(scan: Scan) -> Iterator[Hit]:
    for start, end in nir_spans(scan.folded.text):
        if not _in_address(scan, start, end):
            yield folded_hit(scan, start, end)


def _in_address(scan: Scan, start: int, end: int) -> bool:
    return scan.document.roles(*scan.folded.span(start, end)) <= {"link"}


def iban_spans(text: str) -> Iterator[tuple[int, int]]:
    """Account numbers whose country, length and check digits all agree."""
    free_from = 0
    for found in _IBAN_START.finditer(text):
        length = IBAN_LENGTHS.get(text[found.start() : found.start() + 2])
        if length is None or found.start() < free_from:
            continue
        number, end = _read(text, found.start(), length)
        if len(number) == length and not text[end : end + 1].isalnum() and _mod97(number) == 1:
            free_from = end
            yield found.start(), end


def _read(text: str, at: int, length: int) -> tuple[str, int]:
    """So many letters and digits, with single separators between them."""
    taken: list[str] = []
    while len(taken) < length and at < len(text):
        if text[at].isascii() and text[at].isalnum():
            taken.append(text[at])
        elif text[at] not in _SEPARATORS or not text[at - 1].isalnum():
            break
        at += 1
    return "".join(taken), at


def _mod97(number: str) -> int:
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97


def card_spans(text: str) -> Iterator[tuple[int, int]]:
    """Card numbers that stand alone: nothing glued on, no further group of digits behind."""
    for found in _DIGIT_RUN.finditer(text):
        start, end = found.span()
        if text[end : end + 1].isalnum():
            continue
        yield from _card_at_end(text, start, end)


def _card_at_end(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    digits = ""
    for at in range(end - 1, start - 1, -1):
        if not text[at].isdigit():
            continue
        digits = text[at] + digits
        if len(digits) > 19:
            return
        glued = at > 0 and text[at - 1].isalnum()
        if len(digits) >= 13 and not glued and is_card(digits) and not _is_siret(text[at:end], digits):
            yield at, end
            return


def _is_siret(written: str, digits: str) -> bool:
    """Fourteen digits of which nine check by themselves name a company, unless grouped as a card."""
    grouped_as_card = [len(group) for group in re.split(r"[ -]", written)] == [4, 6, 4]
    return len(digits) == 14 and luhn(digits[:9]) and not grouped_as_card


def is_card(digits: str) -> bool:
    """Whether an issuer gives out such numbers, and the check digit is right."""
    issued = any(
        first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS
    )
    return issued and digits.isascii() and luhn(digits)


def luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def nir_spans(text: str) -> Iterator[tuple[int, int]]:
    """French social security numbers with a right key."""
    for found in _NIR.finditer(text):
        sex, year, month, department, commune, *overseas, order, key = found.groups()
        place = (
            department.replace("2a", "19").replace("2b", "18") + commune if department else "".join(overseas)
        )
        if order == "000" or place.endswith("000") or place.startswith("00"):
            continue
        if 97 - int(sex + year + month + place + order) % 97 == int(key):
            yield found.span()
