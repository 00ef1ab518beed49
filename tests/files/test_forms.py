"""Files sent with a form that must have one effect however often it arrives."""

import io

import pytest

from app.files import actions, storage
from app.files.models import File
from app.kernel import db as database
from app.kernel.db import db
from app.posts.models import Attachment, Entry
from tests.files import samples
from tests.make import make_person, make_space


@pytest.fixture
def ana():
    return make_person("ana")


@pytest.fixture
def decoded(monkeypatch):
    """Whether a transaction that writes was open, for each file decoded."""
    seen = []

    def inspect(*given):
        seen.append(database._writing.get())
        return found(*given)

    found = actions.inspect
    monkeypatch.setattr(actions, "inspect", inspect)
    return seen


def post(browser, space, content, key):
    fields = {"body": "Look", "space_id": str(space.id), "idempotency": key}
    return browser.post("/posts", data={**fields, "files": (io.BytesIO(content), "a.jpg")})


def test_a_picture_is_decoded_before_the_transaction_begins(sign_in, ana, decoded):
    space, browser = make_space(ana), sign_in(ana)
    answers = [post(browser, space, samples.picture(), "one") for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert decoded == [False, False]
    assert db.session.query(Entry).count() == db.session.query(Attachment).count() == 1
    assert db.session.query(File).count() == 1
    kept = db.session.query(File).one().id
    assert [name for name in storage.stored(float("inf")) if name != kept] == []


def test_a_broken_picture_is_refused_as_ever_and_leaves_nothing(sign_in, ana):
    space, before = make_space(ana), set(storage.stored(float("inf")))
    assert post(sign_in(ana), space, b"no picture", "two").status_code == 422
    assert db.session.query(Entry).count() == db.session.query(File).count() == 0
    assert set(storage.stored(float("inf"))) == before


def test_what_a_refused_form_carried_leaves_the_disk(sign_in, ana):
    space, before = make_space(ana), set(storage.stored(float("inf")))
    fields = {"body": "", "space_id": str(space.id), "idempotency": "three"}
    sent = {**fields, "files": (io.BytesIO(samples.picture()), "a.jpg")}
    assert sign_in(ana).post("/posts", data=sent).status_code == 422
    assert set(storage.stored(float("inf"))) == before
