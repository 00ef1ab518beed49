"""Lists of words and phrases."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from ..document import Role
from ..fold import fold_text
from ..matcher import term_entries
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, document_hit, strings

_IGNORED: Final = frozenset({"link"})
_INFLECTIONS: Final = {"fr": ("s", "e", "es", "x"), "en": ("s", "es")}
_PLURAL: Final = ("s",)


def compile_phrases(rule: RuleSpec, build: Build) -> Detector:
    """Put the terms into the common index; a list may be thousands long."""
    endings = suffixes(rule.params.get("inflect"))
    symbols = []
    for term in rule.params.get("terms", ()):
        text, options = _term(term)
        entries = list(
            term_entries(
                rule.key,
                text,
                suffixes=suffixes(options["inflect"]) if "inflect" in options else endings,
                accent_sensitive=bool(options.get("accent_sensitive")),
            )
        )
        if not entries and text.strip():
            symbols.append(fold_text(text.strip()))
        for key, entry in entries:
            build.index.add(key, entry)
    for phrase in strings(rule.params.get("allow_phrases")):
        for key, entry in term_entries(rule.key, phrase, suffixes=_PLURAL, kind="allow"):
            build.index.add(key, entry)
    ignored = cast("frozenset[Role]", _IGNORED | set(strings(rule.params.get("exempt"))))
    return _Phrases(rule.key, ignored, tuple(symbols))


def suffixes(value: Any) -> tuple[str, ...]:
    """Endings from `"fr: s,e,es; en: s,es"`, from languages `["fr", "en"]` or from a list of endings."""
    listed = re.split(r"[;,]", value) if isinstance(value, str) else strings(value)
    endings: list[str] = []
    for item in listed:
        _, colon, rest = item.partition(":")
        ending = (rest if colon else item).strip()
        endings += _INFLECTIONS.get(ending, (ending,)) if not colon else (ending,)
    return tuple(dict.fromkeys(fold_text(ending) for ending in endings if ending))


def _term(term: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(term, str):
        return term, {}
    return str(term.get("t") or term.get("term") or ""), dict(term)


class _Phrases:
    def __init__(self, key: str, ignored: frozenset[Role], symbols: tuple[str, ...]) -> None:
        self.key, self.ignored, self.symbols = key, ignored, symbols

    def __call__(self, scan: Scan) -> Iterator[Hit]:
        for one in scan.sightings(self.key, self.ignored):
            yield document_hit(scan, one.start, one.end, evasion=one.evasion)
        for symbol in self.symbols:
            at = scan.folded.text.find(symbol)
            if at >= 0:
                yield document_hit(scan, *scan.folded.span(at, at + len(symbol)))
