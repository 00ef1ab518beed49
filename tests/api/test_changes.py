import pytest

from app.kernel import changes, clock
from app.kernel.action import action
from app.posts import actions as posts
from app.spaces import actions as spaces
from tests.make import make_comment, make_post, person_of


def _names(api, who, since):
    status, page = api(who)("GET", f"/changes?since={since}")
    assert status == 200
    own = {"counters", "notification.created"}
    return [item["name"] for item in page["items"] if item["name"] not in own]


def test_readers_catch_up_and_others_hear_nothing(api, world):
    begin = {
        who.login: api(who)("GET", "/changes")[1]["next"]
        for who in (world.ana, world.bo, world.cli, world.sup)
    }
    post = make_post(world.ana, world.client, "For Acme")
    make_comment(world.cli, post, "Thank you")
    posts.react(world.cli, post, "bravo", on=True)
    heard = ["post.created", "comment.created", "reactions.changed"]
    assert _names(api, world.ana, begin["ana"]) == _names(api, world.cli, begin["cli"]) == heard
    assert _names(api, world.bo, begin["bo"]) == _names(api, world.sup, begin["sup"]) == []


def test_a_catch_up_goes_on_from_its_cursor(api, world):
    begin = api(world.bo)("GET", "/changes")[1]["next"]
    post = make_post(world.ana, world.open)
    page = api(world.bo)("GET", f"/changes?since={begin}")[1]
    assert page["items"][0]["post_id"] == post.id
    assert page["next"] == page["items"][-1]["cursor"]
    assert "Hello" in page["items"][0]["html"]
    make_comment(world.ana, post)
    assert _names(api, world.bo, page["next"]) == ["comment.created"]


def test_what_was_taken_back_or_closed_meanwhile_is_not_told(api, world):
    begin = api(world.bo)("GET", "/changes")[1]["next"]
    gone, stays = make_post(world.ana, world.open, "Gone"), make_post(world.ana, world.closed, "Stays")
    posts.take_back(world.ana, gone)
    assert _names(api, world.bo, begin) == ["post.created", "post.removed"]
    told = api(world.bo).raw("GET", f"/changes?since={begin}").text
    assert "Gone" not in told
    assert str(stays.id) in told
    spaces.remove_member(world.ana, world.closed, person_of(world.bo))
    assert str(stays.id) not in api(world.bo).raw("GET", f"/changes?since={begin}").text


def test_only_its_author_hears_of_what_is_held(api, world, mixing):
    begin = {who.login: api(who)("GET", "/changes")[1]["next"] for who in (world.ana, world.bo)}
    make_post(world.ana, world.open, mixing)
    assert _names(api, world.ana, begin["ana"]) == ["entry.state"]
    assert _names(api, world.bo, begin["bo"]) == []


def test_a_reader_who_was_away_too_long_reloads(api, world):
    begin = api(world.bo)("GET", "/changes")[1]["next"]
    make_post(world.ana, world.open)

    @action
    def forget():
        changes.prune(clock.now())

    forget()
    make_post(world.ana, world.open)
    page = api(world.bo)("GET", f"/changes?since={begin}")[1]
    assert page["items"] == [{"name": "reload"}]
    assert api(world.bo)("GET", f"/changes?since={page['next']}")[1]["items"] == []


@pytest.mark.parametrize("cursor", ["x", "%00", "é", "A" * 22, "a" * 101, "0"])
def test_a_cursor_that_is_none_is_refused(api, world, cursor):
    status, told = api(world.ana)("GET", f"/changes?since={cursor}")
    assert (status, list(told["fields"])) == (422, ["since"])
