"""The answer of an evaluation."""

from dataclasses import dataclass

from .actions import Action


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found: offsets into the source of that part."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason. `hit` is the reported key: the rule's, or `mix:<client>+<supplier>`.

    `places` holds every place of it, `span` and `part` the first; `span` is None when nothing is underlined.
    """

    rule: str
    clause: str
    action: Action
    span: tuple[int, int] | None = None
    part: str = ""
    tags: tuple[str, ...] = ()
    hit: str = ""
    places: tuple[Place, ...] = ()
    version: int = 1
    weak: bool = False
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Exempted:
    """A finding that an exemption or a dry run kept from acting; `why` is `exempt` or `dry_run`."""

    hit: str
    rule: str
    why: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Degraded:
    """A rule that wasn't evaluated, or of which a part couldn't be, and what follows."""

    rule: str
    reason: str
    action: Action = "allow"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The strictest finding decides; all of them are reported, strictest first."""

    action: Action
    findings: tuple[Finding, ...] = ()
    exempted: tuple[Exempted, ...] = ()
    degraded: tuple[Degraded, ...] = ()
