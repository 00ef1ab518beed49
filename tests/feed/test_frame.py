"""What every page carries beside what it shows."""

from __future__ import annotations

import re

from sqlalchemy import update

from app.feed import queries
from app.kernel import changes
from app.kernel.action import action
from app.kernel.db import db
from app.posts.models import Entry
from tests.make import make_person, make_post, make_space


def _cursor(page):
    return re.search(r'data-cursor="([^"]*)"', page.text)[1]


@action
def _elsewhere(person_id):
    """So much happens to somebody else that it hides what came before."""
    for number in range(100):
        changes.record("notification.created", changes.PERSON, person_id, notification_id=number)


def test_a_page_says_nothing_of_what_happens_elsewhere(sign_in):
    ana, bo, eve = make_person("ana"), make_person("bo"), make_person("eve")
    here, secret = make_space(ana, bo), make_space(eve, visibility="secret")
    make_post(bo, here)
    browser = sign_in(ana)
    before = _cursor(browser.get("/"))
    make_post(eve, secret)
    assert _cursor(browser.get("/")) == before
    _elsewhere(eve.id)
    assert _cursor(browser.get("/")) == before
    make_post(bo, here)
    assert _cursor(browser.get("/")) != before


def test_a_page_costs_the_same_whatever_it_shows(sign_in, count_queries):
    ana, bo = make_person("ana"), make_person("bo")
    here = make_space(ana, bo)
    root, browser, spent = make_post(bo, here), sign_in(ana), []
    pages = ("/", f"/spaces/{here.id}", f"/posts/{root.id}", "/api/v1/feed")
    for number in (1, 25):
        for _turn in range(number):
            make_post(bo, here)
        for page in pages:
            browser.get(page)  # what all readers share is rendered
        spent.append([])
        for page in pages:
            with count_queries() as seen:
                browser.get(page)
            spent[-1].append(len(seen))
    assert spent[0] == spent[1]
    assert max(spent[0]) <= 20
    assert spent[0][0] <= 14


def test_two_languages_are_two_sets_of_templates(sign_in):
    ana, bo = make_person("ana", locale="fr"), make_person("bo", locale="en")
    for _turn in range(2):
        french, english = sign_in(ana).get("/").text, sign_in(bo).get("/").text
        assert "Accueil" in french
        assert "Accueil" not in english
        assert ">Home<" in english
        assert ">Home<" not in french


def test_a_feed_of_many_spaces_is_merged_in_order_to_its_end():
    ana = make_person("ana")
    spaces = [make_space(ana) for _number in range(40)]
    posts = [make_post(ana, spaces[number * 7 % 40]) for number in range(60)]
    db.session.execute(update(Entry).where(Entry.id == posts[3].id).values(position=Entry.position + 10**9))
    wanted = [entry.id for entry in sorted(db.session.query(Entry), key=lambda e: (-e.position, -e.id))]
    seen, after = [], None
    while True:
        page = queries.home(ana, after=after)
        seen, after = [*seen, *(row.id for row in page.items)], page.next
        if after is None:
            break
    assert seen == wanted


def test_the_place_in_the_changes_is_read_before_what_the_page_shows(sign_in, count_queries):
    """Else what is committed between the two would neither be shown nor told."""
    ana, bo = make_person("ana"), make_person("bo")
    here = make_space(ana, bo)
    root = make_post(bo, here)
    browser = sign_in(ana)
    for page in ("/", f"/spaces/{here.id}", f"/posts/{root.id}", "/notifications"):
        with count_queries() as seen:
            browser.get(page)
        asked = [" ".join(one.split()) for one in seen]
        place = next(
            at for at, one in enumerate(asked) if "FROM changes" in one or "FROM (SELECT changes" in one
        )
        shown = [
            at
            for at, one in enumerate(asked)
            if re.search(r"FROM (entries|notifications|\(SELECT entries)", one)
        ]
        assert shown, page
        assert place < min(shown), page
