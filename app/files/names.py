"""The name of a file as it may be shown and saved: no path, no tricks of direction, no controls."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_LONGEST_READ = 2_000
_SEPARATORS = re.compile(r"[/\\]")
_UNWANTED = re.compile(r'[<>:"|?*]')
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(name: str, extension: str) -> str:
    """What to call a file: at most 120 visible characters, with `extension` when it has none of its own."""
    stem, own = split(tidy(name))
    ending = f".{own or extension}"
    return (stem[: LONGEST - len(ending)].strip(". ") or "file") + ending


def extension(name: str) -> str:
    """What a computer would go by: lower case, without its dot; "" when there is none."""
    return split(tidy(name))[1]


def tidy(name: str) -> str:
    """The last part of a path, visible characters only, none that a disk refuses."""
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name[-_LONGEST_READ:]))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in _HIDDEN)
    return " ".join(_UNWANTED.sub("-", visible).split()).strip(". ")


def split(name: str) -> tuple[str, str]:
    """A tidy name's stem and extension."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"[A-Za-z0-9]{1,10}", ending):
        return name, ""
    return stem, ending.lower()
