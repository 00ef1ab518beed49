import pytest

from app.feed import queries as feed
from app.kernel.errors import Forbidden, NotFound
from app.posts import actions, queries
from app.posts.inputs import Written
from tests.make import accept, make_comment, make_mixing_rule, make_organisation, make_person, make_post, make_space


def test_members_hear_a_new_post_and_outsiders_do_not(listen):
    ana, bo, eve = make_person("ana"), make_person("bo"), make_person("eve")
    space = make_space(ana, bo, visibility="closed")
    bo_hears, eve_hears = listen(bo), listen(eve)
    post = make_post(ana, space, "hello")
    (name, message), *rest = bo_hears.heard()
    assert (name, message["post_id"], rest) == ("post.created", post.id, [])
    assert "hello" in message["html"]
    assert eve_hears.heard() == []


def test_client_and_supplier_together_are_held_and_leave_no_trace(listen):
    make_organisation("Boréalis", "client")
    make_organisation("Boulonex", "supplier")
    make_mixing_rule()
    ana, bo = make_person("ana"), make_person("bo")
    accept(ana, bo)
    space = make_space(ana, bo)
    bo_hears, ana_hears = listen(bo), listen(ana)
    held = make_post(ana, space, "Boulonex livre Borealis jeudi")
    assert held.state == "held"
    assert bo_hears.heard() == []
    assert "entry.state" in ana_hears.names()
    with pytest.raises(NotFound):
        queries.get_post(bo, held.id)
    assert queries.get_post(ana, held.id).state == "held"
    assert [row.id for row in feed.home(bo).items] == []


def test_a_comment_naming_the_supplier_below_the_client_is_held():
    make_organisation("Boréalis", "client")
    make_organisation("Boulonex", "supplier")
    make_mixing_rule()
    ana, bo = make_person("ana"), make_person("bo")
    accept(ana, bo)
    post = make_post(ana, make_space(ana, bo), "Point Boréalis")
    assert post.state == "published"
    assert make_comment(bo, post, "Boulonex peut livrer").state == "held"
    assert make_comment(bo, post, "Merci").state == "published"


def test_nobody_writes_before_accepting_the_charter():
    make_mixing_rule()
    ana = make_person("ana")
    space = make_space(ana)
    with pytest.raises(Forbidden):
        make_post(ana, space)
    accept(ana)
    assert make_post(ana, space).state == "published"


def test_the_feed_is_newest_first_and_pages_by_keyset():
    ana = make_person("ana")
    spaces = [make_space(ana) for _ in range(3)]
    ids = [make_post(ana, spaces[n % 3], f"post {n}").id for n in range(7)]
    first = feed.home(ana, limit=4)
    second = feed.home(ana, limit=4, after=first.next)
    assert [row.id for row in [*first.items, *second.items]] == ids[::-1]
    assert second.next is None


def test_reacting_twice_is_reacting_once():
    ana, bo = make_person("ana"), make_person("bo")
    post = make_post(ana, make_space(ana, bo))
    assert actions.react(bo, post, "like", on=True) == {"like": 1}
    assert actions.react(bo, post, "like", on=True) == {"like": 1}
    assert actions.react(bo, post, "like", on=False) == {}


def test_an_edit_keeps_the_old_text_in_the_history():
    ana = make_person("ana")
    post = make_post(ana, make_space(ana), "first")
    actions.edit(ana, post, Written(body="second"))
    assert [r.body for r in queries.revisions(ana, post)] == ["first", "second"]
    assert "second" in queries.cards([post.id])[post.id].body_html
