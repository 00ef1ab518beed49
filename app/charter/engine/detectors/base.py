"""What every kind of condition has in common."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..matcher import Index
from ..scan import Hit, Scan
from ..spec import Company, OrganisationSpec, RuleSpec

Detector = Callable[[Scan], Iterable[Hit]]


@dataclass(slots=True)
class Build:
    """What compiling a rule may add to."""

    index: Index
    company: Company
    organisations: tuple[OrganisationSpec, ...] = ()
    patterns: list[tuple[str, str]] = field(default_factory=list)


Compile = Callable[[RuleSpec, Build], Detector]


def strings(value: Any) -> tuple[str, ...]:
    """A list of strings from a parameter that may be missing or a single one."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def folded_hit(scan: Scan, start: int, end: int, *, evasion: bool = False) -> Hit:
    """A hit at a span of the folded text."""
    begin, stop = scan.folded.span(start, end)
    return document_hit(scan, begin, stop, evasion=evasion)


def document_hit(scan: Scan, start: int, end: int, *, evasion: bool = False) -> Hit:
    """A hit at a span of the document, tagged when it took a disguise to write it."""
    disguised = evasion or scan.is_disguised(start, end)
    return Hit(scan.places([(start, end)]), ("evasion",) if disguised else ())
