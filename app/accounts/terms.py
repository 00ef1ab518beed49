from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.inputs import choice, day, many, optional, parse, switch, text, whole
from app.people.models import SEGMENTS

LASTS = ("1", "7", "30")
MOST_SPACES = 50


@dataclass(frozen=True)
class NewInvitation:
    """Whom to ask to join, and what their account will be."""

    login: str
    name: str
    email: str | None
    segment: str
    organisation_id: int | None
    space_ids: list[int]
    sponsor: str
    ends_on: date | None
    site: str
    networks: str
    needs_approval: bool
    days: int

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> NewInvitation:
        """Invalid with a sentence per field."""
        given = parse(
            source,
            login=text(longest=64, lines=False),
            name=text(longest=120, lines=False),
            email=optional(text(longest=254, lines=False)),
            segment=choice(*SEGMENTS),
            organisation=optional(whole()),
            spaces=many(whole(), most=MOST_SPACES),
            sponsor=optional(text(longest=254, lines=False), ""),
            ends_on=optional(day()),
            site=optional(text(longest=120, lines=False), ""),
            networks=optional(text(longest=2_000), ""),
            approval=switch(),
            days=optional(choice(*LASTS), "7"),
        )
        return cls(
            organisation_id=given.pop("organisation"),
            space_ids=given.pop("spaces"),
            needs_approval=given.pop("approval"),
            days=int(given.pop("days")),
            **given,
        )
