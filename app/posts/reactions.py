from sqlalchemy import ColumnElement, select, update

from app.kernel.db import db
from app.people.events import PersonChanged
from app.posts.models import Entry
from app.spaces.events import SpaceChanged


def renew_cards_of_person(event: PersonChanged) -> None:
    """Their name or picture stands on their posts, and on posts they commented."""
    threads = select(Entry.root_id).where(Entry.author_id == event.person_id, Entry.root_id.is_not(None))
    _renew((Entry.author_id == event.person_id) | Entry.id.in_(threads))


def renew_cards_of_space(event: SpaceChanged) -> None:
    """Its name stands on its posts."""
    _renew(Entry.space_id == event.space_id)


def _renew(which: ColumnElement[bool]) -> None:
    db.session.execute(
        update(Entry)
        .where(which)
        .values(version=Entry.version + 1)
        .execution_options(synchronize_session=False)
    )
