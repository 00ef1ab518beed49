"""Two versions side by side: what happened to each clause, found again by its key whatever its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.charter.models import CharterVersion, Clause
from app.kernel.difference import Spans, difference

ADDED, REMOVED, CHANGED, RENUMBERED, SAME = "added", "removed", "changed", "renumbered", "same"


@dataclass(frozen=True)
class ClauseChange:
    """One clause in both versions; `before` or `after` is its number there, empty where it isn't."""

    key: str
    kind: str
    before: str
    after: str
    title: Spans
    text: Spans
    message: Spans


@dataclass(frozen=True)
class Comparison:
    """Everything that differs, in the order of the later version; what went comes where it stood."""

    title: Spans
    preamble: Spans
    articles: Sequence[tuple[str, Spans]]
    clauses: Sequence[ClauseChange]

    @property
    def is_same(self) -> bool:
        """True when a reader of this language finds nothing different."""
        heads = [self.title, self.preamble, *(spans for _number, spans in self.articles)]
        return not self.clauses and not any(_differs(spans) for spans in heads)


def compare(before: CharterVersion, after: CharterVersion, language: str) -> Comparison:
    """What changed for a reader of a language, unchanged clauses left out."""
    return Comparison(
        title=_spans(before, after, "title", language),
        preamble=_spans(before, after, "preamble", language),
        articles=[found for found in _articles(before, after, language) if _differs(found[1])],
        clauses=[found for found in _clauses(before, after, language) if found.kind != SAME],
    )


def _articles(before: CharterVersion, after: CharterVersion, language: str) -> Iterator[tuple[str, Spans]]:
    old, new = ({a.key: a for a in version.articles} for version in (before, after))
    for article in [*after.articles, *(a for a in before.articles if a.key not in new)]:
        spans = _spans(old.get(article.key), new.get(article.key), "title", language)
        yield str(article.number), spans


def _clauses(before: CharterVersion, after: CharterVersion, language: str) -> Iterator[ClauseChange]:
    old, new = ({c.key: c for c in version.clauses} for version in (before, after))
    for key in _in_order([c.key for c in before.clauses], [c.key for c in after.clauses]):
        yield _change(key, old.get(key), new.get(key), language)


def _in_order(old: list[str], new: list[str]) -> Iterator[str]:
    """The keys of the later version, each lost one behind the one it used to follow."""
    kept, lost = set(new), dict[str, list[str]]()
    follows = ""
    for key in old:
        if key in kept:
            follows = key
        else:
            lost.setdefault(follows, []).append(key)
    for key in ("", *new):
        yield from (*([key] if key else []), *lost.get(key, []))


def _change(key: str, old: Clause | None, new: Clause | None, language: str) -> ClauseChange:
    parts = [_spans(old, new, name, language) for name in ("title", "text", "message")]
    return ClauseChange(
        key, _kind(old, new, parts), old.number if old else "", new.number if new else "", *parts
    )


def _kind(old: Clause | None, new: Clause | None, parts: list[Spans]) -> str:
    if old is None or new is None:
        return ADDED if old is None else REMOVED
    if any(_differs(spans) for spans in parts):
        return CHANGED
    return SAME if old.number == new.number else RENUMBERED


def _spans(old: object | None, new: object | None, name: str, language: str) -> Spans:
    field = f"{name}_{language}"
    return difference(getattr(old, field, "") or "", getattr(new, field, "") or "")


def _differs(spans: Spans) -> bool:
    return any(op != "same" for op, _text in spans)
