"""Lists come in pages that continue where the last one ended, never by counting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from app.kernel import keys
from app.kernel.errors import Invalid

Item = TypeVar("Item")
Other = TypeVar("Other")
LARGEST = 100


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items and the token that brings the following ones, None at the end."""

    items: Sequence[Item]
    next: str | None = None

    def map(self, change: Callable[[Item], Other]) -> Page[Other]:
        """The same page of something else."""
        return Page([change(item) for item in self.items], self.next)


def cut(rows: Sequence[Item], limit: int, purpose: str, place: Callable[[Item], list[Any]]) -> Page[Item]:
    """A page of `limit` from rows read with limit + 1; `place` gives the key of the last row shown."""
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], keys.seal(f"page:{purpose}", place(rows[limit - 1]), lasts=timedelta(days=7)))


def place(purpose: str, token: str | None) -> list[Any] | None:
    """The key where the page before ended; Invalid when the token isn't one of ours for this list."""
    if not token:
        return None
    try:
        value = keys.unseal(f"page:{purpose}", token)
    except ValueError as problem:
        raise Invalid(
            fields={"after": _("This list has moved on. Start again from its beginning.")}
        ) from problem
    return list(value)
