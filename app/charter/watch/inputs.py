from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.charter.watch.models import LANGUAGES, ROLES
from app.kernel.errors import Invalid
from app.kernel.inputs import day, optional, parse, text

MOST_TERMS, LONGEST_TERM = 50, 80


@dataclass(frozen=True)
class Watched:
    """Which words, in which languages, alert whom, from which day until which."""

    label: str
    terms: tuple[str, ...]
    languages: tuple[str, ...]
    roles: tuple[str, ...]
    since: date | None
    until: date | None

    @classmethod
    def parse(cls, form: Mapping[str, Any]) -> Watched:
        """From a form; Invalid with a sentence for each field."""
        given = parse(
            form,
            label=text(longest=80, lines=False),
            terms=text(longest=MOST_TERMS * (LONGEST_TERM + 2)),
            since=optional(day()),
            until=optional(day()),
        )
        terms = tuple(dict.fromkeys(line.strip() for line in given["terms"].split("\n") if line.strip()))
        read = cls(
            label=given["label"],
            terms=terms,
            languages=tuple(code for code in LANGUAGES if form.get(f"language_{code}")),
            roles=tuple(role for role in ROLES if form.get(f"role_{role}")),
            since=given["since"],
            until=given["until"],
        )
        read.check()
        return read

    def check(self) -> None:
        """What the engine can match and somebody will hear of."""
        problems = {}
        if not 0 < len(self.terms) <= MOST_TERMS or any(len(term) > LONGEST_TERM for term in self.terms):
            problems["terms"] = _(
                "Give up to 50 words or phrases, one on each line, of 80 characters at most."
            )
        elif any(sum(sign.isalnum() for sign in term) < 2 for term in self.terms):
            problems["terms"] = _("Each needs two letters or digits at least.")
        if not self.roles:
            problems["roles"] = _("Choose who is alerted.")
        if self.since and self.until and self.until < self.since:
            problems["until"] = _("It would end before it begins.")
        if problems:
            raise Invalid(fields=problems)
