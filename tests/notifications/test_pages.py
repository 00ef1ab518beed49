from datetime import timedelta

from app.kernel import clock
from app.notifications import queries
from app.spaces import actions as spaces
from tests.make import make_comment, make_person, make_post, make_space, person_of


def test_the_list_says_who_did_what_and_where_it_leads(sign_in):
    ana, bo = make_person("ana", locale="en"), make_person("bo")
    post = make_post(ana, make_space(ana, bo))
    comment = make_comment(bo, post, "well said")
    page = sign_in(ana).get("/notifications").get_data(as_text=True)
    assert "Bo commented on your post" in page
    assert "well said" in page
    assert f"/posts/{post.id}#comment-{comment.id}" in page
    assert "well said" not in sign_in(bo).get("/notifications").get_data(as_text=True)


def test_reading_one_line_and_then_all(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo)
    first, second, third = (make_post(ana, space) for _n in range(3))
    for post in (first, first, second, third):
        make_comment(bo, post)
    browser = sign_in(ana)
    lines = queries.notifications(ana).items
    assert len(lines) == queries.unread(ana) == 3
    browser.post("/notifications/read", data={"id": lines[-1].id})
    assert queries.unread(ana) == 2
    browser.post("/notifications/read", data={"up_to": lines[0].id})
    assert queries.unread(ana) == 0


def test_somebody_elses_notification_is_missing(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    make_comment(bo, make_post(ana, make_space(ana, bo)))
    line = queries.notifications(ana).items[0]
    assert sign_in(bo).post("/notifications/read", data={"id": line.id}).status_code == 404
    assert sign_in(bo).post("/notifications/read", data={"id": line.id + 1}).status_code == 404
    assert queries.unread(ana) == 1


def test_the_list_goes_on_where_it_ended():
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo)
    now = clock.now()
    for n in range(5):
        with clock.at(now + timedelta(seconds=n)):
            make_comment(bo, make_post(ana, space))
    page = queries.notifications(ana, limit=3)
    rest = queries.notifications(ana, after=page.next, limit=3)
    assert (len(page.items), len(rest.items), rest.next) == (3, 2, None)
    assert not {line.id for line in page.items} & {line.id for line in rest.items}


def test_as_many_queries_for_one_as_for_many(count_queries, sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo)
    make_comment(bo, make_post(ana, space))
    browser = sign_in(ana)
    browser.get("/notifications")
    with count_queries() as one:
        browser.get("/notifications")
    for _n in range(8):
        make_comment(bo, make_post(ana, space))
    with count_queries() as many:
        browser.get("/notifications")
    assert len(one) == len(many)


def test_told_at_once_and_to_nobody_else(listen):
    ana, bo, eve = make_person("ana", locale="en"), make_person("bo"), make_person("eve")
    space = make_space(ana, bo, eve)
    post = make_post(ana, space)
    ana_hears, eve_hears = listen(ana), listen(eve)
    make_comment(bo, post)
    heard = dict(ana_hears.heard())
    assert heard["notification.created"]["text"] == "Bo commented on your post"
    assert heard["counters"]["unread"] == 1
    assert not {"notification.created", "counters"} & set(eve_hears.names())


def test_what_went_out_of_sight_before_it_is_told_is_not(listen):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo, visibility="closed")
    bo_hears = listen(bo)
    make_post(ana, space, "hello @bo")
    spaces.remove_member(ana, space, person_of(bo))
    assert "notification.created" not in bo_hears.names()
