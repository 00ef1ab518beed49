"""Kinds of condition, by name. A new kind is one module here and one line below."""

from typing import Final

from .base import Build, Compile, Detector
from .combinations import compile_combination
from .contact import compile_email, compile_phone
from .direction import compile_bidi
from .files import compile_consent, compile_macros, compile_types
from .hours import compile_quiet
from .links import compile_allow_only, compile_deny, compile_label, compile_lookalike
from .mixing import compile_mixing
from .numbers import compile_card, compile_iban, compile_nir
from .patterns import compile_pattern
from .phrases import compile_phrases
from .rates import compile_duplicates, compile_rate
from .scores import compile_tone, compile_work
from .secrets import compile_secrets

__all__ = ["HOLD_ON_FAILURE", "KINDS", "NEVER_ABOVE_FLAG", "ONLY_EVENTS", "Build", "Detector"]

KINDS: Final[dict[str, Compile]] = {
    "attachment.macro": compile_macros,
    "attachment.type": compile_types,
    "bidi": compile_bidi,
    "card": compile_card,
    "combination": compile_combination,
    "consent": compile_consent,
    "duplicate": compile_duplicates,
    "email": compile_email,
    "iban": compile_iban,
    "link.allow": compile_allow_only,
    "link.deny": compile_deny,
    "link.idn": compile_lookalike,
    "link.label": compile_label,
    "mixing": compile_mixing,
    "nir": compile_nir,
    "pattern": compile_pattern,
    "phone": compile_phone,
    "phrases": compile_phrases,
    "quiet": compile_quiet,
    "rate": compile_rate,
    "secret": compile_secrets,
    "tone": compile_tone,
    "work": compile_work,
}
NEVER_ABOVE_FLAG: Final = frozenset({"work", "tone"})
HOLD_ON_FAILURE: Final = frozenset({"card", "nir"})
# Some conditions are about the act of posting, not about what stands there.
ONLY_EVENTS: Final = {
    "rate": frozenset({"create"}),
    "duplicate": frozenset({"create"}),
    "quiet": frozenset({"create", "edit"}),
}
