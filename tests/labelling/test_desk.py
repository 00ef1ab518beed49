"""People teach the models: what is drawn, who sees it, what their answers become."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.labelling import actions, queries
from app.labelling.policy import can_judge, judgeable_by
from app.labelling.strata import draw, language_of
from app.moderation import actions as moderation
from app.moderation.models import ReviewItem
from app.posts import actions as posts
from app.posts.models import Entry
from app.relevance import actions as relevance
from app.relevance.classifier.model import TONE, WORK
from app.relevance.models import Label, Sample
from app.spaces import actions as spaces
from tests.make import accept, make_organisation, make_person, make_post, make_space, person_of
from tests.relevance.world import BUSINESS, CHATTER, make_model, make_rules

LONG = "Une phrase de plus de six mots pour ce tirage, numéro {}"


@pytest.fixture
def company():
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    own = make_person("own", roles=["charter_owner"])
    places = {name: make_space(ana, visibility=name) for name in ("open", "closed", "secret")}
    entries = {name: make_post(ana, place, LONG.format(name)) for name, place in places.items()}
    actions.draw_sample()
    return ana, mo, own, places, entries


def seen_by(who, task=WORK):
    found, after = set(), 0
    while excerpt := queries.next_excerpt(who, task, after):
        found.add(excerpt.revision_id)
        after = excerpt.revision_id
    return found


def test_each_sees_what_they_read_or_review_and_never_a_secret_space_of_others(company):
    _ana, mo, own, places, entries = company
    revisions = {name: entry.revision_id for name, entry in entries.items()}
    assert seen_by(mo) == {revisions["open"], revisions["closed"]}
    assert seen_by(own) == {revisions["open"]}
    spaces.add_member(None, places["secret"], person_of(own))
    assert seen_by(own) == {revisions["open"], revisions["secret"]}
    senior = make_person("sen", roles=["senior_moderator"])
    assert seen_by(senior) == {revisions["open"], revisions["closed"]}


def test_both_forms_of_judging_agree_for_everyone(company):
    ana, mo, own, places, _entries = company
    mine = make_post(mo, places["open"], LONG.format("mo"))
    posts.take_back(ana, make_post(ana, places["open"], LONG.format("gone")))
    spaces.add_member(None, places["secret"], person_of(mo))
    everyone = [mo, own, make_person("sen", roles=["senior_moderator"]), make_person("boss", roles=["admin"])]
    entries = db.session.scalars(select(Entry)).all()
    by_id = {space.id: space for space in places.values()}
    for who in everyone:
        in_sql = set(db.session.scalars(select(Entry.id).where(judgeable_by(who))))
        for entry in entries:
            entry_space = by_id[entry.space_id]
            db.session.refresh(entry, ["space"])
            assert entry.space is entry_space
            assert can_judge(who, entry) == (entry.id in in_sql), (who.login, entry.id)
    assert not can_judge(ana, mine)


def test_partners_and_colleagues_have_no_desk(company, sign_in):
    ana, *_rest = company
    client = make_organisation("Acme", "client")
    partner = make_person("cli", segment="client", organisation_id=client.id)
    for who in (ana, partner):
        for path in ("/relevance", "/relevance/desk"):
            assert sign_in(who).get(path).status_code == 404
        assert sign_in(who).post("/relevance/desk", data={"task": WORK}).status_code == 404


def test_answers_become_labels_and_may_be_taken_back(company, sign_in):
    _ana, mo, own, _places, entries = company
    desk = sign_in(mo)
    revision = entries["open"].revision_id
    told = {"task": WORK, "revision": revision}
    assert desk.post("/relevance/desk", data={**told, "answer": "yes"}).status_code == 303
    assert desk.post("/relevance/desk", data={**told, "answer": "yes"}).status_code == 303
    label = db.session.scalars(select(Label)).one()
    assert (label.value, label.source, label.by_id, label.text) == (True, "desk", mo.id, "")
    assert revision not in seen_by(mo)
    assert revision in seen_by(mo, TONE)
    assert sign_in(own).post(f"/relevance/labels/{label.id}/undo").status_code == 404
    assert desk.post(f"/relevance/labels/{label.id}/undo").status_code == 303
    assert revision in seen_by(mo)
    assert db.session.scalars(select(Label)).all() == []
    assert desk.post(f"/relevance/labels/{label.id}/undo").status_code == 404


def test_passing_over_changes_nothing(company, sign_in):
    _ana, mo, _own, _places, entries = company
    given = {"task": WORK, "revision": entries["open"].revision_id, "answer": "skip"}
    answer = sign_in(mo).post("/relevance/desk", data=given)
    assert answer.headers["Location"].endswith(f"&after={entries['open'].revision_id}")
    assert db.session.scalars(select(Label)).all() == []


def test_what_one_may_not_see_or_was_not_drawn_cannot_be_judged(company, sign_in):
    ana, mo, own, places, entries = company
    undrawn = make_post(ana, places["open"], LONG.format("later"))
    for who, entry in ((own, entries["closed"]), (mo, entries["secret"]), (mo, undrawn)):
        with pytest.raises(NotFound):
            actions.judge(who, entry.revision_id, WORK, value=True)
        given = {"task": WORK, "revision": entry.revision_id, "answer": "no"}
        assert sign_in(who).post("/relevance/desk", data=given).status_code == 404
        assert sign_in(who).post("/relevance/desk", data={**given, "answer": "skip"}).status_code == 404
    missing = sign_in(mo).post("/relevance/desk", data={"task": WORK, "revision": 12, "answer": "no"})
    hidden = sign_in(mo).post(
        "/relevance/desk", data={"task": WORK, "revision": entries["secret"].revision_id, "answer": "no"}
    )
    assert missing.status_code == hidden.status_code == 404
    with pytest.raises(Forbidden):
        relevance.label(ana, WORK, entries["open"].revision_id, value=True)


def test_the_desk_never_says_who_wrote_nor_whom_the_text_names(sign_in):
    ana = make_person("ana.verdier", name="Ana Verdier")
    mo = make_person("mo", roles=["moderator"])
    space = make_space(ana, name="Atelier de Roanne")
    body = "Bonjour @bo.martin, rappelle-moi au 06 12 34 56 78 ou à bo@entreprise.example demain matin"
    make_post(ana, space, body)
    actions.draw_sample()
    page = sign_in(mo).get("/relevance/desk").get_data(as_text=True)
    assert "rappelle-moi" in page
    for secret in (
        "Ana",
        "Verdier",
        "ana.verdier",
        "bo.martin",
        "bo@",
        "06 12",
        "Atelier de Roanne",
        f"/people/{ana.id}",
    ):
        assert secret not in page, secret


def test_an_edited_or_deleted_text_waits_no_more(company):
    ana, mo, _own, _places, entries = company
    posts.take_back(ana, entries["closed"])
    assert seen_by(mo) == {entries["open"].revision_id}


def test_what_waits_counts_so_that_nothing_piles_up(company):
    ana, _mo, _own, places, _entries = company
    for number in range(6):
        make_post(ana, places["open"], LONG.format(number))
    assert actions.draw_sample(count=5, chance=random.Random(1)) == 2
    assert actions.draw_sample(count=5) == 0
    assert len(db.session.scalars(select(Sample)).all()) == 5


def test_the_lot_is_fair_to_rare_kinds():
    drawn = draw({"many": range(100), "few": [1_000, 1_001]}, 6, random.Random(3))
    assert sorted(number for number, kind in drawn if kind == "few") == [1_000, 1_001]
    assert len(drawn) == 6
    assert len(draw({"few": [1]}, 5, random.Random(1))) == 1
    assert (language_of("le rapport est sur la table"), language_of("the report is on it")) == ("fr", "en")
    assert language_of("42") == ""


def test_a_text_for_two_people_shows_their_agreement(company):
    _ana, mo, own, _places, entries = company
    revision = entries["open"].revision_id
    db.session.execute(update(Sample).values(wanted=2))
    actions.judge(mo, revision, WORK, value=True)
    assert revision in seen_by(own)
    actions.judge(own, revision, WORK, value=False)
    assert queries.agreement(WORK) == queries.Agreement(0, 1)
    assert queries.lesson(WORK) == []
    actions.judge(own, revision, WORK, value=True)
    assert queries.agreement(WORK) == queries.Agreement(1, 1)
    assert queries.lesson(WORK) == [(LONG.format("open"), True)]


def test_a_deleted_text_teaches_nothing_more(company):
    ana, mo, _own, _places, entries = company
    actions.judge(mo, entries["open"].revision_id, WORK, value=True)
    posts.take_back(ana, entries["open"])
    assert queries.lesson(WORK) == []


@pytest.mark.parametrize(
    ("outcome", "clause", "value"),
    [("no_violation", "2.1", True), ("remove", "2.1", False), ("remove", "4.2", None)],
)
def test_decisions_teach_what_they_say_of_the_model(outcome, clause, value):
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    space = make_space(ana)
    make_rules(ana, mo)
    make_model()
    make_post(ana, space, CHATTER)
    item = db.session.scalars(select(ReviewItem)).one()
    moderation.decide(mo, item, outcome=outcome, clause=clause, reason="Because.", version=item.version)
    labels = [(label.task, label.value, label.source) for label in db.session.scalars(select(Label))]
    assert labels == ([] if value is None else [(WORK, value, "decision")])


def test_the_nightly_lesson_makes_a_version_only_of_new_labels(company, monkeypatch):
    from tests.relevance.world import tiny

    _ana, mo, _own, _places, entries = company
    lessons = []
    monkeypatch.setattr(
        actions, "train_apart", lambda task, labels: lessons.append((task, labels)) or tiny(task)
    )
    assert actions.learn_what_is_new() == []
    actions.judge(mo, entries["open"].revision_id, WORK, value=True)
    (version,) = actions.learn_what_is_new()
    assert (version.task, version.promoted_at) == (WORK, None)
    assert actions.learn_what_is_new() == []
    actions.judge(mo, entries["open"].revision_id, WORK, value=False)
    assert len(actions.learn_what_is_new()) == 1
    assert len(lessons) == 2


def test_the_screen_says_what_is_known_and_who_may_choose(company, sign_in):
    _ana, mo, own, _places, _entries = company
    version = make_model(promoted=False)
    page = sign_in(own).get("/relevance").get_data(as_text=True)
    assert f"/relevance/models/{version.id}/promotion" in page
    assert "18" in page
    assert "promotion" not in sign_in(mo).get("/relevance").get_data(as_text=True)
    assert sign_in(mo).post(f"/relevance/models/{version.id}/promotion").status_code == 403
    assert sign_in(mo).post("/relevance/work/silence").status_code == 403
    assert sign_in(own).post(f"/relevance/models/{version.id}/promotion").status_code == 303
    assert "70" in sign_in(mo).get("/relevance").get_data(as_text=True)
    assert sign_in(own).post("/relevance/work/silence").status_code == 303
    assert sign_in(own).post("/relevance/models/12/promotion").status_code == 404


def test_a_case_names_the_words_that_weighed(sign_in):
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    space = make_space(ana)
    make_rules(ana, mo)
    make_model()
    make_post(ana, space, CHATTER)
    item = db.session.scalars(select(ReviewItem)).one()
    page = sign_in(mo).get(f"/moderation/items/{item.id}").get_data(as_text=True)
    assert "match, pizzas" in page or "pizzas, match" in page


def test_old_texts_are_not_drawn():
    ana = make_person("ana")
    entry = make_post(ana, make_space(ana), BUSINESS)
    entry.position = clock.micros(clock.now() - timedelta(days=40))
    db.session.flush()
    assert actions.draw_sample() == 0
    accept(ana)
