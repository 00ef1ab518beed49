"""Who writes the questions and sees who has accepted."""

from app.charter.models import SUPERSEDED, CharterVersion
from app.charter.policy import can_manage_charter
from app.people.actor import Actor


def can_write_quiz(actor: Actor, version: CharterVersion) -> bool:
    """Charter owners, until the version is out of force."""
    return can_manage_charter(actor) and version.state != SUPERSEDED


def can_see_acceptances(actor: Actor) -> bool:
    """Charter owners and admins see who has accepted, to remind and to help; nobody else does."""
    return can_manage_charter(actor)
