from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.auth import outside
from app.auth.directory.company import Directory
from app.auth.directory.entries import Described
from app.directory import plan, queries
from app.directory.events import SynchronisationWanted
from app.directory.models import RUNNING, DirectoryRun, DirectoryTrace
from app.directory.plan import Step
from app.files import actions as files
from app.files.models import File
from app.kernel import audit, clock, settings
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.policy import require
from app.people import actions as people
from app.people.actor import Actor, of_person
from app.people.models import Person, Team
from app.people.policy import can_manage_people

RUNS_KEPT, CHANGES_KEPT = 100, 500


@action
def begin_run(actor: Actor | None) -> int:
    """One at a time: Conflict while another goes on. `actor` None is the clock or the console."""
    require(actor is None or can_manage_people(actor))
    settings.hold("directory_run")
    if queries.running() is not None:
        raise Conflict(_("A synchronisation is going on already."))
    run = DirectoryRun(started_at=clock.now(), by_id=actor.id if actor else None, outcome=RUNNING)
    db.session.add(run)
    db.session.flush()
    db.session.execute(delete(DirectoryRun).where(DirectoryRun.id <= run.id - RUNS_KEPT))
    return run.id


@action
def ask_for_run(actor: Actor) -> None:
    """An admin wants one now; it is done beside the request. Conflict while one goes on."""
    require(can_manage_people(actor))
    if queries.running() is not None:
        raise Conflict(_("A synchronisation is going on already."))
    announce(SynchronisationWanted(by_id=actor.id))


@action
def note_look_up(actor: Actor, login: str) -> None:
    """Whom an admin asks the directory about is in the log."""
    require(can_manage_people(actor))
    audit.record("directory.looked_up", actor.id, "company", login=login)


@action
def end_run(run_id: int, outcome: str, changes: Sequence[Step], found: int, trouble: str = "") -> None:
    """Write down how it went."""
    run = db.session.get_one(DirectoryRun, run_id, populate_existing=True)
    run.outcome, run.ended_at, run.trouble = outcome, clock.now(), trouble[:1_000]
    run.counts = plan.Plan(changes, found, 0, ()).counts
    run.changes = [[step.what, step.login, *step.fields] for step in changes[:CHANGES_KEPT]]
    audit.record("directory.synchronised", run.by_id, "company", outcome=outcome, **run.counts)


@action
def close(step: Step) -> Step | None:
    """An account whose owner left the directory, or is disabled there; None when it was closed meanwhile.

    The last admin's stays: somebody must be able to mend a mistake.
    """
    person = _present(step)
    if person.deactivated_at is not None:
        return None
    try:
        people.deactivate(None, person)
    except Conflict:
        return Step(plan.KEPT, step.login)
    _trace(person.id).closed_at = clock.now()
    return step


@action
def reopen(step: Step) -> Step | None:
    """An account that the directory closed, and has again; None when an admin was faster."""
    person, trace = _present(step), _trace(step.person.id if step.person else 0)
    if person.deactivated_at is None or trace.closed_at is None:
        return None
    people.reactivate(None, person)
    trace.closed_at = None
    return step


@action
def take_over(directory: Directory, step: Step) -> Step | None:
    """What the directory says of a person: linked or made the first time; None when nothing is to be done."""
    if step.who is None:
        return None
    person = outside.account_of(directory, step.who)
    if person is None or person.deactivated_at is not None:
        return None
    fields = _changed(step.who, person)
    before = sorted(person.roles)
    outside.take_over_groups(directory, step.who, person)
    if sorted(person.roles) != before:
        fields.append("roles")
    fields += [field for field in step.fields if field == "groups"]
    if step.what == plan.CHANGED and not fields:
        return None
    return Step(step.what, person.login, step.who, person, tuple(fields))


@action
def put_under(person_id: int, manager_id: int) -> Step:
    """A person reports to another one now."""
    person = db.session.get_one(Person, person_id, populate_existing=True)
    people.change_profile(None, person, manager_id=manager_id)
    audit.record("person.changed", None, f"person:{person_id}", fields=["manager_id"])
    return Step(plan.MANAGER, person.login)


@action
def note_photo(person_id: int, stamp: str, digest: str, file: File | None) -> Step | None:
    """Remember which picture the directory had; with `file`, it is the person's from now on."""
    trace, actor = _trace(person_id), of_person(person_id)
    trace.stamp, trace.photo = stamp, digest
    if file is None or actor is None:
        return None
    person = db.session.get_one(Person, person_id, populate_existing=True)
    people.change_profile(None, person, photo_id=files.hold_as_photo(actor, file).id)
    return Step(plan.PHOTO, person.login)


def _changed(who: Described, person: Person) -> list[str]:
    team = db.session.get(Team, person.team_id) if person.team_id else None
    said: dict[str, object] = dict(plan.differing(who, person, team.name if team else None))
    if "email" in said and _is_taken(str(said["email"]), person.id):
        del said["email"]
    fields = sorted(said)
    if "team" in said:
        said["team_id"] = _team(str(said.pop("team"))).id
    if fields:
        people.change_profile(None, person, **said)
        audit.record("person.changed", None, f"person:{person.id}", fields=fields)
    return fields


def _is_taken(email: str, person_id: int) -> bool:
    rows = select(Person.id).where(func.lower(Person.email) == email, Person.id != person_id)
    return db.session.scalar(rows) is not None


def _team(name: str) -> Team:
    found = db.session.scalar(select(Team).where(Team.name == name))
    return found or people.add_team(None, name=name)


def _present(step: Step) -> Person:
    assert step.person is not None  # noqa: S101 - only steps about an account come here
    return db.session.get_one(Person, step.person.id, populate_existing=True)


def _trace(person_id: int) -> DirectoryTrace:
    found = db.session.get(DirectoryTrace, person_id, populate_existing=True)
    if found is None:
        found = DirectoryTrace(person_id=person_id)
        db.session.add(found)
        db.session.flush()
    return found
