"""What those who see a case hear of it: that it changed, never what is in it."""

from __future__ import annotations

from typing import Any, Protocol

from app.kernel import changes
from app.kernel.changes import PERSON
from app.kernel.db import db
from app.playbooks import queries
from app.playbooks.models import PlaybookCase


class OfCase(Protocol):
    """Any fact about a case."""

    @property
    def case_id(self) -> int: ...


def tell_case(event: OfCase) -> None:
    case = db.session.get_one(PlaybookCase, event.case_id)
    for who in queries.seers(case):
        changes.record("case.changed", PERSON, who.id, case_id=case.id)


def case_message(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Its number; the page asks for the rest."""
    return payload
