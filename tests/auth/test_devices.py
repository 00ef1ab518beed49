"""One hears of it when somebody signs in as oneself with a browser not seen before; nothing else is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.admin import jobs
from app.auth.models import KnownDevice
from app.kernel import clock
from app.kernel.db import db
from app.notifications.models import Notification
from tests.make import PASSWORD, make_person


@pytest.fixture
def ana():
    return make_person("ana", password=True)


def enter(client, login="ana", password=PASSWORD):
    return client.post("/sign-in", data={"login": login, "password": password})


def told(who):
    rows = db.session.scalars(select(Notification).where(Notification.person_id == who.id))
    return [one for one in rows if one.kind == "device"]


def test_the_first_browser_is_no_news_nor_is_it_the_next_time(anonymous, ana):
    enter(anonymous)
    anonymous.post("/sign-out")
    enter(anonymous)
    assert told(ana) == []
    assert len(db.session.scalars(select(KnownDevice)).all()) == 1


def test_another_browser_is_news_once_and_leads_to_the_devices(app, anonymous, ana):
    enter(anonymous)
    other = app.test_client()
    enter(other)
    other.post("/sign-out")
    enter(other)
    assert len(told(ana)) == 1
    page = anonymous.get("/notifications").get_data(as_text=True)
    assert "/me/sessions" in page


def test_nobody_else_hears_of_it_and_a_wrong_password_is_no_sign_in(app, anonymous, ana):
    bo = make_person("bo", password=True)
    enter(anonymous)
    enter(app.test_client(), password="wrong")
    assert told(ana) == []
    enter(anonymous, "bo")
    enter(app.test_client())
    assert len(told(ana)) == 1
    assert told(bo) == []


def test_a_browser_of_two_people_is_known_to_each_alone(app, anonymous, ana):
    """Who shares a desk isn't told of, and can't be found by what is kept."""
    make_person("bo", password=True)
    enter(anonymous)
    enter(anonymous, "bo")
    kept = db.session.scalars(select(KnownDevice.device_hash)).all()
    assert len(set(kept)) == 2
    brought = anonymous.get_cookie("parvis-browser", domain="127.0.0.1").value.partition(".")[0]
    assert brought not in kept


def test_what_somebody_made_up_is_no_known_browser(app, anonymous, ana):
    enter(anonymous)
    right = anonymous.get_cookie("parvis-browser", domain="127.0.0.1").value
    forged = app.test_client()
    forged.set_cookie("parvis-browser", right.partition(".")[0] + ".forged", domain="127.0.0.1")
    enter(forged)
    assert len(told(ana)) == 1
    assert forged.get_cookie("parvis-browser", domain="127.0.0.1").value != right


def test_a_known_browser_opens_nothing_by_itself(app, anonymous, ana):
    enter(anonymous)
    brought = anonymous.get_cookie("parvis-browser", domain="127.0.0.1").value
    other = app.test_client()
    other.set_cookie("parvis-browser", brought, domain="127.0.0.1")
    assert other.get("/me").status_code == 303


def test_neither_address_nor_machine_is_kept_and_it_is_forgotten_in_time(anonymous, ana):
    enter(anonymous)
    assert {column.name for column in KnownDevice.__table__.columns} == {
        "person_id",
        "device_hash",
        "seen_at",
    }
    with clock.at(clock.now() + timedelta(days=179)):
        jobs.forget_the_old()
        assert db.session.scalar(select(KnownDevice)) is not None
    with clock.at(clock.now() + timedelta(days=181)):
        jobs.forget_the_old()
        assert db.session.scalar(select(KnownDevice)) is None


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(anonymous, ana):
    cookies = enter(anonymous).headers.getlist("Set-Cookie")
    (one,) = [cookie for cookie in cookies if cookie.startswith("parvis-browser=")]
    assert "HttpOnly" in one
    assert "SameSite=Lax" in one
