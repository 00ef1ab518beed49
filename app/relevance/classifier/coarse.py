"""Words of abuse, French and English, without accents: a hint among others, for people also quote and joke.

In the list beside this file, a stem that ends with a dash stands for every word that begins with it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

_STEMS: Final = frozenset(Path(__file__).with_name("coarse.txt").read_text(encoding="utf-8").split())
_WHOLE: Final = frozenset(stem + end for stem in _STEMS if stem[-1] != "-" for end in ("", "s", "es"))
_STARTS: Final = frozenset(stem[:-1] for stem in _STEMS if stem[-1] == "-")
_LENGTHS: Final = sorted({len(start) for start in _STARTS})


@lru_cache(maxsize=20_000)
def is_coarse(token: str) -> bool:
    """A word of abuse, or one that stars make look like it."""
    return token in _WHOLE or "*" in token or any(token[:size] in _STARTS for size in _LENGTHS)
