"""The registry: every trace by which a text gives away a client or a supplier."""

import re
import sys
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from .document import Document
from .fold import MASK, fold_text, is_disguised, with_case
from .hosts import domain_key, host_of, redirect_targets, suffixes
from .matcher import Entry, Index, Match, key_of
from .spec import Alias, Contact, OrganisationSpec
from .tokens import Lane, split_words

EMAIL: Final = re.compile(
    r"(?<![\w.+@-])([\w.%+'-]{1,64})@((?:\w(?:[\w-]{0,62}\w)?\.)+[^\W\d_]{2,24})(?![\w@])"
)
_SIREN: Final = re.compile(
    r"(?<![0-9a-z])(?:fr ?[0-9a-z]{2}[ .]?)?(\d{3}[ .\-]?\d{3}[ .\-]?\d{3})"
    r"([ .\-]?\d{5}|[ .\-]?\d{3} \d{2})?(?![0-9a-z])"
)
_REACH: Final = 3
_SENTENCE: Final = re.compile(r"\n|[.!?…]+[\"'»”’)\]]*(?=\s)")
_SHORTENINGS: Final = frozenset(
    {"mr", "mrs", "ms", "mme", "mlle", "dr", "st", "ste", "cie", "art", "ref", "tel", "cf"}
)


@dataclass(frozen=True, slots=True)
class Trace:
    """An organisation found at a place of the document."""

    organisation: str
    start: int
    end: int
    weak: bool = False
    evasion: bool = False


@dataclass(slots=True)
class Registry:
    """Organisations, ready to be recognised."""

    specs: dict[str, OrganisationSpec] = field(default_factory=dict)
    domains: dict[str, list[str]] = field(default_factory=dict)
    email_domains: dict[str, list[str]] = field(default_factory=dict)
    emails: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    context: frozenset[str] = frozenset()
    capital_context: frozenset[str] = frozenset()

    def is_valid(self, organisation: str, today: date) -> bool:
        spec = self.specs.get(organisation)
        if spec is None:
            return False
        return not (spec.valid_to and today > spec.valid_to) and not (
            spec.valid_from and today < spec.valid_from
        )

    def roles(self, organisation: str) -> frozenset[str]:
        spec = self.specs.get(organisation)
        return spec.roles if spec else frozenset()


def make_registry(
    organisations: Iterable[OrganisationSpec], context_words: Iterable[str], index: Index
) -> Registry:
    """Register every organisation; its names go into the common index."""
    registry = Registry()
    _add_context(registry, context_words)
    for spec in organisations:
        registry.specs[spec.id] = spec
        for domain in spec.domains:
            registry.domains.setdefault(domain_key(domain), []).append(spec.id)
        for domain in (*spec.domains, *spec.email_domains):
            registry.email_domains.setdefault(domain_key(domain.lstrip("@")), []).append(spec.id)
        for number in (spec.siren, *spec.sirets):
            if digits := re.sub(r"\D", "", number):
                registry.numbers.setdefault(digits, []).append(spec.id)
        for alias in (Alias(spec.name, spec.name_mode), *spec.aliases):
            add_alias(index, spec.id, alias)
        for contact in spec.contacts:
            _add_contact(registry, index, spec.id, contact)
    return registry


def _add_context(registry: Registry, words: Iterable[str]) -> None:
    listed = list(words)
    capitals = {word for word in listed if word.isupper()}
    registry.context = frozenset(fold_text(word) for word in listed if word not in capitals)
    registry.capital_context = frozenset(fold_text(word) for word in capitals)


def add_alias(index: Index, organisation: str, alias: Alias) -> None:
    for key, entry in alias_entries(organisation, alias):
        if entry not in index.entries.get(key, ()):
            index.add(key, entry)


def alias_entries(organisation: str, alias: Alias) -> Iterator[tuple[str, Entry]]:
    """The keys of a name: as registered, and drawn together when it is a row of initials."""
    words, joins = split_words(fold_text(alias.text))
    if not words:
        return
    letters, cased = sum(map(len, words)), " ".join(_cased_words(alias.text))
    entry = Entry(organisation, "alias", len(words), tuple(joins), letters, mode=alias.mode, cased=cased)
    yield key_of(words), entry
    if len(words) > 2 and all(len(word) == 1 for word in words):
        joined = Entry(organisation, "alias", 1, (), letters, mode=alias.mode, cased=cased.replace(" ", ""))
        yield key_of(["".join(words)]), joined


