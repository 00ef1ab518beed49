"""Who may see a file. What holds it decides; features say how, in the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.files.models import File
from app.people.actor import Actor

HOLDERS: dict[str, Callable[[Actor, int], bool]] = {}


def hold(holders: Mapping[str, Callable[[Actor, int], bool]]) -> None:
    """Say, for each kind of holder, how to ask whether somebody may see what it holds."""
    HOLDERS.clear()
    HOLDERS.update(holders)


def can_see(actor: Actor, file: File) -> bool:
    """True for one's own file that nothing holds yet, and for what its holder shows."""
    if file.holder == "draft" or file.holder_id is None:
        return file.owner_id == actor.id
    asks = HOLDERS.get(file.holder)
    return asks is not None and asks(actor, file.holder_id)
