"""The hours in which moderators work: set by admins, followed by deadlines."""

from datetime import UTC, datetime

import pytest

from app.admin import actions
from app.gate.actions import replace
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid
from app.moderation import worktime
from tests.make import make_person
from tests.moderation.world import held, make_world

GIVEN = {"days": [0, 1, 2, 3], "start": "08:00", "end": "12:00", "zone": "", "closed": []}


def at(*when):
    return datetime(*when, tzinfo=UTC)


def due(begin, hours):
    return worktime.add(begin, hours, worktime.company())


def save(admin=None, **more):
    actions.save_working_hours(admin or make_person(roles=["admin"]), **{**GIVEN, **more})


def test_a_new_case_is_due_within_the_hours_that_were_set():
    save()
    world = make_world()
    with clock.at(at(2026, 11, 19, 10, 30)):  # Thursday, half past eleven in Paris
        _entry, item = held(world)
    assert item.band == 8
    # half an hour on Thursday, then nobody works until Monday, four hours, and as many on Tuesday less half
    assert item.deadline == at(2026, 11, 24, 10, 30)


def test_a_day_off_is_skipped_whether_the_gate_knows_it_or_not():
    save(days=[0, 1, 2, 3, 4], start="09:00", end="17:00", closed=["2026-11-24", "11-26"])
    replace(
        make_person("root", roles=["admin"]),
        {"rules": [{"network": "127.0.0.0/8"}], "holidays": ["11-25"]},
        address="127.0.0.1",
    )
    assert due(at(2026, 11, 23, 15), 2) == at(2026, 11, 27, 9), "an hour on Monday, the other on Friday"


def test_on_the_day_on_which_the_clock_is_moved_hours_are_what_the_wall_shows():
    save(days=[5, 6], start="00:00", end="24:00")
    # 2026-03-29: from two it is three at once; the day has 23 hours
    assert due(at(2026, 3, 28, 23), 23) == at(2026, 3, 29, 22)
    # 2026-10-25: it is three twice; the day has 25 hours
    assert due(at(2026, 10, 24, 22), 25) == at(2026, 10, 25, 23)


def test_the_same_hours_are_others_in_utc_in_summer_and_winter():
    save(days=[0, 1, 2, 3, 4], start="09:00", end="18:00")
    assert due(at(2026, 7, 6, 5), 1) == at(2026, 7, 6, 8)
    assert due(at(2026, 1, 5, 5), 1) == at(2026, 1, 5, 9)
    save(days=[0, 1, 2, 3, 4], start="09:00", end="18:00", zone="America/Montreal")
    assert due(at(2026, 1, 5, 5), 1) == at(2026, 1, 5, 15)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": []}, "days"),
        ({"days": [7]}, "days"),
        ({"start": "9h"}, "start"),
        ({"end": "08:00"}, "end"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"closed": ["demain"]}, "closed"),
        ({"closed": ["13-45"]}, "closed"),
    ],
)
def test_hours_that_cannot_be_are_told_beside_their_field(wrong, field):
    with pytest.raises(Invalid) as refusal:
        save(**wrong)
    assert list(refusal.value.fields) == [field]
    assert worktime.stated() == worktime.DEFAULT


def test_only_admins_set_them(sign_in):
    form = {"start": "08:00", "end": "16:00", "day_0": "1", "closed": "2026-12-24\n12-25"}
    for role in ("senior_moderator", "charter_owner", "auditor"):
        with pytest.raises(Forbidden):
            save(make_person(roles=[role]))
        window = sign_in(make_person(roles=[role]))
        assert window.get("/admin/hours").status_code == 403
        assert window.post("/admin/hours", data=form).status_code == 403
    window = sign_in(make_person(roles=["admin"]))
    assert window.get("/admin/hours").status_code == 200
    assert window.post("/admin/hours", data=form).status_code == 303
    assert worktime.stated()["closed"] == ["2026-12-24", "12-25"]
    assert window.post("/admin/hours", data={**form, "end": "07:00"}).status_code == 422
