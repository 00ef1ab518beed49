from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import db
from app.people import actions as people
from app.people.models import Person
from app.posts import actions as posts
from app.posts.inputs import Written
from app.search import actions, words
from app.search.models import SearchDocument
from app.search.queries import search
from app.spaces import actions as spaces
from tests.make import (
    accept,
    actor,
    make_charter,
    make_comment,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)


def found(who, q, **more):
    return [entry.id for entry in search(actor(who.id), q, **more).entries]


@pytest.fixture
def world():
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Boulonex", "supplier")
    ana, bo = make_person("ana", name="Ana Épinay"), make_person("bo")
    client = make_person("cli", name="Clélia Marchand", segment="client", organisation_id=acme.id)
    supplier = make_person("sup", name="Simon Marchal", segment="supplier", organisation_id=bolt.id)
    return {
        "ana": ana,
        "bo": bo,
        "client": client,
        "supplier": supplier,
        "open": make_space(ana, name="Atelier"),
        "secret": make_space(ana, name="Secret d'atelier", visibility="secret"),
        "acme": make_space(
            ana, client, name="Projet Acme", kind="client", organisation_id=acme.id, visibility="closed"
        ),
        "bolt": make_space(
            bo, supplier, name="Vis", kind="supplier", organisation_id=bolt.id, visibility="closed"
        ),
    }


def test_accents_capitals_and_plurals_do_not_matter(world):
    post = make_post(
        world["ana"], world["open"], "Les Cœurs d'acier des machines-outils ont été livrés à l'atelier"
    )
    for q in ("coeur", "CŒURS", "machine outil", "livre", "ete", "été", "acier  atelier"):
        assert found(world["bo"], q) == [post.id], q
    for q in ("coeurs fonte", "liv", "zzz"):
        assert found(world["bo"], q) == [], q


def test_english_words_are_found_by_their_stems(world):
    post = make_post(world["ana"], world["open"], "Shipping two boxes of bearings")
    assert found(world["bo"], "ship box") == found(world["bo"], "boxes bearing") == [post.id]


def test_each_sees_what_they_may_read_and_nothing_else(world):
    authors = {"open": "ana", "secret": "ana", "acme": "ana", "bolt": "bo"}
    by_space = {n: make_post(world[author], world[n], "un plan de pompe").id for n, author in authors.items()}
    assert found(world["ana"], "plan pompe") == [by_space[n] for n in ("acme", "secret", "open")]
    assert found(world["bo"], "plan pompe") == [by_space[n] for n in ("bolt", "open")]
    assert found(world["client"], "plan pompe") == [by_space["acme"]]
    assert found(world["supplier"], "plan pompe") == [by_space["bolt"]]
    outsider = make_person("outsider")
    assert found(outsider, "plan", space_id=world["secret"].id) == []


def test_no_text_passes_for_the_token_of_a_space(world):
    token = words.space_token(world["open"].id)
    make_post(
        world["ana"], world["secret"], f"treasure {token} s{world['open'].id} {token.replace('_', ' ')}"
    )
    assert found(world["bo"], "treasure") == []
    assert found(world["bo"], f"treasure {token}") == []


def test_partners_find_no_people_and_no_spaces_of_others(world):
    for_client = search(world["client"], "mar")
    assert [person.name for person in for_client.people] == ["Clélia Marchand"]
    assert {p.name for p in search(world["ana"], "mar").people} == {"Clélia Marchand", "Simon Marchal"}
    assert [space.name for space in search(world["client"], "a").spaces] == ["Projet Acme"]
    assert {s.name for s in search(world["bo"], "a").spaces} == {"Atelier", "Projet Acme"}


def test_membership_ends_and_so_does_finding(world):
    make_post(world["ana"], world["acme"], "un plan de pompe")
    assert found(world["client"], "pompe")
    spaces.remove_member(world["ana"], world["acme"], person_of(world["client"]))
    assert found(world["client"], "pompe") == []
    assert [person.id for person in search(world["client"], "ana").people] == []


def test_a_space_that_closes_hides_what_was_said_there(world):
    make_post(world["ana"], world["open"], "un plan de pompe")
    assert found(world["bo"], "pompe")
    spaces.change_space(
        world["ana"], world["open"], name="Atelier", about="", visibility="closed", joins_freely=False
    )
    assert found(world["bo"], "pompe") == []


def test_held_content_is_not_found_until_it_is_released(world):
    make_charter(
        words={"kind": "phrases", "action": "hold", "clause": "4.2", "params": {"terms": ["forbidden"]}}
    )
    accept(world["ana"], world["bo"])
    held = make_post(world["ana"], world["open"], "forbidden pump")
    root = make_post(world["ana"], world["open"], "a valve")
    assert found(world["ana"], "pump") == found(world["bo"], "pump") == []
    posts.edit(world["ana"], root, Written(body="a valve forbidden pump"))
    assert found(world["ana"], "pump") == []
    assert found(world["bo"], "valve") == [root.id]
    posts.release(world["bo"], held, held.revision_id)
    assert found(world["bo"], "pump") == [held.id]


