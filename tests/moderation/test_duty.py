"""Who is on duty, and who is told when something that waits spreads fast."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.moderation import actions as moderation
from app.moderation import spreading
from app.moderation.duty import actions, queries
from app.moderation.duty.models import DutySlot
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.people import actions as people
from app.posts import actions as posts
from app.posts.models import Views
from app.spaces import actions as spaces
from tests.make import accept, make_person, make_post, person_of
from tests.moderation.world import held, item_of, make_world

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten in Paris
SUMMER = datetime(2026, 7, 6, 8, 30, tzinfo=UTC)  # a Monday, half past ten in Paris


def a_world():
    world = make_world()
    world.senior = make_person("sen", roles=["senior_moderator"])
    accept(world.senior)
    return world


def slot(world, who=None, begin=600, end=720, day=0):
    return actions.add_slot(
        world.senior, person_id=(who or world.moderator).id, day=day, begin=begin, end=end
    )


def told(kind="spreading"):
    rows = select(Notification.person_id).where(Notification.kind == kind)
    return sorted(db.session.scalars(rows))


def test_a_slot_is_by_the_clock_of_the_company_summer_and_winter():
    world = a_world()
    slot(world)
    for instant in (MONDAY, SUMMER):
        assert queries.on_duty(instant) == [world.moderator.id]
    assert queries.on_duty(MONDAY - timedelta(minutes=1)) == []
    assert queries.on_duty(MONDAY + timedelta(hours=2)) == [], "half open"
    assert queries.on_duty(MONDAY + timedelta(days=1)) == []


def test_somebody_stands_in_on_one_day_only():
    world = a_world()
    one = slot(world)
    with clock.at(MONDAY - timedelta(days=1)):
        actions.stand_in(world.moderator, one, on=date(2026, 11, 23), person_id=world.other_moderator.id)
        turn = queries.roster(world.moderator)[0]
        assert (turn.name, turn.stand_in, turn.on) == ("Mo", "Max", date(2026, 11, 23))
        with pytest.raises(Forbidden):
            actions.stand_in(world.other_moderator, one, on=date(2026, 11, 30), person_id=world.moderator.id)
        for on, who in ((date(2026, 11, 24), world.moderator), (date(2026, 11, 16), world.moderator),
                        (date(2026, 11, 30), world.author)):  # fmt: skip
            with pytest.raises(Invalid):
                actions.stand_in(world.senior, one, on=on, person_id=who.id)
    assert queries.on_duty(MONDAY) == [world.other_moderator.id]
    assert queries.on_duty(MONDAY + timedelta(days=7)) == [world.moderator.id]


def test_who_moderates_no_longer_is_not_on_duty():
    world = a_world()
    slot(world)
    people.set_roles(None, person_of(world.moderator), [])
    assert queries.on_duty(MONDAY) == []


def test_only_senior_moderators_make_the_roster_and_others_do_not_see_it(sign_in):
    world = a_world()
    one = slot(world)
    assert slot(world).id == one.id, "twice is once"
    form = {"person_id": world.moderator.id, "day": "2", "begin": "09:00", "end": "00:00"}
    window = sign_in(world.moderator)
    assert window.get("/moderation/duty").status_code == 200
    assert window.post("/moderation/duty", data=form).status_code == 403
    assert window.post(f"/moderation/duty/{one.id}/removal").status_code == 403
    with pytest.raises(NotFound):
        queries.roster(world.author)
    window = sign_in(world.author)
    for method, path in (("get", ""), ("post", ""), ("post", f"/{one.id}/removal"),
                         ("post", f"/{one.id}/replacement")):  # fmt: skip
        assert getattr(window, method)(f"/moderation/duty{path}").status_code == 404, path
    window = sign_in(world.senior)
    assert window.post("/moderation/duty", data=form).status_code == 303
    assert {(s.day, s.begin, s.end) for s in db.session.scalars(select(DutySlot))} == {
        (0, 600, 720), (2, 540, 1440),
    }  # fmt: skip
    for wrong in ({"end": "08:00"}, {"begin": "nine"}, {"person_id": world.author.id}, {"day": "7"}):
        assert window.post("/moderation/duty", data={**form, **wrong}).status_code == 422, wrong
    assert window.post(f"/moderation/duty/{one.id}/removal").status_code == 303


def seen(entry, number, *, ago=timedelta(minutes=5)):
    db.session.add(Views(entry_id=entry.id, slice=clock.micros(clock.now() - ago), number=number))
    db.session.flush()


def test_what_is_read_more_and_more_goes_to_who_is_on_duty_once_and_stays_in_sight():
    world = a_world()
    entry = make_post(world.author, world.space, "Un avis")
    moderation.report(world.colleague, entry, clause="5.1")
    item = item_of(entry)
    before = (item.priority, item.version)
    seen(entry, 40)
    with clock.at(MONDAY.replace(year=2027, month=11, day=22)):  # another Monday: what was read is long ago
        assert spreading.look() == 0
    now = clock.now()
    local = now.astimezone(queries.present().zone)
    slot(world, day=local.weekday(), begin=0, end=1440)
    assert spreading.look(now=now) == 1
    assert told() == [world.moderator.id]
    fresh = item_of(entry)
    assert fresh.terms["spreading"] == 20
    assert fresh.priority > before[0]
    assert fresh.version == before[1], "who reads the case goes on"
    assert entry.state == "published"
    assert spreading.look(now=now) == 0
    assert told() == [world.moderator.id]


def test_what_is_read_as_much_as_before_does_not_spread_and_neither_does_what_nobody_noticed():
    world = a_world()
    steady = make_post(world.author, world.space, "Un avis")
    moderation.report(world.colleague, steady, clause="5.1")
    seen(steady, 40)
    seen(steady, 30, ago=timedelta(minutes=90))
    liked = make_post(world.author, world.space, "Bravo")
    seen(liked, 500)
    assert spreading.look() == 0
    assert told() == []


def test_signs_count_like_readers():
    world = a_world()
    entry = make_post(world.author, world.space, "Un avis")
    moderation.report(world.colleague, entry, clause="5.1")
    crowd = [make_person() for _number in range(10)]
    accept(*crowd)
    for who in crowd[:9]:
        posts.react(who, entry, "like", on=True)
    assert spreading.look() == 0
    posts.react(crowd[9], entry, "like", on=True)
    assert spreading.look() == 1
    assert told() == [world.senior.id], "nobody is on duty: the senior moderators"


def test_several_reports_page_at_once_and_never_who_reported_or_wrote():
    world = a_world()
    entry = make_post(world.author, world.space, "Un avis")
    others = [make_person(), make_person()]
    accept(*others)
    local = clock.now().astimezone(queries.present().zone)
    for who in (world.moderator, world.other_moderator):
        slot(world, who, day=local.weekday(), begin=0, end=1440)
    for who in (world.moderator, others[0]):
        moderation.report(who, entry, clause="5.1")
    assert told() == []
    moderation.report(others[1], entry, clause="5.1")
    assert told() == [world.other_moderator.id]


def test_of_a_secret_space_only_who_moderates_there_is_paged():
    world = a_world()
    secret = make_world_space(world)
    entry = make_post(world.author, secret, "Un avis")
    three = [world.colleague, make_person(), make_person()]
    accept(*three)
    for who in three[1:]:
        spaces.add_member(None, secret, person_of(who))
    local = clock.now().astimezone(queries.present().zone)
    slot(world, day=local.weekday(), begin=0, end=1440)
    for who in three:
        moderation.report(who, entry, clause="5.1")
    assert world.moderator.id not in told()


def make_world_space(world):
    from tests.make import make_space

    return make_space(world.author, world.colleague, visibility="secret")


def test_a_held_text_that_waits_is_not_told_twice_by_its_item():
    world = a_world()
    _entry, item = held(world)
    assert spreading.look(only=item.id) == 0
    assert db.session.scalars(select(ReviewItem)).one().terms.get("spreading") is None
