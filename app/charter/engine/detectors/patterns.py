"""Regular expressions that can't be slow."""

from collections.abc import Iterator
from typing import Any, Final, cast

import re2

from ..document import Role
from ..fold import BREAK, fold_text
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, document_hit, folded_hit, strings

LONGEST: Final = 500
_MOST_HITS: Final = 20


class BadPattern(ValueError):
    """The reason a pattern can't be used, for the person who wrote it."""


def options(*, case_sensitive: bool) -> Any:
    chosen = re2.Options()
    chosen.case_sensitive = case_sensitive
    chosen.log_errors = False
    chosen.max_mem = 8 << 20
    return chosen


def parse_pattern(pattern: str, *, on_source: bool = False) -> Any:
    """The compiled pattern, or BadPattern with the reason."""
    if not pattern or len(pattern) > LONGEST:
        raise BadPattern(f"a pattern has 1 to {LONGEST} characters")
    try:
        compiled = re2.compile(
            pattern if on_source else folded_pattern(pattern), options(case_sensitive=on_source)
        )
    except re2.error as problem:
        reason = problem.args[0]
        raise BadPattern(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    if compiled.search(""):
        raise BadPattern("the pattern matches nothing at all, so it would match everywhere")
    return compiled


def folded_pattern(pattern: str) -> str:
    """The pattern for folded text: its letters lose their accents, its syntax stays."""
    return "".join(char if char.isascii() else re2.escape(fold_text(char)) for char in pattern)


def compile_pattern(rule: RuleSpec, build: Build) -> Detector:
    """One or several patterns; on folded text unless `on` is `source`."""
    on_source = rule.params.get("on") == "source"
    patterns = [*strings(rule.params.get("pattern")), *strings(rule.params.get("patterns"))]
    if not patterns:
        raise BadPattern("no pattern")
    compiled = [parse_pattern(pattern, on_source=on_source) for pattern in patterns]
    ignored = cast("frozenset[Role]", {"link"} | set(strings(rule.params.get("exempt"))))
    if on_source:
        return _OnSource(compiled, ignored)
    build.patterns += [(rule.key, folded_pattern(pattern)) for pattern in patterns]
    return _OnFolded(rule.key, compiled, ignored)


class _OnFolded:
    def __init__(self, key: str, patterns: list[Any], ignored: frozenset[Role]) -> None:
        self.key, self.patterns, self.ignored = key, patterns, ignored

    def __call__(self, scan: Scan) -> Iterator[Hit]:
        if self.key not in scan.matching_patterns:
            return
        for pattern in self.patterns:
            for start, end in _spans(pattern, scan.folded.text):
                begin, stop = scan.folded.span(start, end)
                if not scan.document.roles(begin, stop) <= self.ignored:
                    yield folded_hit(scan, start, end)


class _OnSource:
    def __init__(self, patterns: list[Any], ignored: frozenset[Role]) -> None:
        self.patterns, self.ignored = patterns, ignored

    def __call__(self, scan: Scan) -> Iterator[Hit]:
        for pattern in self.patterns:
            for start, end in _spans(pattern, scan.encodable):
                if not scan.document.roles(start, end) <= self.ignored:
                    yield document_hit(scan, start, end)


def _spans(pattern: Any, text: str) -> Iterator[tuple[int, int]]:
    """Matches block by block, since nothing may run across a break."""
    found = at = 0
    for block in text.split(BREAK):
        for match in pattern.finditer(block):
            start, end = match.span()
            if start < end:
                found += 1
                yield at + start, at + end
            if found >= _MOST_HITS:
                return
        at += len(block) + 1
