"""What somebody was writing waits for them, and for nobody else."""

from __future__ import annotations

import re

import pytest

from tests.make import accept, make_charter, make_organisation, make_person, make_post, make_space


def test_a_kept_draft_is_in_the_box_of_its_author_alone(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo, name="Production")
    post = make_post(bo, space)
    browser = sign_in(ana)
    browser.put("/drafts/post", json={"body": "À suivre <b>", "space_id": str(space.id), "title": "Titre"})
    browser.put(f"/drafts/comment-{post.id}", json={"body": "Ma réponse"})
    assert "À suivre &lt;b&gt;</textarea>" in browser.get("/").text
    assert "Ma réponse</textarea>" in browser.get(f"/posts/{post.id}").text
    assert "À suivre" not in browser.get(f"/spaces/{space.id}").text
    assert "À suivre" not in sign_in(bo).get("/").text
    assert "Ma réponse" not in sign_in(bo).get(f"/posts/{post.id}").text


@pytest.mark.parametrize(
    "odd", [{"body": ["x"]}, {"body": "x", "space_id": {"a": 1}}, {"body": "x", "attachments": "no list"},
            {"body": "x", "attachments": [1, {}, "f" * 500]}, {"body": 7, "title": None}]
)  # fmt: skip
def test_an_odd_draft_breaks_no_page(sign_in, odd):
    ana = make_person("ana")
    make_space(ana)
    browser = sign_in(ana)
    browser.put("/drafts/post", json=odd)
    assert browser.get("/").status_code == 200


def test_the_box_of_a_waiting_entry_is_its_authors(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    space = make_space(ana, bo)
    make_charter(
        lex_insult={"kind": "phrases", "action": "hold", "clause": "3.1", "params": {"terms": ["connard"]}}
    )
    accept(ana, bo)
    held, open_to_all = make_post(ana, space, "Quel connard"), make_post(ana, space, "Bonjour")
    assert "Quel connard" in sign_in(ana).get(f"/posts/{held.id}/held").text
    assert sign_in(bo).get(f"/posts/{held.id}/held").status_code == 404
    assert sign_in(ana).get(f"/posts/{open_to_all.id}/held").status_code == 404


def test_the_box_of_home_offers_a_space_of_the_company_first(sign_in):
    ana = make_person("ana")
    supplier = make_organisation("Boulonex", "supplier")
    partner = make_person("sup", segment="supplier", organisation_id=supplier.id)
    theirs = make_space(
        ana, partner, name="Achats", kind="supplier", organisation_id=supplier.id, visibility="closed"
    )
    ours = make_space(ana, name="Production")
    make_charter()
    accept(ana, partner)
    assert _selected(sign_in(ana)) == str(ours.id)
    assert _selected(sign_in(partner)) == str(theirs.id)


def _selected(browser):
    return re.search(r'<option value="(\d+)"[^>]* selected', browser.get("/").text)[1]
