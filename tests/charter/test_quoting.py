"""What a rule found is quoted from the charter of its day, whatever counts since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.charter.actions import publish_version
from app.charter.queries import cite
from app.kernel import clock
from tests.make import accept, make_mixing_rule, make_organisation, make_person, make_post, make_space

WORDS = "Boulonex livre Boréalis jeudi"


@pytest.fixture
def held(app):
    """Ana's post, held under the first version; meanwhile the second one counts."""
    make_mixing_rule()
    ana, mo = make_person("ana"), make_person("mo", roles=["moderator"])
    accept(ana, mo)
    make_organisation("Boréalis", "client")
    make_organisation("Boulonex", "supplier")
    space = make_space(ana)
    entry = make_post(ana, space, WORDS)
    parts = [f"{what}_{language}" for what in ("title", "text", "message") for language in ("fr", "en")]
    said = {part: f"new {part}" for part in parts}
    clauses = [{"number": "4.2", **said}]
    article = {"number": 4, "title_fr": "A", "title_en": "A", "clauses": clauses}
    document = {"title_fr": "Neuve", "title_en": "New", "articles": [article]}
    publish_version(None, document, effective_at=clock.now() - timedelta(seconds=1))
    accept(ana, mo)
    return ana, mo, space, entry


def test_an_author_reads_the_clause_that_held_it_and_a_new_post_the_one_in_force(held, sign_in):
    ana, _mo, space, entry = held
    browser = sign_in(ana)
    page = browser.get(f"/posts/{entry.id}").text
    assert 'href="/charter/versions/1#clause-4.2"' in page
    assert "message fr" in page
    assert "new message" not in page
    later = make_post(ana, space, WORDS)
    page = browser.get(f"/posts/{later.id}").text
    assert 'href="/charter#clause-4.2"' in page
    assert "new message" in page
    assert 'id="clause-4.2"' in browser.get("/charter/versions/1").text
    assert "/charter/versions/1#clause-4.2" in browser.get("/me/charter").text


def test_programs_and_moderators_are_told_the_version_too(held, sign_in):
    ana, mo, _space, entry = held
    answer = sign_in(ana).get(f"/api/v1/posts/{entry.id}").json
    (finding,) = answer["findings"]
    assert (finding["charter_version"], finding["href"]) == (1, "/charter/versions/1#clause-4.2")
    browser = sign_in(mo)
    item = browser.get("/api/v1/moderation/items").json["items"][0]["id"]
    assert "/charter/versions/1#clause-4.2" in browser.get(f"/moderation/items/{item}").text


def test_a_version_nobody_announced_is_not_quoted(held):
    assert cite("4.2", "fr", version=1).title == "title fr"
    assert cite("4.2", "fr", version=9) is None
    assert cite("4.2", "fr").version == 2
