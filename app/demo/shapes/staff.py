"""The people of the company, their teams and sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Segment = Literal["employee", "client", "supplier"]
ROLES = ("moderator", "senior_moderator", "charter_owner", "admin", "auditor", "staff_representative")


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
