"""The charter and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Rule = dict[str, Any]


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
