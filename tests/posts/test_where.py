"""Where one may write, as the box offers it."""

from __future__ import annotations

import re

from app.spaces.queries import MOST_OFFERED
from tests.make import make_person, make_space


def _offered(page):
    said = re.search(r'id="composer-space".*?</select>', page.text, re.DOTALL)[0]
    chosen = re.search(r'value="(\d+)"[^>]* selected', said)[1]
    return [int(number) for number in re.findall(r'value="(\d+)"', said)], int(chosen), "disabled" in said


def test_a_company_of_many_spaces_offers_ones_own_and_says_where_the_others_are(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    others = [make_space(bo, name=f"A {number:03}") for number in range(MOST_OFFERED + 5)]
    own = make_space(ana, name="Zinc")
    browser = sign_in(ana)
    offered, chosen, is_cut = _offered(browser.get("/"))
    assert offered[0] == own.id
    assert (len(offered), is_cut) == (MOST_OFFERED, True)
    assert chosen in offered

    last = others[-1]
    assert last.id not in offered
    page = browser.post("/posts", data={"body": "", "space_id": str(last.id), "type": "post"})
    offered, chosen, _is_cut = _offered(page)
    assert (page.status_code, chosen) == (422, last.id)


def test_what_one_may_not_see_is_not_offered_though_asked_for(sign_in):
    ana, bo = make_person("ana"), make_person("bo")
    for number in range(MOST_OFFERED):
        make_space(bo, name=f"A {number:03}")
    secret = make_space(bo, name="Projet", visibility="secret")
    page = sign_in(ana).post("/posts", data={"body": "", "space_id": str(secret.id), "type": "post"})
    assert page.status_code >= 400
    assert "Projet" not in page.text
    assert f'value="{secret.id}"' not in page.text


def test_few_spaces_are_all_offered(sign_in):
    ana = make_person("ana")
    make_space(ana)
    assert not _offered(sign_in(ana).get("/"))[2]
