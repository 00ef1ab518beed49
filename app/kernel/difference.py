"""What changed between two texts, word by word, as people read it."""

from __future__ import annotations

import difflib
import re

Spans = list[tuple[str, str]]
_WORD = re.compile(r"\s+|[^\s]+")


def difference(before: str, after: str) -> Spans:
    """Word by word, what stayed, went and came: [("same" | "removed" | "added", text)]."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    result: Spans = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            result.append(("same", "".join(old[i1:i2])))
            continue
        result += [("removed", "".join(old[i1:i2]))] if i2 > i1 else []
        result += [("added", "".join(new[j1:j2]))] if j2 > j1 else []
    return result
