"""What becomes of spaces when something below them changes. INSIDE: together with the fact."""

from __future__ import annotations

from sqlalchemy import update

from app.kernel.db import db
from app.organisations.events import OrganisationsMerged
from app.spaces.models import Space


def move_to_organisation(event: OrganisationsMerged) -> None:
    """Spaces of the one are spaces of the other."""
    moved = update(Space).where(Space.organisation_id == event.gone_id).values(organisation_id=event.kept_id)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))
