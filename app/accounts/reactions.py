from sqlalchemy import select, update

from app.accounts import stays
from app.accounts.models import Invitation
from app.kernel.db import db
from app.organisations.events import OrganisationsMerged
from app.people.events import AccessChanged
from app.people.models import Person


def move_to_organisation(event: OrganisationsMerged) -> None:
    """Whoever was invited into one of two entries of the registry belongs to the other."""
    moved = update(Invitation).where(Invitation.organisation_id == event.gone_id)
    db.session.execute(moved.values(organisation_id=event.kept_id))


def end_guests(event: AccessChanged) -> None:
    """Nobody answers any more for the partners of somebody who left."""
    left = select(Person.deactivated_at.is_not(None)).where(Person.id == event.person_id)
    if event.ends_sessions and db.session.scalar(left):
        stays.end_guests_of(event.person_id)