def test_edits_and_removals_are_followed(world):
    post = make_post(world["ana"], world["open"], "a pump")
    comment = make_comment(world["bo"], post, "a valve")
    posts.edit(world["ana"], post, Written(body="a wheel"))
    assert found(world["bo"], "pump") == []
    assert found(world["bo"], "wheel") == [post.id]
    assert found(world["bo"], "valve") == [comment.id]
    posts.take_back(world["ana"], post)
    assert found(world["bo"], "wheel") == found(world["bo"], "valve") == found(world["bo"], "pump") == []


def test_hashtags_are_found_as_such(world):
    tagged = make_post(world["ana"], world["open"], "Bravo #Sécurité")
    make_post(world["ana"], world["open"], "la sécurité d'abord")
    assert found(world["bo"], "#securite") == [tagged.id]
    assert len(found(world["bo"], "securite")) == 2


def test_newest_first_page_by_page(world):
    now = clock.now()
    made = []
    for n in range(7):
        with clock.at(now + timedelta(minutes=n)):
            made.append(make_post(world["ana"], world["open"], f"pump {n}").id)
    first = search(world["bo"], "pump", limit=3)
    second = search(world["bo"], "pump", after=first.next, limit=3)
    third = search(world["bo"], "pump", after=second.next, limit=3)
    pages = [entry.id for page in (first, second, third) for entry in page.entries]
    assert pages == made[::-1]
    assert third.next is None


def test_two_posts_of_the_same_instant_are_both_found(world):
    with clock.at(clock.now()):
        made = {make_post(world["ana"], world["open"], f"pump {n}").id for n in range(3)}
    assert set(found(world["bo"], "pump")) == made


@pytest.mark.parametrize(
    "q",
    [
        '"',
        "' OR 1=1 --",
        "a* OR b",
        "NEAR(pump)",
        "pump:*",
        "pump & !",
        "(((",
        "\x00pump",
        "\\",
        "é" * 500,
        "#",
        "-",
        "",
    ],
)
def test_whatever_is_typed_is_only_words(world, q):
    make_post(world["ana"], world["open"], "nothing of the kind")
    search(world["bo"], q)


def test_whoever_left_is_found_no_more(world):
    make_person("root", roles=["admin"])
    assert search(world["bo"], "epin").people
    people.deactivate(None, db.session.get(Person, world["ana"].id))
    assert search(world["bo"], "epin").people == []


def test_matches_are_marked_as_pieces_of_text(world):
    make_post(
        world["ana"], world["open"], "x " * 300 + "<b>les machines</b> à laver", title="Machine arrière"
    )
    entry = search(world["bo"], "machine").entries[0]
    assert entry.title_marks == [("Machine", True), (" arrière", False)]
    assert ("machines", True) in entry.text_marks
    assert len("".join(text for text, _hit in entry.text_marks)) < 300
    assert search(world["bo"], "epi").people[0].name_marks == [("Ana ", False), ("Épinay", True)]


def test_many_spaces_give_the_same_answer(world, monkeypatch):
    post = make_post(world["ana"], world["acme"], "un plan de pompe")
    hidden = make_post(world["bo"], world["bolt"], "un plan de pompe")
    monkeypatch.setattr("app.search.words.MOST_SPACE_TOKENS", 0)
    assert found(world["client"], "pompe") == [post.id]
    assert found(world["supplier"], "pompe") == [hidden.id]


def test_written_anew_the_index_is_the_same(world):
    post = make_post(world["ana"], world["open"], "une pompe")
    comment = make_comment(world["bo"], post, "ma pompe")
    gone = make_post(world["ana"], world["open"], "pompe")
    posts.take_back(world["ana"], gone)
    before = sorted((d.kind, d.subject_id, d.search_text) for d in db.session.query(SearchDocument))
    assert actions.rebuild() == len(before)
    db.session.expire_all()
    assert sorted((d.kind, d.subject_id, d.search_text) for d in db.session.query(SearchDocument)) == before
    assert found(world["bo"], "pompe") == [comment.id, post.id]
    assert search(world["bo"], "épin").people


def test_as_many_queries_for_one_as_for_many(world, count_queries):
    make_post(world["ana"], world["open"], "une pompe")
    with count_queries() as one:
        found(world["bo"], "pompe")
    for _n in range(10):
        make_post(world["ana"], world["open"], "une pompe")
    with count_queries() as many:
        found(world["bo"], "pompe")
    assert len(one) == len(many)


def test_the_page_and_its_fragment(world, sign_in):
    post = make_post(world["ana"], world["open"], "une <script>alert(1)</script> pompe")
    browser = sign_in(world["bo"])
    page = browser.get("/search?q=pompe").get_data(as_text=True)
    assert "<mark>pompe</mark>" in page
    assert f"/posts/{post.id}" in page
    assert "alert(1)</script>" not in page
    piece = browser.get("/search?q=pompe", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert "<mark>pompe</mark>" in piece
    assert "<html" not in piece
    assert browser.get("/search?kind=nonsense").status_code == 422
    assert browser.get("/search?q=pompe&after=forged").status_code == 422
