"""Work for later: written with the facts, run once, tried again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel import clock, jobs
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.jobs import Job, job

done: list[str] = []


@job
def note(what: str) -> None:
    if what == "bad":
        raise RuntimeError("no")
    done.append(what)


@action
def _write_down(*, fails: bool = False, **arguments):
    note.later(**arguments)
    if fails:
        raise RuntimeError


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Job).where(Job.name == note.name)) or 0


@pytest.fixture(autouse=True)
def _fresh():
    done.clear()


def test_a_job_lives_and_dies_with_its_transaction():
    with pytest.raises(RuntimeError):
        _write_down(fails=True, what="never")
    _write_down(what="once")
    assert _count() == 1
    assert jobs.run_next()
    assert (done, _count()) == (["once"], 0)
    assert not jobs.run_next()


def test_a_job_that_fails_is_tried_again_later_and_says_why():
    _write_down(what="bad")
    assert jobs.run_next()
    row = db.session.scalars(select(Job)).one()
    assert "RuntimeError" in row.trouble
    assert row.due_at > clock.now()
    assert not jobs.run_next()
    with clock.at(clock.now() + timedelta(hours=1)):
        assert jobs.run_next()


def test_a_lease_that_ended_is_taken_over():
    _write_down(what="late")
    row = db.session.scalars(select(Job)).one()
    row.lease, row.leased_until = "gone", clock.now() + timedelta(minutes=5)
    db.session.commit()
    assert not jobs.run_next()
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert jobs.run_next()
    assert done == ["late"]