def _add_contact(registry: Registry, index: Index, organisation: str, contact: Contact) -> None:
    for email in contact.emails:
        registry.emails.setdefault(fold_text(email), []).append(organisation)
    for name in (contact.name, *contact.aliases):
        words, joins = split_words(fold_text(name))
        if not words:
            continue
        letters = sum(map(len, words))
        entry = Entry(
            organisation,
            "contact",
            len(words),
            tuple(joins),
            letters,
            homonym=contact.homonym,
            valid_to=contact.valid_to,
        )
        index.add(key_of(words), entry)
        if len(words) == 2 and words[0] != words[1]:
            index.add(key_of(words[::-1]), entry)


_CASED_WORD: Final = re.compile(r"[^\W_]+")


def _cased_words(text: str) -> list[str]:
    return _CASED_WORD.findall(with_case(text))


class Recogniser:
    """Finds the organisations of one document."""

    def __init__(self, registry: Registry, document: Document, today: date) -> None:
        self.registry, self.document, self.today = registry, document, today
        self._sentences: list[int] | None = None

    def traces(self, lane: Lane, matches: Iterable[Match], disguised: Iterable[Match]) -> list[Trace]:
        """Every organisation named or pointed to; the longest reading wins where several overlap."""
        found = longest([*self._addresses(), *self._numbers(lane), *self._named(matches, evasion=False)])
        taken = Spans((trace.start, trace.end) for trace in found)
        more = (
            trace for trace in self._named(disguised, evasion=True) if taken.is_free(trace.start, trace.end)
        )
        kept = _doubtful_if_shared([*found, *longest(more)])
        kept += self._redirections()
        return [trace for trace in kept if self.registry.is_valid(trace.organisation, self.today)]

    def _named(self, matches: Iterable[Match], *, evasion: bool) -> Iterator[Trace]:
        for match in matches:
            weak = self._weakness(match)
            if weak is not None:
                hidden = evasion or is_disguised(self.document.text[match.start : match.end])
                yield Trace(match.entry.owner, match.start, match.end, weak=weak, evasion=hidden)

    def _weakness(self, match: Match) -> bool | None:
        """Whether a name is doubtful there; None when it isn't a name at all."""
        entry = match.entry
        if entry.kind == "contact":
            gone = entry.valid_to is not None and self.today > entry.valid_to
            return None if gone else entry.homonym
        if entry.mode == "plain":
            return False
        near = self._has_context(match)
        if entry.mode == "ctx":
            return False if near else None
        return self._capital_weakness(match, near=near)

    def _capital_weakness(self, match: Match, *, near: bool) -> bool | None:
        written = " ".join(_cased_words(match.written))
        if written == match.entry.cased or written.replace(" ", "") == match.entry.cased.replace(" ", ""):
            explained = self._begins_sentence(match.start) or self._is_all_capitals(match.start)
            return explained and not near
        return True if match.written.isupper() else None

    def _has_context(self, match: Match) -> bool:
        lane = match.lane
        before = self._walk(lane, range(match.first - 1, max(-1, match.first - 1 - _REACH), -1), 0)
        after = self._walk(lane, range(match.stop, min(len(lane.words), match.stop + _REACH)), -1)
        return before or after

    def _walk(self, lane: Lane, words: range, join: int) -> bool:
        for word in words:
            if "\n" in lane.joins[word + join]:
                return False
            text = lane.words[word]
            if text in self.registry.context:
                return True
            if text in self.registry.capital_context and lane.written(word, word + 1).isupper():
                return True
        return False

    def _sentence(self, at: int) -> tuple[int, int]:
        if self._sentences is None:
            text = self.document.text
            self._sentences = [0, *(end for end in _sentence_ends(text)), len(text)]
        found = bisect_right(self._sentences, at) - 1
        return self._sentences[found], self._sentences[min(found + 1, len(self._sentences) - 1)]

    def _begins_sentence(self, at: int) -> bool:
        start, _ = self._sentence(at)
        return not any(char.isalnum() or char == MASK for char in self.document.text[start:at][:400])

    def _is_all_capitals(self, at: int) -> bool:
        start, end = self._sentence(at)
        return self.document.text[start : min(end, start + 2_000)].isupper()

    def _addresses(self) -> Iterator[Trace]:
        for link in self.document.links:
            host = host_of(link.url)
            at = self.document.text[link.start : link.end].casefold().find(host) if host else -1
            start, end = (link.start + at, link.start + at + len(host)) if at >= 0 else (link.start, link.end)
            yield from (Trace(owner, start, end) for owner in self._host_owners(host))

    def _redirections(self) -> Iterator[Trace]:
        for link in self.document.links:
            for url in redirect_targets(link.url):
                yield from (Trace(owner, link.start, link.end) for owner in self._host_owners(host_of(url)))

    def _host_owners(self, host: str) -> list[str]:
        return next((found for suffix in suffixes(host) if (found := self.registry.domains.get(suffix))), [])

    def _numbers(self, lane: Lane) -> Iterator[Trace]:
        folded = lane.folded
        if "@" in folded.text:
            for found in EMAIL.finditer(folded.text):
                for owner in self.registry.emails.get(found.group(), ()):
                    yield Trace(owner, *folded.span(*found.span()))
                for owner in self._email_owners(found.group(2)):
                    yield Trace(owner, *folded.span(*found.span(2)))
        if self.registry.numbers:
            for found in _SIREN.finditer(folded.text):
                siren = re.sub(r"\D", "", found.group(1))
                siret = siren + re.sub(r"\D", "", found.group(2) or "")
                owners = self.registry.numbers.get(siret) or self.registry.numbers.get(siren) or []
                yield from (Trace(owner, *folded.span(*found.span())) for owner in owners)

    def _email_owners(self, domain: str) -> list[str]:
        return next(
            (found for suffix in suffixes(domain) if (found := self.registry.email_domains.get(suffix))), []
        )


