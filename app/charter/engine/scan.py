"""One reading of one draft, shared by every rule: what is costly is done once, when first asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .document import Document, Role
from .draft import Draft, Neighbour
from .evasion import LEET_LETTERS, Reading, readings
from .fold import Folded, fold, is_disguised
from .matcher import Match
from .organisations import Recogniser, Spans, Trace
from .segments import neighbour_document, own_document
from .tokens import Lane, make_lane, make_part_lane
from .verdict import Place

if TYPE_CHECKING:
    from .policy import Policy


@dataclass(frozen=True, slots=True)
class Hit:
    """What a condition found; empty `key` means the rule's own."""

    places: tuple[Place, ...] = ()
    tags: tuple[str, ...] = ()
    key: str = ""
    weak: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A term of a rule, at a place of the document."""

    start: int
    end: int
    evasion: bool


@dataclass
class Scan:
    """The draft under the policy at that moment."""

    policy: "Policy"
    draft: Draft
    now: datetime
    found: dict[str, list[Hit]] = field(default_factory=dict)

    @cached_property
    def document(self) -> Document:
        return own_document(self.draft)

    @cached_property
    def folded(self) -> Folded:
        return fold(self.document.text)

    @cached_property
    def lane(self) -> Lane:
        return make_lane(self.folded, self.document)

    @cached_property
    def matches(self) -> list[Match]:
        return list(self.policy.index.matches(self.lane))

    @cached_property
    def disguised(self) -> list[Match]:
        """Matches in the other readings of the text."""
        return list(disguised_matches(self.policy, self.document, self.folded))

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.policy.zone

    @cached_property
    def matching_patterns(self) -> frozenset[str]:
        return self.policy.matching_patterns(self.folded.text)

    @cached_property
    def encodable(self) -> str:
        """The document's text with nothing that UTF-8 can't hold, of the same length."""
        return self.document.text.encode("utf-8", "replace").decode("utf-8")

    @cached_property
    def traces(self) -> list[Trace]:
        """The organisations of the draft's own content."""
        recogniser = Recogniser(self.policy.registry, self.document, self.today)
        return recogniser.traces(self.lane, _names(self.matches), _names(self.disguised))

    @cached_property
    def _terms(self) -> dict[str, list[Match]]:
        return _by_owner(self.matches)

    @cached_property
    def _disguised_terms(self) -> dict[str, list[Match]]:
        return _by_owner(self.disguised)

    def sightings(self, rule: str, ignored: frozenset[Role]) -> list[Sighting]:
        """The terms of a rule, outside of its allow-phrases and of the roles it ignores."""
        plain = self._terms.get(rule, [])
        disguised = self._disguised_terms.get(rule, [])
        if not plain and not disguised:
            return []
        shields = Spans((match.start, match.end) for match in plain if match.entry.kind == "allow")
        terms = [
            match
            for match in plain
            if match.entry.kind == "term" and not shields.covers(match.start, match.end)
        ]
        taken = Spans((match.start, match.end) for match in plain)
        free = (
            match
            for match in disguised
            if match.entry.kind == "term" and taken.is_free(match.start, match.end)
        )
        found = [Sighting(m.start, m.end, self.is_disguised(m.start, m.end)) for m in terms]
        found += [Sighting(m.start, m.end, evasion=True) for m in free]
        return [one for one in found if not self.document.roles(one.start, one.end) <= ignored]

    def is_disguised(self, start: int, end: int) -> bool:
        return is_disguised(self.document.text[start:end])

    def places(self, spans: Iterable[tuple[int, int]]) -> tuple[Place, ...]:
        """Places in the source, in order, each once."""
        found = (self.document.place(start, end) for start, end in spans)
        return tuple(dict.fromkeys(place for place in found if place))

    def neighbour_traces(self, neighbour: Neighbour) -> list[Trace]:
        """The organisations of another entry, read now unless they are already known."""
        if neighbour.sides is not None:
            sides = neighbour.sides
            known = [Trace(side.organisation, 0, 0, weak=side.weak) for side in sides]
            return [trace for trace in known if self.policy.registry.is_valid(trace.organisation, self.today)]
        document = neighbour_document(neighbour)
        return document_traces(self.policy, document, self.today)


def document_traces(policy: "Policy", document: Document, today: date) -> list[Trace]:
    """The organisations of any document."""
    folded = fold(document.text)
    lane = make_lane(folded, document)
    disguised = _names(disguised_matches(policy, document, folded))
    return Recogniser(policy.registry, document, today).traces(
        lane, _names(policy.index.matches(lane)), disguised
    )


def disguised_matches(policy: "Policy", document: Document, folded: Folded) -> Iterator[Match]:
    """Matches of every other reading; digits stand for letters only in long enough words."""
    seen: set[tuple[str, int, int]] = set()
    for reading in readings(document, folded):
        lane = make_part_lane(reading.folded, reading.windows())
        for match in policy.index.matches(lane):
            where = (match.entry.owner, match.start, match.end)
            if where not in seen and _is_likely(reading, match):
                seen.add(where)
                yield match


def _is_likely(reading: Reading, match: Match) -> bool:
    return match.entry.letters >= LEET_LETTERS or not reading.uses_leet(match.start, match.end)


def _names(matches: Iterable[Match]) -> Iterator[Match]:
    return (match for match in matches if match.entry.kind in ("alias", "contact"))


def _by_owner(matches: Iterable[Match]) -> dict[str, list[Match]]:
    owners: dict[str, list[Match]] = {}
    for match in matches:
        if match.entry.kind in ("term", "allow"):
            owners.setdefault(match.entry.owner, []).append(match)
    return owners
