"""The charter engine: plain data in, a verdict out. No database, no web, no clock of its own."""

from .actions import ACTIONS, Action, capped, is_at_least, strictest
from .archives import FileFacts, inspect_file
from .authoring import (
    FailedExample,
    alias_warnings,
    failed_examples,
    fingerprint,
    inflected_forms,
    sides_of,
)
from .breaker import RuleActivity, is_silent, should_trip
from .detectors import KINDS, NEVER_ABOVE_FLAG
from .detectors.combinations import conditions
from .detectors.patterns import BadPattern, parse_pattern
from .draft import (
    Attachment,
    Author,
    Draft,
    Event,
    Member,
    Mention,
    Neighbour,
    PastItem,
    Side,
    Space,
    TaggedPerson,
    Thread,
)
from .evaluate import DEGRADED, applies, evaluate, iter_hits, unevaluated
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
    "NEVER_ABOVE_FLAG",
    "Action",
    "Alias",
    "Attachment",
    "Author",
    "BadPattern",
    "Company",
    "Contact",
    "Degraded",
    "Draft",
    "Event",
    "Exempted",
    "Exemption",
    "FailedExample",
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
    "RuleActivity",
    "RuleSpec",
    "Scope",
    "Side",
    "Space",
    "TaggedPerson",
    "Thread",
    "Verdict",
    "alias_warnings",
    "applies",
    "capped",
    "case_draft",
    "compile_policy",
    "conditions",
    "duplicate_key",
    "evaluate",
    "evaluate_lines",
    "failed_examples",
    "fingerprint",
    "fold_text",
    "inflected_forms",
    "inspect_file",
    "is_at_least",
    "is_silent",
    "is_token_valid",
    "issue_token",
    "iter_hits",
    "parse_pattern",
    "profile_spec",
    "should_trip",
    "sides_of",
    "strictest",
    "token_id",
    "unevaluated",
]
