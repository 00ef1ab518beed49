"""Words that alert those who are named, stop nothing, and are never seen by whoever writes them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.charter.models import Finding
from app.charter.rulebook import tally
from app.charter.watch import actions, queries
from app.charter.watch.inputs import Watched
from app.charter.watch.models import WatchHit
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.moderation import case
from app.moderation import queries as moderation
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.posts import actions as posts
from app.posts.inputs import Written
from app.spaces import actions as spaces
from tests.make import accept, make_charter, make_person, make_post, make_space, person_of

BODY = "On avance sur le projet Zéphyr ?"


def a_world(**more):
    make_charter()
    people = {
        "ana": make_person("ana"),
        "bo": make_person("bo"),
        "mo": make_person("mo", roles=["moderator"]),
        "sen": make_person("sen", roles=["senior_moderator"]),
        "ola": make_person("ola", roles=["charter_owner"]),
        "adm": make_person("adm", roles=["admin"]),
    }
    accept(*people.values())
    people["space"] = make_space(people["ana"], people["bo"], **more)
    return people


def word(who, *roles, terms=("projet zephyr",), **more):
    given = {"languages": ("fr",), "since": None, "until": None, **more}
    return actions.keep(who, Watched(label="Zéphyr", terms=terms, roles=roles or ("charter_owner",), **given))


def told():
    rows = select(Notification.person_id, Notification.data).where(Notification.kind == "watched")
    return {person_id: data["url"] for person_id, data in db.session.execute(rows)}


def test_those_named_are_alerted_and_nothing_is_stopped(sign_in):
    w = a_world()
    word(w["ola"], "charter_owner", "senior_moderator")
    entry = make_post(w["ana"], w["space"], BODY)
    item = db.session.scalars(select(ReviewItem)).one()
    assert (entry.state, item.kind, item.entry_id) == ("published", "watch", entry.id)
    assert told() == {w["sen"].id: f"/moderation/items/{item.id}", w["ola"].id: f"/posts/{entry.id}"}
    assert "Zéphyr" in sign_in(w["ola"]).get("/notifications").text
    assert "Zéphyr" not in sign_in(w["mo"]).get("/notifications").text


def test_no_trace_of_it_reaches_the_author(sign_in):
    w = a_world()
    word(w["sen"], "senior_moderator", "moderator")
    tally.take()
    entry = make_post(w["ana"], w["space"], BODY)
    assert db.session.scalars(select(Finding)).all() == []
    assert not [key for key in tally.take() if key[0].startswith("watch")]
    window = sign_in(w["ana"])
    told_now = window.post("/api/v1/charter/evaluate", json={"body": BODY, "space_id": w["space"].id})
    for page in (f"/posts/{entry.id}", "/me/charter", "/notifications", "/me"):
        assert "watch" not in window.get(page).text.lower().replace("/watch", ""), page
    assert "watch" not in told_now.text
    assert window.get("/moderation/watch").status_code == 404
    item = db.session.scalars(select(ReviewItem)).one()
    assert window.get(f"/moderation/items/{item.id}").status_code == 404


def test_an_author_with_the_role_is_not_alerted_of_their_own():
    w = a_world()
    word(w["ola"], "charter_owner")
    spaces.add_member(None, w["space"], person_of(w["ola"]))
    make_post(w["ola"], w["space"], BODY)
    assert told() == {}


def test_of_a_secret_space_only_those_hear_who_may_read_there():
    w = a_world(visibility="secret")
    outside = make_person("out", roles=["charter_owner"])
    spaces.add_member(None, w["space"], person_of(w["ola"]))
    word(w["ola"], "charter_owner", "admin", "moderator")
    make_post(w["ana"], w["space"], BODY)
    assert outside.id not in told()
    assert set(told()) == {w["ola"].id}


def test_an_entry_is_told_once_however_often_it_is_edited():
    w = a_world()
    word(w["ola"], "senior_moderator")
    entry = make_post(w["ana"], w["space"], "Bonjour")
    assert told() == {}
    for text in (BODY, f"{BODY} Oui."):
        posts.edit(w["ana"], entry, Written(body=text))
    assert len(db.session.scalars(select(Notification).where(Notification.kind == "watched")).all()) == 1
    assert len(db.session.scalars(select(WatchHit)).all()) == 1


def test_what_waits_already_stays_what_it_is():
    w = a_world()
    from app.charter import actions as charter

    charter.save_rule(None, "lex", kind="phrases", action="hold", clause="3.1", params={"terms": ["zut"]})
    word(w["ola"], "senior_moderator", "charter_owner")
    entry = make_post(w["ana"], w["space"], f"{BODY} Zut.")
    item = db.session.scalars(select(ReviewItem)).one()
    assert (entry.state, item.kind) == ("held", "hold")
    assert set(told()) == {w["sen"].id}, "a charter owner can't read what is held"


def test_disguised_spellings_are_found_and_other_words_are_not():
    w = a_world()
    word(w["ola"], "charter_owner", terms=("Zéphyr",))
    make_post(w["ana"], w["space"], "Un zephir passe, des zéphyrines aussi")
    assert told() == {}
    make_post(w["ana"], w["space"], "Z\u200béph\u0443r avance")  # a Cyrillic letter, and one that isn't seen
    assert set(told()) == {w["ola"].id}


def test_it_is_watched_from_a_day_until_a_day():
    w = a_world()
    today = clock.now().date()
    word(w["ola"], since=today + timedelta(days=3), until=today + timedelta(days=4))
    make_post(w["ana"], w["space"], BODY)
    assert told() == {}
    with clock.at(clock.now() + timedelta(days=4)):
        make_post(w["ana"], w["space"], BODY)
    assert set(told()) == {w["ola"].id}
    with clock.at(clock.now() + timedelta(days=6)):
        assert queries.present(clock.now()) == []


def test_only_charter_owners_and_senior_moderators_keep_them(sign_in):
    w = a_world()
    mine = word(w["sen"])
    form = {"label": "Nom", "terms": "Zéphyr\nMistral", "role_admin": "1", "until": "2030-01-01"}
    for who in ("ana", "mo"):
        with pytest.raises(Forbidden):
            word(w[who])
        with pytest.raises(NotFound):
            queries.words(w[who])
        window = sign_in(w[who])
        assert window.get("/moderation/watch").status_code == 404
        assert window.post("/moderation/watch", data=form).status_code == 404
        assert window.post(f"/moderation/watch/{mine.id}/end").status_code == 404
    window = sign_in(w["ola"])
    assert window.post("/moderation/watch", data=form).status_code == 303
    assert window.post(f"/moderation/watch/{mine.id}/end").status_code == 303
    assert [one.terms for one in queries.words(w["ola"])] == [["Zéphyr", "Mistral"]]
    make_post(w["ana"], w["space"], BODY)
    assert told().keys() == {w["adm"].id}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"terms": "a"}, "terms"),
        ({"terms": "x" * 81}, "terms"),
        ({"role_admin": ""}, "roles"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"since": "demain"}, "since"),
        ({"label": ""}, "label"),
    ],
)
def test_what_cannot_be_watched_is_told_beside_its_field(form, field, sign_in):
    given = {"label": "Nom", "terms": "Zéphyr", "role_admin": "1", **form}
    with pytest.raises(Invalid) as refusal:
        Watched.parse(given)
    assert field in refusal.value.fields
    w = a_world()
    answer = sign_in(w["ola"]).post("/moderation/watch", data=given)
    assert answer.status_code == 422


def test_at_the_desk_only_those_who_may_know_read_which_word_it_was():
    w = a_world()
    word(w["ola"], "charter_owner")
    make_post(w["ana"], w["space"], BODY)
    item = db.session.scalars(select(ReviewItem)).one()
    assert case.read(w["sen"], moderation.get_item(w["sen"], item.id)).file.watched == ["Zéphyr"]
    assert case.read(w["mo"], moderation.get_item(w["mo"], item.id)).file.watched == []


def test_days_are_read():
    assert Watched.parse(
        {"label": "a", "terms": "Zéphyr", "role_admin": "1", "since": "2026-02-01"}
    ).since == (date(2026, 2, 1))
