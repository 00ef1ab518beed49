import io

import pytest
from sqlalchemy import select

from app.files import actions, storage
from app.files.queries import get_file
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.moderation import actions as moderation
from app.people import actions as people
from app.posts import actions as posts
from app.posts import policy
from app.posts.inputs import Written
from app.posts.models import Entry, Revision
from tests.files import samples
from tests.make import (
    accept,
    make_mixing_rule,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)
from tests.moderation.world import item_of


def get(browser, path, **headers):
    """An answer read to its end."""
    answer = browser.get(path, headers={"Accept": "application/json", **headers})
    assert answer.data is not None
    answer.close()
    return answer


def send(browser, content, name, **more):
    return browser.post("/files", data={"file": (io.BytesIO(content), name)}, **more)


def test_the_composer_sends_a_file_and_is_told_what_it_needs(sign_in):
    answer = send(sign_in(make_person()), samples.picture(size=(80, 60)), "a.jpg")
    told = answer.get_json()
    assert answer.status_code == 201
    assert told["url"] == f"/files/{told['id']}"
    assert told["thumb_url"] == f"/files/{told['id']}/thumb"
    assert (told["name"], told["kind"], told["width"], told["height"], told["mime"]) == (
        "a.jpg",
        "image",
        80,
        60,
        "image/jpeg",
    )


def test_a_refusal_names_the_field(sign_in):
    answer = send(sign_in(make_person()), b"<svg/>", "a.svg", headers={"Accept": "application/json"})
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["file"])
    assert sign_in(make_person()).post("/files", headers={"Accept": "application/json"}).status_code == 422


def test_a_draft_is_its_owners_alone(sign_in, anonymous):
    ana, bo = sign_in(make_person()), sign_in(make_person())
    told = send(ana, samples.picture(), "a.jpg").get_json()
    for path in (told["url"], told["thumb_url"]):
        assert get(ana, path).status_code == 200
        hidden, missing = get(bo, path), get(bo, path.replace(told["id"], "A" * 22))
        assert (hidden.status_code, hidden.data) == (404, missing.data)
        assert "ETag" not in hidden.headers
        assert get(anonymous, path).status_code == 401
    assert bo.delete(told["url"], headers={"Accept": "application/json"}).status_code == 404
    assert ana.delete(told["url"]).status_code == 204
    assert get(ana, told["url"]).status_code == 404