def _sentence_ends(text: str) -> Iterator[int]:
    for found in _SENTENCE.finditer(text):
        if found.group() == ".":
            before = re.search(r"[^\W\d_]*$", text[max(0, found.start() - 8) : found.start()])
            word = before.group() if before else ""
            if fold_text(word) in _SHORTENINGS or (len(word) == 1 and word.isupper()):
                continue
        yield found.end()


class Spans:
    """Spans that don't overlap, kept in order."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._spans = sorted(set(spans))

    def has(self, start: int, end: int) -> bool:
        at = bisect_right(self._spans, (start, end))
        return at > 0 and self._spans[at - 1] == (start, end)

    def is_free(self, start: int, end: int) -> bool:
        at = bisect_right(self._spans, (start, end))
        before, after = self._spans[max(0, at - 1) : at], self._spans[at : at + 1]
        return all(span[1] <= start for span in before) and all(span[0] >= end for span in after)

    def covers(self, start: int, end: int) -> bool:
        """Whether one of the spans holds this one."""
        at = bisect_right(self._spans, (start, sys.maxsize))
        return any(span[0] <= start and end <= span[1] for span in self._spans[max(0, at - 2) : at])

    def take(self, start: int, end: int) -> None:
        insort(self._spans, (start, end))


def longest(traces: Iterable[Trace]) -> list[Trace]:
    """Of overlapping traces only the longest; those of exactly the same span all stay."""
    kept: list[Trace] = []
    taken = Spans()
    for trace in sorted(set(traces), key=lambda t: (t.start - t.end, t.start, t.organisation)):
        if taken.has(trace.start, trace.end):
            kept.append(trace)
        elif taken.is_free(trace.start, trace.end):
            kept.append(trace)
            taken.take(trace.start, trace.end)
    return sorted(kept, key=lambda trace: (trace.start, trace.organisation))


def _doubtful_if_shared(traces: list[Trace]) -> list[Trace]:
    """A name that two organisations share says which of them only weakly."""
    owners: dict[tuple[int, int], set[str]] = {}
    for trace in traces:
        owners.setdefault((trace.start, trace.end), set()).add(trace.organisation)
    return [
        replace(trace, weak=True) if len(owners[trace.start, trace.end]) > 1 else trace for trace in traces
    ]
