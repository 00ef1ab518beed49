"""A synchronisation from its beginning to its end.

Nothing is touched before the directory has said everything, and nothing at all when suddenly far too many
people would be gone.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from app.auth.directory.company import Company
from app.auth.directory.entries import Described
from app.auth.directory.trouble import Trouble
from app.directory import actions, plan, queries
from app.directory.models import DONE, FAILED, STOPPED
from app.directory.plan import Plan, Step
from app.files import actions as files
from app.files.models import File
from app.kernel.action import release
from app.kernel.errors import AppError
from app.people.actor import Actor, of_person

_ACCOUNTS = {plan.MADE, plan.LINKED, plan.CHANGED}
_NEVER = ("", "", False)
_KINDS = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif"))


@dataclass(frozen=True)
class Outcome:
    """How it ended, what was found, and what was done."""

    outcome: str
    plan: Plan
    done: list[Step]


def preview(company: Company) -> Plan:
    """What a synchronisation would do now; nothing is changed. Trouble when the directory can't say."""
    release()
    return plan.made(company.directory, list(company.everyone()))


def synchronise(company: Company, *, by: Actor | None = None, force: bool = False) -> Outcome:
    """Take over what the directory says; whoever is gone or disabled there is closed here, at once.

    Stopped before the first change when more would be closed than the operator allows, unless forced.
    Trouble when the directory doesn't say everything; Conflict while another synchronisation goes on.
    """
    run_id = actions.begin_run(by)
    done: list[Step] = []
    found = 0
    try:
        intended = preview(company)
        found = intended.found
        if intended.takes_too_many(company.directory.most_gone) and not force:
            said = f"{intended.closing} of {intended.standing} accounts would be closed"
            actions.end_run(run_id, STOPPED, [], found, said)
            return Outcome(STOPPED, intended, done)
        for step in _applied(company, intended):
            done.append(step)
    except Exception as problem:
        trouble = str(problem) if isinstance(problem, Trouble) else type(problem).__name__
        actions.end_run(run_id, FAILED, done, found, trouble)
        raise
    actions.end_run(run_id, DONE, done, found)
    return Outcome(DONE, intended, done)


def _applied(company: Company, intended: Plan) -> Iterator[Step]:
    """Closing comes first: nothing that fails later keeps somebody in who left."""
    for step in (one for one in intended.steps if one.what == plan.CLOSED):
        yield from _if_any(actions.close(step))
    for step in intended.steps:
        if step.what == plan.REOPENED:
            yield from _if_any(actions.reopen(step))
        elif step.what in _ACCOUNTS:
            yield from _if_any(actions.take_over(company.directory, step))
    for person_id, manager_id in plan.managers(intended.everyone).items():
        yield actions.put_under(person_id, manager_id)
    yield from _photos(company, intended)


def _photos(company: Company, intended: Plan) -> Iterator[Step]:
    """Pictures of those whose entry changed since the last time; a person's own choice stays until then.

    What was changed in the directory's latest second may change once more within it: it is read again.
    """
    known, traces = queries.linked(), queries.traces()
    standing = {subject: one.id for subject, one in known.items() if one.deactivated_at is None}
    last = max((who.stamp for who in intended.everyone), default="")
    there = [(who, standing[who.subject]) for who in intended.everyone if who.subject in standing]
    fresh = {w.subject: n for w, n in there if not w.stamp or w.stamp != traces.get(n, _NEVER)[0]}
    release()
    for who, photo in company.photos([who for who, _number in there if who.subject in fresh]):
        number, stamp = fresh[who.subject], "" if who.stamp == last else who.stamp
        digest = hashlib.sha256(photo).hexdigest() if photo else ""
        is_new = bool(photo) and traces.get(number, _NEVER)[1] != digest
        file = _taken_in(number, who, photo) if is_new else None
        yield from _if_any(actions.note_photo(number, stamp, digest, file))


def _taken_in(person_id: int, who: Described, photo: bytes) -> File | None:
    """Decoded and encoded anew like any upload; None for what isn't a picture that one may send."""
    actor = of_person(person_id)
    kind = next((ending for begins, ending in _KINDS if photo.startswith(begins)), None)
    if actor is None or kind is None:
        return None
    try:
        return files.upload(actor, io.BytesIO(photo), f"{who.login}.{kind}")
    except AppError:
        return None


def _if_any(step: Step | None) -> list[Step]:
    return [step] if step else []
