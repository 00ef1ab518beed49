"""Questions sent straight to the driver say the same as SQLAlchemy would."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from app.kernel.db import db
from app.kernel.reads import Question, question
from app.people.models import Person
from tests.make import make_person


@question
def _named(is_sorted: bool = False):
    rows = select(Person.id, Person.roles, Person.created_at)
    rows = rows.where(
        Person.id.in_(bindparam("ids", expanding=True)), Person.segment.in_(("employee", "client"))
    )
    return rows.order_by(Person.id) if is_sorted else rows


def test_a_question_reads_what_was_written_a_moment_ago_with_its_types():
    ana, bo = make_person("ana", roles=["moderator"]), make_person("bo")
    person = db.session.get_one(Person, bo.id)
    person.roles = ["auditor"]  # not flushed yet
    rows = _named(True).all(ids=[bo.id, ana.id])
    assert [(row.id, row.roles) for row in rows] == sorted([(ana.id, ["moderator"]), (bo.id, ["auditor"])])
    assert rows[0].created_at == db.session.get_one(Person, rows[0].id).created_at


@pytest.mark.parametrize("number", [1, 3, 40])
def test_lists_of_any_length_find_each_row_once(number):
    people = [make_person(f"p{n}").id for n in range(number)]
    make_person("eve")
    assert sorted(_named().scalars(ids=people)) == sorted(people)


def test_each_question_is_counted(count_queries):
    ana = make_person("ana")
    with count_queries() as seen:
        _named().first(ids=[ana.id])
    assert len(seen) == 1


def test_a_question_that_fails_fails_as_any_other():
    with pytest.raises(DBAPIError), db.session.begin_nested():
        Question(text("SELECT nothing FROM nowhere").columns()).all()
    assert _named().all(ids=[1]) == []
