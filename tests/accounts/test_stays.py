"""How long partners stay: to the end of their last day, with somebody who answers for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.accounts import jobs, stays
from app.accounts.queries import end_of, last_day, today
from app.auth import actions as auth
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.notifications.models import Notification
from app.people import actions as people
from app.people.actor import of_person
from tests.make import PASSWORD, make_organisation, make_person, make_space, person_of

HERE = "127.0.0.1"


@pytest.fixture
def root():
    return make_person("root", roles=["admin"])


@pytest.fixture
def sponsor():
    return make_person("ana")


@pytest.fixture
def guest(sponsor):
    firm = make_organisation("Acme", "client")
    ends = end_of(today() + timedelta(days=3))
    return make_person(
        "cli", password=True, segment="client", organisation_id=firm.id, sponsor_id=sponsor.id, ends_at=ends
    )


def told(who):
    rows = db.session.scalars(select(Notification).where(Notification.person_id == who.id))
    return [one.data["step"] for one in rows if one.kind == "guest"]


def test_a_day_ends_at_midnight_of_the_company_whatever_its_length():
    paris = ZoneInfo("Europe/Paris")
    for day in (
        date(2026, 3, 28),
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2028, 2, 29),
        date(2026, 12, 31),
    ):
        end = end_of(day).astimezone(paris)
        assert (end.hour, end.minute, end.date()) == (0, 0, day + timedelta(days=1))
        assert last_day(end_of(day)) == day


def test_on_the_day_after_nothing_opens(sign_in, guest):
    """At the very instant, without waiting for any job: pages, tokens, signing in, jobs that act for them."""
    ends = person_of(guest).ends_at
    with clock.at(ends - timedelta(seconds=1)):
        browser = sign_in(guest)
        assert browser.get("/").status_code in {200, 303}
        assert browser.get("/me").status_code == 200
    with clock.at(ends):
        assert browser.get("/me").status_code == 303
        assert of_person(guest.id) is None
        with pytest.raises(Invalid):
            auth.check_password("cli", PASSWORD, address=HERE)


def test_an_open_socket_is_cut(listen, sponsor, guest):
    from app.kernel import sockets

    make_space(
        sponsor, guest, kind="client", organisation_id=person_of(guest).organisation_id, visibility="closed"
    )
    ear, other = listen(guest), listen(sponsor)
    with clock.at(person_of(guest).ends_at):
        sockets.reseat()
        assert not ear.socket.is_connected() or "session.ended" in ear.names()
    assert other.socket.is_connected()


def test_the_job_closes_the_account_once_and_nobody_elses(guest, sponsor):
    other = make_person(
        "cli2", segment="client", organisation_id=person_of(guest).organisation_id,
        ends_at=person_of(guest).ends_at + timedelta(days=1),
    )  # fmt: skip
    jobs.end_stays()
    assert person_of(guest).deactivated_at is None
    with clock.at(person_of(guest).ends_at):
        jobs.end_stays()
        at = person_of(guest).deactivated_at
        jobs.end_stays()
    assert at is not None
    assert person_of(guest).deactivated_at == at
    assert person_of(other).deactivated_at is None
    assert person_of(sponsor).deactivated_at is None


def test_the_sponsor_is_told_before_once_and_nobody_else(guest, sponsor, root):
    jobs.tell_of_ends()
    jobs.tell_of_ends()
    assert told(sponsor) == ["ends"]
    assert told(root) == told(guest) == []
    stays.extend(sponsor, person_of(guest), today() + timedelta(days=5))
    jobs.tell_of_ends()
    assert told(sponsor) == ["ends", "ends"]


def test_an_end_far_away_isnt_told(guest, sponsor):
    stays.extend(sponsor, person_of(guest), today() + timedelta(days=30))
    jobs.tell_of_ends()
    assert told(sponsor) == []


def test_the_sponsor_extends_and_an_admin_too(sign_in, guest, sponsor, root):
    later = today() + timedelta(days=20)
    assert (
        sign_in(sponsor).post(f"/guests/{guest.id}/stay", data={"ends_on": later.isoformat()}).status_code
        == 303
    )
    assert last_day(person_of(guest).ends_at) == later
    even_later = later + timedelta(days=1)
    path = f"/admin/people/{guest.id}/stay"
    assert sign_in(root).post(path, data={"ends_on": even_later.isoformat()}).status_code == 303
    assert last_day(person_of(guest).ends_at) == even_later


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01", "2999-01-01"])
def test_an_end_is_a_day_to_come_within_a_year(sign_in, guest, sponsor, day):
    before = person_of(guest).ends_at
    assert sign_in(sponsor).post(f"/guests/{guest.id}/stay", data={"ends_on": day}).status_code == 422
    assert person_of(guest).ends_at == before


def test_others_extend_nothing_and_learn_nothing(sign_in, guest, root):
    eve, later = make_person("eve"), {"ends_on": today().isoformat()}
    for who in (eve, guest):
        hidden = sign_in(who).post(f"/guests/{guest.id}/stay", data=later)
        missing = sign_in(who).post("/guests/404404/stay", data=later)
        assert (hidden.status_code, hidden.data) == (404, missing.data)
    assert sign_in(guest).get("/guests").status_code == 404
    with pytest.raises(Forbidden):
        stays.extend(eve, person_of(guest), today())
    with pytest.raises(NotFound):
        stays.get_guest(root, eve.id)


def test_partners_go_with_their_sponsor_and_admins_hear_of_it(sign_in, guest, sponsor, root):
    firm = person_of(guest).organisation_id
    other = make_person("cli2", segment="client", organisation_id=firm, sponsor_id=root.id)
    browser = sign_in(guest)
    people.deactivate(root, person_of(sponsor))
    assert browser.get("/me").status_code == 303
    assert person_of(guest).deactivated_at is not None
    assert person_of(other).deactivated_at is None
    assert told(root) == ["sponsor_left"]
    assert told(other) == []


def test_a_sponsor_whose_roles_change_stays_one(guest, sponsor, root):
    people.set_roles(root, person_of(sponsor), ["moderator"])
    assert person_of(guest).deactivated_at is None


def test_the_networks_of_a_partner_are_narrower_than_the_rules(app, sign_in, guest):
    from app.kernel.action import action

    browser = sign_in(guest)
    assert browser.get("/me").status_code == 200

    @action
    def narrow():
        person_of(guest).enters_from = ["10.9.0.0/16"]

    narrow()
    refused = browser.get("/me")
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (403, False)
    with pytest.raises(Invalid):
        auth.check_password("cli", PASSWORD, address=HERE)


def test_the_clock_of_the_company_says_what_day_it_is():
    with clock.at(datetime(2026, 6, 1, 22, 30, tzinfo=ZoneInfo("UTC"))):
        assert today() == date(2026, 6, 2)
