"""What is signed: a version in both languages, with its checklist and delays, as one canonical JSON text."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from app.charter.models import Article, CharterVersion, Clause

HEAD = ("title", "preamble")
WORDS = ("title", "text", "message")


def payload(version: CharterVersion) -> dict[str, Any]:
    """Everything that a signature stands for. The version needs its articles and clauses loaded."""
    return {
        "number": version.number,
        **{name: _both(version, name) for name in HEAD},
        "consulted_on": version.consulted_on.isoformat() if version.consulted_on else None,
        "informed_on": version.informed_on.isoformat() if version.informed_on else None,
        "notice_days": version.notice_days,
        "grace_days": version.grace_days,
        "articles": [_article(article) for article in version.articles],
    }


def canonical(told: Any) -> str:
    """One way to write it, whatever the order in which it was put together."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seal(version: CharterVersion) -> str:
    """SHA-256 of the canonical payload, 64 hexadecimal characters."""
    return _digest(payload(version))


def mark_of_clause(clause: Clause) -> str:
    """Says which wording of a clause somebody saw, whatever number it has now."""
    return _digest(_words(clause))[:20]


def mark_of_article(article: Article) -> str:
    """Says which title of an article somebody saw, and which clauses with which words."""
    return _digest([_both(article, "title"), *(_clause(clause) for clause in article.clauses)])[:20]


def mark_of_head(version: CharterVersion) -> str:
    """Says which title, preamble and delays somebody saw."""
    told = {name: _both(version, name) for name in HEAD}
    return _digest([told, version.notice_days, version.grace_days])[:20]


def new_key() -> str:
    """A key for a new article or clause; it can't be taken for a number."""
    return f"k{secrets.token_hex(6)}"


def _article(article: Article) -> dict[str, Any]:
    return {
        "key": article.key,
        "number": article.number,
        "title": _both(article, "title"),
        "clauses": [_clause(clause) for clause in article.clauses],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {"key": clause.key, "number": clause.number, **_words(clause)}


def _words(clause: Clause) -> dict[str, Any]:
    return {**{name: _both(clause, name) for name in WORDS}, "severity": clause.severity}


def _both(what: Any, name: str) -> dict[str, str]:
    return {language: getattr(what, f"{name}_{language}") for language in ("fr", "en")}


def _digest(told: Any) -> str:
    return hashlib.sha256(canonical(told).encode()).hexdigest()
