"""What open pages say to the server, and to whom it is passed on."""

from __future__ import annotations

import pytest

from app.feed import sockets as feed
from app.kernel import sockets
from app.kernel.allowance import Allowance
from tests.make import make_charter, make_organisation, make_person, make_post, make_space


@pytest.fixture
def world(listen):
    ana, bo, eve = make_person("ana"), make_person("bo"), make_person("eve")
    closed = make_space(ana, bo, visibility="closed")
    return ana, bo, eve, closed, listen


@pytest.mark.parametrize("name", ["space.watch", "space.unwatch"])
def test_only_who_reads_a_space_may_watch_it(world, name):
    _ana, bo, eve, closed, listen = world
    assert listen(bo).ask(name, {"id": closed.id}) == {"ok": True}
    assert listen(eve).ask(name, {"id": closed.id}) == {"ok": False, "code": "not_found"}
    assert listen(bo).ask(name, {"id": 404_404}) == {"ok": False, "code": "not_found"}


def test_readers_of_a_thread_see_who_writes_and_nobody_else_does(world):
    ana, bo, eve, closed, listen = world
    post = make_post(ana, closed)
    ana_hears, bo_hears, eve_hears = listen(ana), listen(bo), listen(eve)
    assert bo_hears.ask("typing", {"post_id": post.id}) == {"ok": True}
    told = [("typing", {"post_id": post.id, "person_id": bo.id, "name": bo.name})]
    assert [said for said in ana_hears.heard() if said[0] == "typing"] == told
    assert "typing" not in bo_hears.names()
    assert "typing" not in eve_hears.names()


def test_nobody_learns_of_a_hidden_thread_by_typing_in_it(world):
    ana, bo, eve, closed, listen = world
    make_charter(lex_insult={"kind": "phrases", "action": "hold", "clause": "3.1",
                             "params": {"terms": ["connard"], "inflect": "fr: s"}})  # fmt: skip
    from tests.make import accept

    accept(ana, bo, eve)
    post, held = make_post(ana, closed), make_post(ana, closed, "Quel connard")
    assert held.state == "held"
    bo_hears = listen(bo)
    assert listen(eve).ask("typing", {"post_id": post.id}) == {"ok": False, "code": "not_found"}
    assert listen(bo).ask("typing", {"post_id": held.id}) == {"ok": False, "code": "not_found"}
    assert listen(ana).ask("typing", {"post_id": held.id}) == {"ok": False, "code": "not_found"}
    assert "typing" not in bo_hears.names()


def test_partners_hear_each_other_in_their_space_only(listen):
    ana = make_person("ana")
    acme = make_organisation("Acme", "client")
    cli = make_person("cli", segment="client", organisation_id=acme.id)
    theirs = make_space(ana, cli, kind="client", organisation_id=acme.id, visibility="closed")
    inside = make_space(ana)
    cli_hears, ana_hears = listen(cli), listen(ana)
    assert ana_hears.ask("typing", {"post_id": make_post(ana, inside).id}) == {"ok": True}
    assert "typing" not in cli_hears.names()
    assert ana_hears.ask("typing", {"post_id": make_post(ana, theirs).id}) == {"ok": True}
    assert "typing" in cli_hears.names()
    assert cli_hears.ask("space.watch", {"id": inside.id}) == {"ok": False, "code": "not_found"}


@pytest.mark.parametrize("bad", [None, {}, {"id": "x"}, {"id": True}, {"id": -1}, {"id": "9" * 40}, [1], "²"])
def test_what_names_no_subject_is_refused_calmly(world, bad):
    assert world[4](world[0]).ask("typing", bad)["ok"] is False


def test_whoever_is_there_is_answered(world):
    assert world[4](world[0]).ask("presence", {}) == {"ok": True}
    assert world[4](world[0]).ask("presence") == {"ok": True}


def test_who_says_it_all_the_time_is_passed_on_a_few_times_only(world, monkeypatch):
    ana, bo, _eve, closed, listen = world
    monkeypatch.setattr(feed, "_typed", Allowance(feed.MOST_SIGNS, feed.WITHIN_SECONDS, lambda: 0.0))
    post = make_post(ana, closed)
    ana_hears, windows = listen(ana), (listen(bo), listen(bo))
    answers = [windows[n % 2].ask("typing", {"post_id": post.id}) for n in range(12)]
    assert answers == [{"ok": True}] * 5 + [{"ok": False, "code": "too_many"}] * 7
    assert ana_hears.names().count("typing") == 5
    assert ana_hears.ask("typing", {"post_id": post.id}) == {"ok": True}


def test_nobody_keeps_the_server_busy_with_messages(world, monkeypatch):
    ana, bo, _eve, closed, listen = world
    monkeypatch.setattr(sockets, "_said", Allowance(3, 10.0, lambda: 0.0))
    busy = listen(bo)
    answers = [busy.ask("space.watch", {"id": closed.id}) for _ in range(5)]
    assert answers == [{"ok": True}] * 3 + [{"ok": False, "code": "too_many"}] * 2
    assert listen(ana).ask("space.watch", {"id": closed.id}) == {"ok": True}
