"""What the demo company is made of: frozen dataclasses that refer to each other by key, login or number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Segment = Literal["employee", "client", "supplier"]
SpaceKind = Literal["internal", "client", "supplier", "social"]
Visibility = Literal["open", "closed", "secret"]
MemberRole = Literal["owner", "moderator", "member"]
PostKind = Literal["post", "question", "announcement", "kudos", "article"]
Outcome = Literal["published", "flagged", "held"]
AliasMode = Literal["plain", "cap", "ctx"]
Rule = dict[str, Any]

ROLES = ("moderator", "senior_moderator", "charter_owner", "admin", "auditor", "staff_representative")
REACTIONS = ("like", "thanks", "bravo", "idea", "support")


@dataclass(frozen=True)
class Site:
    """A place of the company."""

    key: str
    name: str
    town: str


@dataclass(frozen=True)
class Team:
    """A team in the tree; only the root has no parent. The manager is a login and belongs to the team."""

    key: str
    name_fr: str
    name_en: str
    parent: str | None
    manager: str


@dataclass(frozen=True)
class Person:
    """Someone with an account. `manager` is None for the head of the company and for partners."""

    login: str
    first_name: str
    last_name: str
    email: str
    title: str
    about: str
    segment: Segment
    locale: Literal["fr", "en"]
    team: str | None
    manager: str | None
    site: str | None
    phone: str | None
    skills: tuple[str, ...]
    roles: tuple[str, ...]
    organisation: str | None
    arrived_on: date
    draw: Callable[[], bytes] = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """First and last name, as people say it."""
        return f"{self.first_name} {self.last_name}"

    def picture(self) -> bytes:
        """The portrait, a small PNG drawn on demand."""
        return self.draw()


@dataclass(frozen=True)
class Alias:
    """Another name of an organisation; `mode` as the charter engine understands it."""

    text: str
    mode: AliasMode


@dataclass(frozen=True)
class Contact:
    """Somebody at an organisation; `login` when they have an account here."""

    name: str
    title: str
    email: str
    login: str | None = None
    homonym_employee: bool = False


@dataclass(frozen=True)
class Organisation:
    """A client, a supplier, or both (`roles`)."""

    key: str
    name: str
    roles: tuple[Literal["client", "supplier"], ...]
    activity: str
    town: str
    siren: str
    domains: tuple[str, ...]
    aliases: tuple[Alias, ...]
    contacts: tuple[Contact, ...]

    def entity(self) -> dict[str, Any]:
        """The organisation in the words of the rule engine's cases."""
        return {
            "id": self.key,
            "roles": list(self.roles),
            "name": self.name,
            "aliases": [
                a.text if a.mode == "plain" else {"text": a.text, "match": a.mode} for a in self.aliases
            ],
            "domains": list(self.domains),
            "siren": self.siren,
        }


@dataclass(frozen=True)
class Member:
    """A person's place in a space."""

    login: str
    role: MemberRole


@dataclass(frozen=True)
class Space:
    """A space; `organisation` is set for client and supplier spaces, and only for them."""

    key: str
    name: str
    about: str
    kind: SpaceKind
    visibility: Visibility
    organisation: str | None
    created_at: datetime
    members: tuple[Member, ...]

    @property
    def owner(self) -> str:
        """The login of the first owner."""
        return next(member.login for member in self.members if member.role == "owner")


@dataclass(frozen=True)
class File:
    """A picture or file of a post. `content()` draws it on demand; the same seed gives the same bytes."""

    name: str
    mime: str
    alt: str
    draw: Callable[[], bytes] = field(compare=False, repr=False)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the grid rather than listed."""
        return self.mime.startswith("image/")

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.draw()


@dataclass(frozen=True)
class Reaction:
    """One person's reaction; `name` is one of REACTIONS."""

    login: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Edit:
    """A later revision: the whole new text."""

    at: datetime
    body: str


@dataclass(frozen=True)
class Report:
    """A colleague's signal, waiting for a moderator; `clause` is the number of a clause."""

    login: str
    clause: str
    comment: str
    at: datetime


@dataclass(frozen=True)
class Comment:
    """A comment; `parent` is the key of an earlier comment of the same post, or None."""

    key: str
    author: str
    body: str
    at: datetime
    parent: str | None = None
    outcome: Outcome = "published"
    reactions: tuple[Reaction, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Post:
    """A post with all that hangs on it. `outcome` is what the rules make of it when it is sent in."""

    key: str
    space: str
    author: str
    kind: PostKind
    title: str | None
    body: str
    at: datetime
    outcome: Outcome = "published"
    pinned: bool = False
    files: tuple[File, ...] = ()
    edits: tuple[Edit, ...] = ()
    comments: tuple[Comment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Clause:
    """One clause: what it asks, and the sentence an author reads when a rule of this clause speaks."""

    number: str
    title_fr: str
    title_en: str
    text_fr: str
    text_en: str
    message_fr: str
    message_en: str


@dataclass(frozen=True)
class Article:
    """An article of the charter."""

    number: str
    title_fr: str
    title_en: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Signature:
    """Who co-signed a version, in which quality ("it", "communication", "legal")."""

    login: str
    quality: str
    at: datetime


@dataclass(frozen=True)
class Charter:
    """One dated version, with its co-signatures."""

    version: int
    in_force_since: datetime
    title_fr: str
    title_en: str
    preamble_fr: str
    preamble_en: str
    articles: tuple[Article, ...]
    signatures: tuple[Signature, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses, in order."""
        return tuple(clause for article in self.articles for clause in article.clauses)


@dataclass(frozen=True)
class Company:
    """The whole demo. Posts are in time order; everything a post refers to exists."""

    name: str
    full_name: str
    motto_fr: str
    motto_en: str
    domain: str
    accent: str
    timezone: str
    directory_phones: tuple[str, ...]
    seed: int
    now: datetime
    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    organisations: tuple[Organisation, ...]
    spaces: tuple[Space, ...]
    charter: Charter
    rules: tuple[Rule, ...]
    posts: tuple[Post, ...]
    partners_allowed: bool = True

    def person(self, login: str) -> Person:
        """The person with this login; KeyError if there is none."""
        return {person.login: person for person in self.people}[login]

    def profile(self) -> dict[str, Any]:
        """The rules as one profile, the way the engine's command line reads them."""
        beside = {"key", "kind", "clause", "message_fr", "message_en", "params"}
        return {
            "profile": f"{self.name} {self.charter.version}",
            "company": {
                "domain": self.domain,
                "timezone": self.timezone,
                "directory_phones": list(self.directory_phones),
            },
            "rules": {
                rule["key"]: {k: v for k, v in rule.items() if k not in beside} | rule["params"]
                for rule in self.rules
            },
        }
