"""What a policy is made of, as plain data: rules, organisations, exemptions and the company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from .actions import Action

RuleState = Literal[
    "draft", "tested", "dry_run", "live_soft", "live", "paused", "tripped", "retired", "expired"
]
FailMode = Literal["flag", "hold"]
AliasMode = Literal["plain", "cap", "ctx"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule applies; None means everywhere."""

    objects: frozenset[str] | None = None
    events: frozenset[str] | None = None
    space_kinds: frozenset[str] | None = None
    spaces: frozenset[str] | None = None
    segments: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One condition and what follows from it, under a clause of the charter."""

    key: str
    kind: str
    action: Action
    clause: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    scope: Scope = Scope()
    state: RuleState = "live"
    version: int = 1
    fail_mode: FailMode | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """A way an organisation is written, and how much it takes to believe it."""

    text: str
    mode: AliasMode = "plain"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who stands for an organisation; weak when an employee has the same name."""

    name: str
    aliases: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    homonym: bool = False
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationSpec:
    """A client, a supplier, or both, with everything that gives it away."""

    id: str
    roles: frozenset[str]
    name: str
    aliases: tuple[Alias, ...] = ()
    domains: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()
    siren: str = ""
    sirets: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    name_mode: AliasMode = "plain"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule that doesn't act for a role, a person, a space or a kind of space; recorded, never silent.

    `rule` is a rule's key, a reported hit such as `mix:C1+S1`, or `*`.
    """

    rule: str
    role: str | None = None
    person: str | None = None
    space: str | None = None
    space_kind: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """Facts of the company itself that conditions compare with."""

    domain: str = ""
    timezone: str = "Europe/Paris"
    directory_phones: tuple[str, ...] = ()
    context_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much text and time one evaluation may take."""

    budget_ms: int = 200
    free_chars: int = 20_000
    longest: int = 400_000


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """Everything `compile_policy` needs."""

    rules: tuple[RuleSpec, ...] = ()
    organisations: tuple[OrganisationSpec, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    company: Company = Company()
    limits: Limits = Limits()
    version: str = ""
