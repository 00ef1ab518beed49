"""The charter engine: plain data in, a verdict out. No database, no web, no clock of its own."""

from .actions import ACTIONS, Action, capped, is_at_least, strictest
from .archives import FileFacts, inspect_file
from .detectors import KINDS
from .detectors.patterns import BadPattern, parse_pattern
from .draft import (
    Attachment,
    Author,
    Draft,
    Member,
    Mention,
    Neighbour,
    PastItem,
    Side,
    Space,
    TaggedPerson,
    Thread,
)
from .evaluate import DEGRADED, evaluate, iter_hits
from .fold import duplicate_key, fold_text
from .lines import evaluate_lines
from .nudge import is_token_valid, issue_token, token_id
from .policy import Policy, Problem, compile_policy
from .profile import case_draft, profile_spec
from .spec import (
    Alias,
    Company,
    Contact,
    Exemption,
    Limits,
    OrganisationSpec,
    PolicySpec,
    RuleSpec,
    Scope,
)
from .verdict import Degraded, Exempted, Finding, Place, Verdict

__all__ = [
    "ACTIONS",
    "DEGRADED",
    "KINDS",
    "Action",
    "Alias",
    "Attachment",
    "Author",
    "BadPattern",
    "Company",
    "Contact",
    "Degraded",
    "Draft",
    "Exempted",
    "Exemption",
    "FileFacts",
    "Finding",
    "Limits",
    "Member",
    "Mention",
    "Neighbour",
    "OrganisationSpec",
    "PastItem",
    "Place",
    "Policy",
    "PolicySpec",
    "Problem",
    "RuleSpec",
    "Scope",
    "Side",
    "Space",
    "TaggedPerson",
    "Thread",
    "Verdict",
    "capped",
    "case_draft",
    "compile_policy",
    "duplicate_key",
    "evaluate",
    "evaluate_lines",
    "fold_text",
    "inspect_file",
    "is_at_least",
    "is_token_valid",
    "issue_token",
    "iter_hits",
    "parse_pattern",
    "profile_spec",
    "strictest",
    "token_id",
]
