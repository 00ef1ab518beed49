"""Numbers as people write them in France."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_PAIR: Final = r"[ .\-/]?\d\d"
PHONE: Final = re.compile(
    rf"(?<![0-9a-z])(?<![0-9][ .\-/])(?<!\+)"
    rf"(?:(?:\+ ?33|00 ?33)[ .\-]?(?:\(0\)[ .\-]?)?|0)([1-9])((?:{_PAIR}){{4}})"
    rf"(?![0-9a-z])(?![ .\-/][0-9])"
)
_PREFIX: Final = re.compile(r"(?:^|(?<=-))\s*(?:\+|00) ?33[ .]?(?:\(0\) ?)?")


def national(found: re.Match[str]) -> str:
    """The ten digits of a number that was found."""
    return "0" + found.group(1) + re.sub(r"\D", "", found.group(2))


def directory_ranges(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Ranges of the company's own numbers: `01 99 00 10 00-01 99 00 10 99`, or a single number."""
    return tuple(_ranges(lines))


def _ranges(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        digits = re.sub(r"\D", "", _PREFIX.sub("0", line))
        if len(digits) == 20:
            yield digits[:10], digits[10:]
        elif len(digits) == 10:
            yield digits, digits
