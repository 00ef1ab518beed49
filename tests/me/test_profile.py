from io import BytesIO

import pytest

from app.people.queries import get_person
from app.search.queries import search
from tests.files.samples import picture
from tests.make import actor, make_person

FILLED = {
    "title": "",
    "about": "",
    "skills": "",
    "locale": "fr",
    "theme": "auto",
    "time_zone": "Europe/Paris",
}


def test_what_one_says_of_oneself_is_seen_and_found(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    said = {
        "title": "Soudeuse",
        "about": "Demandez-moi",
        "skills": "TIG, Inox, tig",
        "locale": "en",
        "theme": "dark",
    }
    answer = sign_in(ana).post("/me", data={**FILLED, **said})
    assert (answer.status_code, answer.location) == (303, "/me?done=saved")
    page = sign_in(bo).get(f"/people/{ana.id}").get_data(as_text=True)
    assert "Soudeuse" in page
    assert "Demandez-moi" in page
    assert get_person(ana.id).skills == ["tig", "Inox"]
    assert [person.id for person in search(bo, "soudeu").people] == [ana.id]
    assert 'lang="en"' in sign_in(actor(ana.id)).get("/me").get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 121},
        {"about": "x" * 2001},
        {"skills": ",".join(str(n) for n in range(40))},
        {"skills": "x" * 50},
        {"locale": "de"},
        {"theme": "pink"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc/passwd"},
        {"version": "minus one"},
    ],
)
def test_a_refusal_keeps_what_was_typed(sign_in, wrong):
    ana = make_person("ana")
    answer = sign_in(ana).post("/me", data={**FILLED, "about": "kept words", **wrong})
    assert answer.status_code == 422
    if "about" not in wrong:
        assert "kept words" in answer.get_data(as_text=True)
    assert get_person(ana.id).about == ""


def test_two_tabs_do_not_overwrite_each_other(sign_in):
    ana = make_person("ana")
    browser = sign_in(ana)
    version = get_person(ana.id).version
    assert browser.post("/me", data={**FILLED, "title": "First", "version": version}).status_code == 303
    second = browser.post("/me", data={**FILLED, "title": "Second", "version": version})
    assert second.status_code == 409
    assert "Second" in second.get_data(as_text=True)
    assert get_person(ana.id).title == "First"


def test_a_photo_is_shown_to_those_who_know_the_person_and_goes_when_removed(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    browser = sign_in(ana)
    sent = {**FILLED, "photo": (BytesIO(picture()), "me.jpg")}
    assert browser.post("/me", data=sent, content_type="multipart/form-data").status_code == 303
    address = get_person(ana.id).photo_url
    with sign_in(bo).get(address) as seen:
        assert seen.status_code == 200
    browser.post("/me", data={**FILLED, "remove_photo": "1"})
    assert get_person(ana.id).photo_url is None
    assert sign_in(bo).get(address).status_code == 404


def test_what_is_no_picture_is_refused_in_words(sign_in):
    ana = make_person("ana")
    sent = {**FILLED, "about": "kept words", "photo": (BytesIO(b"MZ not a picture"), "me.jpg")}
    answer = sign_in(ana).post("/me", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "kept words" in answer.get_data(as_text=True)
    assert get_person(ana.id).photo_url is None
