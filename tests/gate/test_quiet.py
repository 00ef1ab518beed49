"""Rest: nothing rings, what came is told when it ends, and what can't wait says why."""

from datetime import UTC, datetime, timedelta

import pytest

from app.gate.actions import keep_quiet, replace
from app.gate.quiet import is_quiet
from app.kernel import clock
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.notifications.actions import declare_urgent, deliver_what_waited
from tests.make import make_comment, make_person, make_post, make_space

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # Monday, noon in Paris
WORK = [
    {
        "name": "work",
        "windows": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "18:00"}],
    }
]
RULES = [{"network": "127.0.0.0/8"}]


def hours_of_work(**more):
    root = make_person("root", roles=["admin"])
    access = {"mode": "soft", "hours": "work", **more}
    replace(root, {"rules": RULES, "hours": WORK, "access": access}, address="127.0.0.1")
    return root


def rings(listener):
    return [told for name, told in listener.heard() if name == "notification.created"]


def test_quiet_hours_go_by_ones_own_clock():
    ana, lou = make_person("ana"), make_person("lou", time_zone="America/Montreal")
    for who in (ana, lou):
        keep_quiet(who, begin=20 * 60, end=7 * 60, weekends=True)
    late = NOON + timedelta(hours=9)  # 21:00 in Paris, 15:00 in Montreal
    assert (is_quiet(ana, late), is_quiet(lou, late)) == (True, False)
    assert (is_quiet(ana, NOON), is_quiet(ana, NOON + timedelta(days=5))) == (False, True)
    keep_quiet(ana, begin=0, end=0, weekends=False)
    assert not is_quiet(ana, late)


def test_outside_of_the_hours_of_work_it_is_quiet_but_for_those_on_duty():
    root = hours_of_work(roles=["moderator"], persons=[])
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    night = NOON + timedelta(hours=9)
    assert [is_quiet(who, night) for who in (ana, mo, root)] == [True, False, True]
    assert not is_quiet(ana, NOON)


def test_nothing_rings_during_rest_and_it_is_told_afterwards_once(listen):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo)
    keep_quiet(ana, begin=20 * 60, end=7 * 60, weekends=False)
    with clock.at(NOON):
        post = make_post(ana, space)
        hears, others = listen(ana), listen(bo)
        make_comment(bo, post, "By day")
        assert len(rings(hears)) == 1
    with clock.at(NOON + timedelta(hours=10)):
        deliver_what_waited()
        make_comment(bo, post, "By night")
        make_comment(bo, post, "And again")
        assert rings(hears) == []
        deliver_what_waited()
        assert rings(hears) == []
    with clock.at(NOON + timedelta(hours=18, minutes=59)):  # 6:59 in Paris
        assert deliver_what_waited() == 0
    with clock.at(NOON + timedelta(hours=19, minutes=1)):
        assert deliver_what_waited() == 1
        assert deliver_what_waited() == 0
        assert len(rings(hears)) == 1
        assert rings(others) == []


def test_the_beginning_of_work_tells_everybody_what_waited(listen):
    hours_of_work()
    ana, bo, cy = make_person("ana"), make_person("bo"), make_person("cy")
    space = make_space(ana, bo, cy)
    with clock.at(NOON):
        posts = [make_post(who, space) for who in (ana, cy)]
    with clock.at(NOON + timedelta(hours=9)):
        hears, calm = listen(ana), listen(cy)
        deliver_what_waited()
        make_comment(bo, posts[0], "By night")
        assert rings(hears) == []
    with clock.at(NOON + timedelta(hours=20, minutes=1)):
        assert deliver_what_waited() == 1
        assert (len(rings(hears)), rings(calm)) == (1, [])


def test_what_was_read_meanwhile_is_not_told_again():
    from app.notifications.actions import mark_read
    from app.notifications.queries import get_notification, notifications

    hours_of_work()
    ana, bo = make_person("ana"), make_person("bo")
    post = make_post(ana, make_space(ana, bo))
    with clock.at(NOON + timedelta(hours=9)):
        deliver_what_waited()
        make_comment(bo, post, "By night")
        mark_read(ana, up_to=get_notification(ana, notifications(ana).items[0].id))
    with clock.at(NOON + timedelta(hours=20, minutes=1)):
        assert deliver_what_waited() == 0


def test_what_cannot_wait_rings_at_once_with_a_reason_that_is_kept(listen, sign_in, api):
    root = hours_of_work()
    ana = make_person("ana")
    space = make_space(root, ana)
    with clock.at(NOON + timedelta(hours=9)):
        hears = listen(ana)
        post = make_post(root, space, "The site is closed tomorrow", type="announcement")
        assert rings(hears) == []
        with pytest.raises(Forbidden):
            declare_urgent(ana, post, motive="Because I say so")
        assert sign_in(ana).get(f"/posts/{post.id}/urgency").status_code == 403
        browser = sign_in(root)
        assert "/urgency" in browser.get(f"/posts/{post.id}/menu").text
        assert browser.post(f"/posts/{post.id}/urgency", data={"motive": "Now"}).status_code == 422
        sent = browser.post(f"/posts/{post.id}/urgency", data={"motive": "Gas leak on the premises"})
        assert sent.status_code == 303
        assert api(root)("PUT", f"/posts/{post.id}/urgency", {"motive": "A second reason"})[0] == 204
        assert len(rings(hears)) == 1
    kept = [entry.record for entry in db.session.query(AuditEntry).filter_by(act="entry.urgent")]
    assert len(kept) == 1
    assert "Gas leak" in kept[0]


def test_ones_own_quiet_hours_are_set_on_a_page(sign_in):
    ana = make_person("ana")
    browser = sign_in(ana)
    for wrong in ({"begin": "20:00"}, {"begin": "20:00", "end": "25:00"}, {"begin": "a", "end": "b"}):
        assert browser.post("/me/quiet", data=wrong).status_code == 422
    saved = browser.post("/me/quiet", data={"begin": "20:00", "end": "07:00", "weekends": "1"})
    assert saved.status_code == 303
    page = browser.get("/me/quiet").text
    assert 'value="20:00"' in page
    assert is_quiet(ana, NOON + timedelta(hours=9))
    assert browser.post("/me/quiet", data={"begin": "", "end": ""}).status_code == 303
    assert not is_quiet(ana, NOON + timedelta(hours=9))
