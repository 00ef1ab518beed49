"""What becomes of spaces when something below them changes. INSIDE: together with the fact."""

from __future__ import annotations

from sqlalchemy import select, update

from app.kernel.db import db
from app.organisations.events import OrganisationsMerged
from app.people.events import GroupsApplied
from app.people.groups import spaces_given
from app.people.models import Person
from app.spaces.actions import seat, unseat
from app.spaces.models import GroupSeat, Space


def move_to_organisation(event: OrganisationsMerged) -> None:
    """Spaces of the one are spaces of the other."""
    moved = update(Space).where(Space.organisation_id == event.gone_id).values(organisation_id=event.kept_id)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))


def follow_groups(event: GroupsApplied) -> None:
    """Whose group gives a place has it; a place that a group gave ends with it. What was done by hand stays:
    who left a space isn't brought back, and who was let in by somebody isn't put out.
    """
    wanted = spaces_given(event.person_ids)
    rows = select(GroupSeat.person_id, GroupSeat.space_id).where(GroupSeat.person_id.in_(event.person_ids))
    seated = {(person_id, space_id) for person_id, space_id in db.session.execute(rows)}
    for person_id, space_id in sorted(seated - wanted):
        unseat(db.session.get_one(Space, space_id), person_id)
    for person_id, space_id in sorted(wanted - seated):
        seat(db.session.get_one(Space, space_id), db.session.get_one(Person, person_id))