def test_pictures_show_and_everything_else_is_saved(sign_in):
    ana = sign_in(make_person())
    shown = get(ana, send(ana, samples.picture(), "a.jpg").get_json()["url"])
    saved = get(ana, send(ana, samples.pdf(), "é.pdf").get_json()["url"])
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%C3%A9.pdf" in saved.headers["Content-Disposition"]
    for answer in (shown, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_browsers_ask_again_and_get_parts(sign_in):
    who = make_person()
    ana = sign_in(who)
    url = send(ana, samples.pdf(), "a.pdf").get_json()["url"]
    whole = get(ana, url)
    assert get(ana, url, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    part = get(ana, url, Range="bytes=0-3")
    assert (part.status_code, part.data) == (206, b"%PDF")
    bo = sign_in(make_person())
    assert get(bo, url, **{"If-None-Match": whole.headers["ETag"]}).status_code == 404


def test_a_file_follows_its_post(sign_in):
    ana, bo, eve = make_person(), make_person(), make_person()
    space = make_space(ana, bo, visibility="closed")
    file = actions.upload(ana, io.BytesIO(samples.picture()), "a.jpg")
    make_post(ana, space, attachments=[file.id])
    for path in (f"/files/{file.id}", f"/files/{file.id}/thumb"):
        assert [get(sign_in(who), path).status_code for who in (ana, bo, eve)] == [200, 200, 404]
    assert sign_in(ana).delete(f"/files/{file.id}", headers={"Accept": "application/json"}).status_code == 404


def test_what_waits_for_a_moderator_hides_its_files(sign_in):
    make_mixing_rule()
    make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    ana, bo, mod = make_person(), make_person(), make_person(roles=["moderator"])
    space = make_space(ana, bo)
    accept(ana)
    file = actions.upload(ana, io.BytesIO(samples.picture()), "a.jpg")
    entry = posts.publish(ana, space, Written(body="Acme et Boulonex", attachments=[file.id]))
    assert entry.state == "held"
    for path in (f"/files/{file.id}", f"/files/{file.id}/thumb"):
        assert [get(sign_in(who), path).status_code for who in (ana, mod, bo)] == [200, 200, 404]


def _case(visibility="closed"):
    """A space with a post that carries a file, and somebody who moderates the company but isn't in it."""
    make_mixing_rule()
    make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    ana, bo, mod = make_person(), make_person(), make_person(roles=["moderator"])
    accept(ana, bo, mod)
    space = make_space(ana, bo, visibility=visibility)
    files = [actions.upload(ana, io.BytesIO(samples.picture()), f"{n}.jpg") for n in "ab"]
    return ana, bo, mod, make_post(ana, space, attachments=[files[0].id]), files


def _codes(sign_in, file, *people):
    return [get(sign_in(who), f"/files/{file.id}").status_code for who in people]


def test_who_reviews_a_report_opens_its_files_as_long_as_it_waits(sign_in):
    ana, bo, mod, post, (file, _other) = _case()
    eve, lead = make_person(), make_person(roles=["admin"])
    assert _codes(sign_in, file, mod) == [404]
    moderation.report(bo, post, clause="4.2")
    item = item_of(post)
    assert _codes(sign_in, file, ana, bo, mod, eve, lead) == [200, 200, 200, 404, 404]
    moderation.decide(mod, item, outcome="no_violation", clause="4.2", reason="Fine", version=item.version)
    assert _codes(sign_in, file, ana, bo, mod) == [200, 200, 404]


def test_of_a_secret_space_only_seniors_open_the_files_of_a_report(sign_in):
    _ana, bo, mod, post, (file, _other) = _case("secret")
    senior = make_person(roles=["senior_moderator"])
    moderation.report(bo, post, clause="4.2")
    assert _codes(sign_in, file, mod, senior) == [404, 200]


def test_files_of_an_edit_that_waits_are_its_authors_and_reviewers(sign_in):
    ana, bo, mod, post, (before, added) = _case()
    posts.edit(ana, post, Written(body="Acme et Boulonex", attachments=(added.id,)))
    assert _codes(sign_in, before, ana, bo) == [200, 200]
    assert _codes(sign_in, added, ana, mod, bo) == [200, 200, 404]
    item = item_of(post)
    moderation.decide(mod, item, outcome="release", clause="4.2", reason="Agreed", version=item.version)
    assert _codes(sign_in, added, ana, bo, mod) == [200, 200, 404]
    assert _codes(sign_in, before, ana, bo) == [200, 200]  # readers see it in the history


def test_files_of_an_edit_that_was_turned_down_stay_hidden(sign_in):
    ana, bo, mod, post, (_before, added) = _case()
    posts.edit(ana, post, Written(body="Acme et Boulonex", attachments=(added.id,)))
    item = item_of(post)
    moderation.decide(mod, item, outcome="reject", clause="4.2", reason="No", version=item.version)
    posts.edit(ana, post, Written(body="Better"))
    assert _codes(sign_in, added, ana, bo, mod) == [200, 404, 404]


def test_both_forms_of_which_texts_one_sees_agree():
    ana, bo, mod, post, (_before, added) = _case()
    posts.edit(ana, post, Written(body="Another", attachments=()))
    posts.edit(ana, post, Written(body="Acme et Boulonex", attachments=(added.id,)))
    entry, texts = db.session.get_one(Entry, post.id), db.session.scalars(select(Revision)).all()
    shown = db.session.get_one(Revision, entry.revision_id)
    for who in (ana, bo, mod):
        rows = select(Revision.id).join(Entry, Entry.id == Revision.entry_id)
        listed = set(db.session.scalars(rows.where(policy.texts_shown_to(who))))
        assert listed == {t.id for t in texts if policy.can_see_text(who, entry, t, shown)}
    assert len(listed) == 2


def test_a_former_member_no_longer_gets_the_file(sign_in):
    from app.spaces import actions as spaces

    ana, bo = make_person(), make_person()
    space = make_space(ana, bo, visibility="closed")
    file = actions.upload(ana, io.BytesIO(samples.picture()), "a.jpg")
    make_post(ana, space, attachments=[file.id])
    browser = sign_in(bo)
    assert get(browser, f"/files/{file.id}").status_code == 200
    spaces.leave(bo, space)
    assert get(browser, f"/files/{file.id}").status_code == 404


def test_somebody_who_left_the_company_gets_nothing(sign_in):
    make_person(roles=["admin"])
    ana = make_person()
    browser = sign_in(ana)
    url = send(browser, b"words", "a.txt").get_json()["url"]
    people.deactivate(None, person_of(ana))
    assert get(browser, url).status_code != 200


def test_a_photo_is_shown_square_to_those_who_may_meet_its_person(sign_in):
    ana, bo = make_person(), make_person()
    file = actions.upload(ana, io.BytesIO(samples.picture(size=(900, 300))), "me.jpg")
    actions.hold_as_photo(ana, file)
    shown = get(sign_in(bo), f"/files/{file.id}/thumb")
    assert shown.data == storage.path(file.id, storage.AVATAR).read_bytes()


def test_a_second_photo_takes_the_place_of_the_first():
    ana = make_person()
    first = actions.upload(ana, io.BytesIO(samples.picture()), "1.jpg")
    actions.hold_as_photo(ana, first)
    second = actions.upload(ana, io.BytesIO(samples.picture()), "2.jpg")
    actions.hold_as_photo(ana, second)
    with clock.at(clock.now() + actions.LOOSE_FOR):
        assert actions.remove_loose() == 1
    with pytest.raises(NotFound):
        get_file(ana, first.id)
    assert get_file(ana, second.id) == second


def test_drafts_that_nobody_took_go_after_a_day():
    ana = make_person()
    old, kept = [actions.upload(ana, io.BytesIO(b"words"), f"{n}.txt") for n in range(2)]
    assert actions.remove_loose() == 0
    with clock.at(clock.now() + 2 * actions.LOOSE_FOR):
        assert actions.remove_loose({kept.id}) == 1
        assert not storage.path(old.id).exists()
        assert storage.path(kept.id).exists()
        db.session.delete(db.session.get(type(kept), kept.id))
        db.session.flush()


def test_strays_on_the_disk_go_after_a_day():
    ana = make_person()
    file = actions.upload(ana, io.BytesIO(b"words"), "a.txt")
    storage.keep("strayFile0000000000000", {"": b"stray"})
    assert actions.remove_strays() == 0
    with clock.at(clock.now() + 2 * actions.LOOSE_FOR):
        assert actions.remove_strays() == 1
    assert storage.path(file.id).exists()
    assert not storage.path("strayFile0000000000000").exists()
