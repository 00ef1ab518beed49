"""Clients and suppliers, and the spaces where people meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

AliasMode = Literal["plain", "cap", "ctx"]
SpaceKind = Literal["internal", "client", "supplier", "social"]
Visibility = Literal["open", "closed", "secret"]
MemberRole = Literal["owner", "moderator", "member"]


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
