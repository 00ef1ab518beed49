"""Some reasons take their own way: danger goes to seniors at once, a picture can go while the text stays."""

import io

import pytest
from sqlalchemy import select

from app.files import actions as files
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.moderation import actions, queries
from app.moderation.models import Report
from app.notifications.models import Notification
from app.posts import queries as entries
from app.posts import views
from tests.files.samples import picture
from tests.make import make_person, make_post
from tests.moderation.world import REASON, item_of, make_world, state

RULING = {"clause": "4.2", "reason": REASON}


def with_picture(world):
    file = files.upload(world.author, io.BytesIO(picture()), "team.jpg")
    return make_post(world.author, world.space, "Our team", attachments=[file.id], alts=["the team"]), file


def test_danger_calls_the_seniors_at_once_and_nobody_else():
    world = make_world()
    senior = make_person("sen", roles=["senior_moderator"])
    entry = make_post(world.author, world.space)
    actions.report(world.colleague, entry, clause="danger", comment="He wrote that he gives up.")
    item = item_of(entry)
    assert (item.state, item.severity) == ("escalated", 5)
    told = db.session.scalars(select(Notification.person_id).where(Notification.kind == "escalated")).all()
    assert told == [senior.id]


def test_without_seniors_danger_calls_those_who_review():
    world = make_world()
    entry = make_post(world.author, world.space)
    actions.report(world.colleague, entry, clause="danger")
    told = select(Notification.person_id).where(Notification.kind == "escalated")
    assert item_of(entry).state == "pending"
    assert set(db.session.scalars(told)) == {world.moderator.id, world.other_moderator.id}


def test_a_picture_goes_and_the_text_stays_until_it_is_taken_back(sign_in):
    world = make_world()
    entry, file = with_picture(world)
    actions.report(world.colleague, entry, clause="in_picture", part=f"file:{file.id}")
    item = item_of(entry)
    assert "hide_image" in queries.outcomes(item)
    actions.decide(world.moderator, item, outcome="hide_image", version=item.version, **RULING)
    assert state(entry) == "published"
    assert _pictures(entry) == []
    address = f"/files/{file.id}"
    assert [_fetched(sign_in(who), address) for who in (world.colleague, world.author, world.moderator)] == [
        404,
        200,
        200,
    ]
    actions.undo(world.moderator, item_of(entry))
    assert _pictures(entry) == [file.id]
    assert _fetched(sign_in(world.colleague), address) == 200


def _fetched(browser, address):
    with browser.get(address) as answer:
        return answer.status_code


def _pictures(entry):
    return [tag.id for tag in entries.attachments([entry.revision_id]).get(entry.revision_id, [])]


def test_a_report_names_a_file_of_the_message_or_none(api):
    world = make_world()
    entry, file = with_picture(world)
    plain = make_post(world.author, world.space, "No picture here")
    with pytest.raises(Invalid):
        actions.report(world.colleague, plain, clause="in_picture")
    with pytest.raises(Invalid):
        actions.report(world.colleague, plain, clause="5.1", part=f"file:{file.id}")
    sent = api(world.colleague)(
        "POST", f"/posts/{entry.id}/reports", {"clause": "in_picture", "file": file.id}
    )
    assert sent[0] == 202
    assert db.session.scalar(select(Report.part)) == f"file:{file.id}"


def test_the_form_asks_what_it_is_about_when_there_are_files(sign_in):
    world = make_world()
    entry, file = with_picture(world)
    page = sign_in(world.colleague).get(f"/posts/{entry.id}/report?file={file.id}").text
    assert f'value="file:{file.id}" selected' in page


def test_what_many_read_is_more_pressing_and_nobody_is_counted_by_name(sign_in):
    world = make_world()
    entry = make_post(world.author, world.space)
    actions.report(world.colleague, entry, clause="5.1")
    before = item_of(entry).priority
    views.write_down()
    reader = sign_in(world.colleague)
    for _turn in range(9):
        reader.get(f"/posts/{entry.id}")
    from app.moderation import jobs

    jobs.weigh_views()
    assert item_of(entry).terms["views"] == 10
    assert item_of(entry).priority == before + 10


def test_programs_appeal_and_take_back(api):
    world = make_world()
    entry = make_post(world.author, world.space)
    actions.report(world.colleague, entry, clause="5.1")
    item, moderator, author = item_of(entry), api(world.moderator), api(world.author)
    ruling = {"outcome": "remove", **RULING, "version": item.version}
    status, made = moderator("POST", f"/moderation/items/{item.id}/decisions", ruling)
    assert status == 201
    assert moderator("DELETE", f"/moderation/items/{item.id}/decision")[1]["state"] == "pending"
    ruling["version"] = item_of(entry).version
    status, made = moderator("POST", f"/moderation/items/{item.id}/decisions", ruling)
    status, appeal = author("POST", f"/decisions/{made['id']}/appeals", {"text": "Look again."})
    assert (status, appeal["state"], appeal["messages"][0]["mine"]) == (201, "open", True)
    assert api(world.colleague)("GET", f"/appeals/{appeal['id']}")[0] == 404
    assert moderator("POST", f"/decisions/{made['id']}/appeals", {"text": "Me too."})[0] == 404
    answer = {"outcome": "overturned", "reason": "Read again.", "version": 1}
    waiting = queries.items(world.other_moderator, kind="appeal").items[0]
    assert moderator("POST", f"/moderation/items/{waiting.id}/decisions", answer)[0] == 403
    other = api(world.other_moderator)
    assert other("POST", f"/moderation/items/{waiting.id}/decisions", answer)[0] == 200
    assert author("GET", f"/appeals/{appeal['id']}")[1]["state"] == "overturned"
    assert state(entry) == "published"
    with pytest.raises(NotFound):
        queries.get_item(world.colleague, waiting.id)
