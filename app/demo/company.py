"""The demo company, whole: `company(seed, now)` returns the same tree for the same seed and time.

    Company
    ├── sites, teams (a tree, each with a manager), people (60 employees, then 2 partners)
    ├── organisations (aliases, domains, contacts), spaces (members with roles)
    ├── charter (articles, clauses, signatures)
    ├── rules (plain dicts: key, kind, action, clause, params, message_fr, message_en)
    └── posts (files, edits, comments, reactions, reports), in time order

Load in this order: sites and teams, people (managers after), organisations, partners, charter and rules,
spaces with members, then posts by time. Everything is referred to by key, login or clause number. `outcome`
of a post or comment is what the rules are expected to make of it: "published", "flagged" or "held"; reports
wait for a moderator. Pictures and files are drawn only when `Person.picture()` or `File.content()` is called.
"""

from __future__ import annotations

from datetime import UTC, datetime

from app.demo.calendar import PARIS
from app.demo.life import posts
from app.demo.rulebook import charter, rules
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
from app.demo.staff import DOMAIN, SITES, organisations, people, spaces, teams

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
    if now.tzinfo is None:
        raise ValueError("the demo company needs a time with its zone")
    now = now.astimezone(UTC)
    staff, signed = people(seed, now), charter(now)
    places = spaces(staff, now)
    return Company(
        name="Vaudrelle",
        full_name="Vaudrelle Pompes et transmissions hydrauliques",
        motto_fr="La force tranquille de l\N{RIGHT SINGLE QUOTATION MARK}huile, depuis 1949",
        motto_en="The quiet strength of oil, since 1949",
        domain=DOMAIN,
        accent="#b4532a",
        timezone=PARIS.key,
        directory_phones=("04 65 71 10 00-04 65 71 10 99",),
        seed=seed,
        now=now,
        sites=SITES,
        teams=teams(),
        people=staff,
        organisations=organisations(),
        spaces=places,
        charter=signed,
        rules=rules(signed),
        posts=posts(seed, now, staff, places),
    )
