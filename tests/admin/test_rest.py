"""What is written outside of working hours: by group, never by person."""

from datetime import UTC, datetime, timedelta

import pytest

from app.admin.rest import yearly
from app.gate.actions import replace
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.people.actions import add_team
from tests.make import make_person, make_post, make_space

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
WORK = [{"name": "work", "windows": [{"days": ["mon"], "from": "08:00", "to": "18:00"}]}]


def write(count, team, space_of, *, at):
    people = [make_person(team_id=team.id) for _n in range(count)]
    with clock.at(at):
        for who in people:
            make_post(who, space_of)


@pytest.fixture
def root():
    who = make_person("root", roles=["admin"])
    access = {"mode": "soft", "hours": "work"}
    rules = [{"network": "127.0.0.0/8"}]
    replace(who, {"rules": rules, "hours": WORK, "access": access}, address="127.0.0.1")
    return who


def test_groups_of_fewer_than_five_are_not_shown_alone(root, sign_in):
    space = make_space(root)
    sales, lab, desk = (add_team(None, name=name) for name in ("Sales", "Lab", "Desk"))
    write(5, sales, space, at=NOON)
    write(1, sales, space, at=NOON + timedelta(hours=9))
    write(4, lab, space, at=NOON + timedelta(hours=9))
    told = {group.name: (group.written, group.outside) for group in yearly(root, 2026)}
    assert told == {"Sales": (6, 1)}
    write(1, desk, space, at=NOON)
    told = {group.name: (group.written, group.outside) for group in yearly(root, 2026)}
    assert told == {"Sales": (6, 1), "…": (5, 4)}
    page = sign_in(root).get("/admin/rest?year=2026").text
    assert "Sales" in page
    assert "Lab" not in page
    assert yearly(root, 2025) == []


def test_it_is_read_by_admins_and_staff_representatives(root, sign_in):
    assert sign_in(make_person(roles=["staff_representative"])).get("/admin/rest").status_code == 200
    assert sign_in(make_person(roles=["moderator"])).get("/admin/rest").status_code == 403
    with pytest.raises(Forbidden):
        yearly(make_person(), 2026)
