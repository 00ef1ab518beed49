"""Completion of hashtags: what the writer reads in that space, and not a letter of anything else."""

import pytest

from app.posts import actions as posts
from app.posts.inputs import Written
from app.spaces import actions as spaces
from tests.make import (
    accept,
    make_comment,
    make_mixing_rule,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)


@pytest.fixture
def completed(sign_in):
    def ask(who, q="", space=None):
        number = space.id if space is not None else ""
        answer = sign_in(who).get("/tags/complete", query_string={"q": q, "space": number})
        return [tag["name"] for tag in answer.get_json()] if answer.status_code == 200 else answer.status_code

    return ask


def test_the_most_usual_first_as_it_was_last_written(completed):
    ana = make_person("ana")
    space, other = make_space(ana), make_space(ana)
    for body in ("#soudure", "#Sécurité et #soudure", "#securite, #soudure", "rien"):
        post = make_post(ana, space, body)
    make_comment(ana, post, "#Sens-unique")
    make_post(ana, other, "#secret-recipe")
    assert completed(ana, "s", space) == ["soudure", "securite", "Sens-unique"]
    assert completed(ana, "SÉC", space) == ["securite"]
    assert completed(ana, "", other) == ["secret-recipe"]
    assert completed(ana, "se", None) == ["securite", "secret-recipe", "Sens-unique"]
    assert completed(ana, "zz", space) == []


def test_partners_and_strangers_learn_nothing(completed, monkeypatch):
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    ana, eve = make_person("ana"), make_person("eve")
    cli = make_person("cli", segment="client", organisation_id=acme.id)
    sup = make_person("sup", segment="supplier", organisation_id=bolt.id)
    inside, secret = make_space(ana), make_space(ana, visibility="secret")
    client = make_space(ana, cli, kind="client", organisation_id=acme.id, visibility="closed")
    for space, tag in ((inside, "inside"), (secret, "hidden"), (client, "shared")):
        make_post(ana, space, f"A word on #{tag}")
    for most in (16, 0):
        monkeypatch.setattr("app.search.words.MOST_SPACE_TOKENS", most)
        assert completed(cli) == completed(cli, "", client) == ["shared"]
        assert completed(eve) == ["inside"]
        assert completed(sup) == []
        assert completed(ana) == ["hidden", "inside", "shared"]
    assert completed(cli, "", inside) == completed(eve, "", secret) == completed(sup, "", client) == 404
    spaces.remove_member(ana, client, person_of(cli))
    assert completed(cli) == []


def test_what_isnt_published_has_no_tags(completed):
    make_organisation("Acme", "client")
    make_organisation("Bolt", "supplier")
    make_mixing_rule()
    ana, bo = make_person("ana"), make_person("bo")
    accept(ana, bo)
    space = make_space(ana, bo)
    assert make_post(ana, space, "#waits Acme and Bolt").state == "held"
    gone, below = make_post(ana, space, "#gone"), make_post(ana, space, "#stays")
    make_comment(bo, gone, "#answer")
    posts.take_back(ana, gone)
    posts.edit(ana, below, Written(body="#better"))
    assert completed(bo, "", space) == completed(ana, "", space) == ["better"]


@pytest.mark.parametrize("q", ["'", '"', "*", "h_*", "s_1", "a b", "%", "(", "\0", "²", "é" * 300, "-", ":*"])
def test_nothing_typed_breaks_it(completed, q):
    ana = make_person("ana")
    make_post(ana, make_space(ana), "#tag")
    assert isinstance(completed(ana, q), list)
