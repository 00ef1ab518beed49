from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.auth.directory.company import Directory
from app.auth.models import DIRECTORY, Identity
from app.directory.models import RUNNING, DirectoryRun, DirectoryTrace
from app.kernel import clock
from app.kernel.db import db
from app.people.models import KnownGroup, Person

RUNS_SHOWN = 10
GIVEN_UP = timedelta(minutes=30)


def linked() -> Mapping[str, Person]:
    """Everybody whom the directory knows, by its own number for them; closed accounts too."""
    rows = (
        select(Identity.subject, Person)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.issuer == DIRECTORY)
        .options(joinedload(Person.team))
        .execution_options(populate_existing=True)
    )
    return dict(db.session.execute(rows).all())


def traces() -> Mapping[int, tuple[str, str, bool]]:
    """What was last taken over for each: its stamp, its picture's digest, whether the directory closed it."""
    rows = db.session.scalars(select(DirectoryTrace).execution_options(populate_existing=True))
    return {row.person_id: (row.stamp, row.photo, row.closed_at is not None) for row in rows}


def groups_named() -> Mapping[int, set[str]]:
    """The groups that the directory last named for each person, as they are compared."""
    found: dict[int, set[str]] = {}
    rows = select(KnownGroup.person_id, KnownGroup.key).where(KnownGroup.source == Directory.source)
    for person_id, key in db.session.execute(rows):
        found.setdefault(person_id, set()).add(key)
    return found


def managers() -> Sequence[tuple[int, int]]:
    """Who reports to whom at present."""
    rows = select(Person.id, Person.manager_id).where(Person.manager_id.is_not(None))
    return [(row.id, row.manager_id) for row in db.session.execute(rows)]


def last_runs() -> Sequence[DirectoryRun]:
    """The latest synchronisations, newest first."""
    rows = select(DirectoryRun).order_by(DirectoryRun.id.desc()).limit(RUNS_SHOWN)
    return db.session.scalars(rows).all()


def running() -> DirectoryRun | None:
    """The one that goes on; one that was begun long ago has died."""
    rows = select(DirectoryRun).where(
        DirectoryRun.outcome == RUNNING, DirectoryRun.started_at > clock.now() - GIVEN_UP
    )
    return db.session.scalar(rows.limit(1))


def is_due(every_minutes: int) -> bool:
    """True when none has begun for so long."""
    since = clock.now() - timedelta(minutes=every_minutes)
    begun = select(DirectoryRun.id).where(DirectoryRun.started_at > since)
    return every_minutes > 0 and db.session.scalar(begun.limit(1)) is None
