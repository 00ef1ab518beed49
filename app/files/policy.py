"""Who may see a file. What holds it decides; features say how, in the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, or_

from app.files.models import DRAFT, File
from app.people.actor import Actor

Shows = Callable[[Actor], ColumnElement[bool]]
HOLDERS: dict[str, Sequence[Shows]] = {}


def hold(holders: Mapping[str, Sequence[Shows]]) -> None:
    """Say, for each kind of holder, which of the files it holds somebody may see: conditions on File."""
    HOLDERS.clear()
    HOLDERS.update(holders)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """One's own files that nothing holds yet, and what their holders show; asks by subquery."""
    held = [
        and_(File.holder == kind, or_(*(show(actor) for show in shown))) for kind, shown in HOLDERS.items()
    ]
    return or_(and_(File.holder == DRAFT, File.owner_id == actor.id), *held)
