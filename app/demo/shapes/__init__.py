"""What the demo company is made of: frozen dataclasses that refer to each other by key, login or number."""

from app.demo.shapes.around import (
    Alias,
    AliasMode,
    Contact,
    Member,
    MemberRole,
    Organisation,
    Space,
    SpaceKind,
    Visibility,
)
from app.demo.shapes.law import Article, Charter, Clause, Rule, Signature
from app.demo.shapes.staff import ROLES, Person, Segment, Site, Team
from app.demo.shapes.talk import REACTIONS, Comment, Edit, File, Outcome, Post, PostKind, Reaction, Report
from app.demo.shapes.whole import Company

__all__ = [
    "REACTIONS",
    "ROLES",
    "Alias",
    "AliasMode",
    "Article",
    "Charter",
    "Clause",
    "Comment",
    "Company",
    "Contact",
    "Edit",
    "File",
    "Member",
    "MemberRole",
    "Organisation",
    "Outcome",
    "Person",
    "Post",
    "PostKind",
    "Reaction",
    "Report",
    "Rule",
    "Segment",
    "Signature",
    "Site",
    "Space",
    "SpaceKind",
    "Team",
    "Visibility",
]
