"""The demo company, whole: `company(seed, now)` returns the same tree for the same seed and time.

    Company
    ├── sites, teams (a tree, each with a manager), people (60 employees and 2 partners)
    ├── organisations (aliases, domains, contacts), spaces (members with roles)
    ├── charter (articles, clauses, signatures), rules (plain dicts: key, kind, action, clause, params, messages)
    └── posts (files, edits, comments, reactions, reports), in time order

Load in this order: sites and teams, people (managers after), organisations, partners, charter and rules, spaces with
members, then posts by time. Everything is referred to by key, login or clause number. `outcome` of a post or comment
is what the rules are expected to make of it: "published", "flagged" or "held". Pictures and files are drawn only when
`Person.picture()` or `File.content()` is called.
"""

from __future__ import annotations

from datetime import datetime

from app.demo.shapes import (
    REACTIONS,
    ROLES,
    Alias,
    Article,
    Charter,
    Clause,
    Comment,
    Company,
    Contact,
    Edit,
    File,
    Member,
    Organisation,
    Person,
    Post,
    Reaction,
    Report,
    Rule,
    Signature,
    Site,
    Space,
    Team,
)

__all__ = [
    "REACTIONS",
    "ROLES",
    "Alias",
    "Article",
    "Charter",
    "Clause",
    "Comment",
    "Company",
    "Contact",
    "Edit",
    "File",
    "Member",
    "Organisation",
    "Person",
    "Post",
    "Reaction",
    "Report",
    "Rule",
    "Signature",
    "Site",
    "Space",
    "Team",
    "company",
]


def company(seed: int, now: datetime) -> Company:
    """The company as it stands at `now` (aware); three months of life lie behind it."""
    raise NotImplementedError
