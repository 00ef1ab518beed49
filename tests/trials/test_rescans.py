"""A rule or a name that comes later: what stands is read again, flagged, never hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.charter.models import Finding
from app.charter.rulebook.models import DONE, Rescan
from app.kernel import clock, jobs
from app.kernel.db import db
from app.moderation.models import WATCH, ReviewItem
from app.organisations import actions as organisations
from app.posts.models import Entry
from app.trials import rescans
from tests.make import make_comment, make_mixing_rule, make_organisation, make_post
from tests.rulebook.world import make_live, make_world

pytestmark = pytest.mark.usefixtures("app")


def work() -> None:
    with clock.at(clock.now() + timedelta(minutes=5)):
        while jobs.run_next():
            pass


def items() -> list[tuple[int, str]]:
    return [(i.entry_id, i.kind) for i in db.session.scalars(select(ReviewItem).order_by(ReviewItem.id))]


def state(entry: Entry) -> str:
    return db.session.scalar(select(Entry.state).where(Entry.id == entry.id))


def test_a_rule_that_comes_into_force_looks_at_what_stands():
    world = make_world()
    old = make_post(world.author, world.space, "Quel bouffon")
    make_post(world.author, world.space, "Bonjour")
    make_live(world, action="block")
    work()
    assert items() == [(old.id, WATCH)]
    assert state(old) == "published"
    assert db.session.scalar(select(Finding.action).where(Finding.revision_id == old.revision_id)) == "flag"


def test_an_alias_added_later_flags_what_it_mixes():
    world = make_world()
    make_mixing_rule_beside()
    acme = make_organisation("Acme", "client")
    make_organisation("Boulonex", "supplier")
    work()
    old = make_post(world.author, world.space, "Le Grand Atelier verra Boulonex lundi")
    root = make_post(world.author, world.space, "Des nouvelles de Boulonex")
    answer = make_comment(world.reader, root, "Le Grand Atelier en sera")
    assert items() == []
    organisations.save_organisation(
        None, acme, name="Acme", roles=["client"], aliases=[("Le Grand Atelier", "plain")]
    )
    work()
    assert sorted(items()) == sorted([(old.id, WATCH), (answer.id, WATCH)])
    assert {state(one) for one in (old, root, answer)} == {"published"}


def edit(entry: Entry, body: str) -> None:
    from app.posts import actions as posts
    from app.posts.inputs import Written
    from tests.make import actor

    assert posts.edit(actor(entry.author_id), entry, Written(body=body)).pending_id is None


def make_mixing_rule_beside() -> None:
    from app.charter.actions import save_rule

    save_rule(None, "mix", kind="mixing", action="hold", clause="4.2", params={})


def test_what_is_known_already_is_not_flagged_again():
    world = make_world()
    make_post(world.author, world.space, "Quel bouffon")
    make_live(world, action="flag")
    work()
    assert len(items()) == 1
    again = rescans.plan("lex.test")
    while rescans.advance(again):
        pass
    assert (again.state, again.found) == (DONE, 0)
    assert db.session.scalar(select(func.count()).select_from(Finding)) == 1


def test_what_a_moderator_approved_is_left_alone():
    world = make_world()
    make_mixing_rule_beside()
    client = make_organisation("Acme", "client")
    supplier = make_organisation("Boulonex", "supplier")
    entry = make_post(world.author, world.space, "Rien encore")
    from app.kernel.action import action

    @action
    def approve() -> None:
        entry.approved_pairs = [f"mix:{client.id}+{supplier.id}"]

    approve()
    edit(entry, "Acme et Boulonex")
    again = rescans.plan(None)
    while rescans.advance(again):
        pass
    assert (again.read, again.found) == (1, 0)
    assert items() == []


def test_many_names_at_once_are_read_for_once():
    world = make_world()
    make_post(world.author, world.space, "Bonjour")
    for n in range(5):
        make_organisation(f"Client {n}", "client")
    assert db.session.scalar(select(func.count()).select_from(Rescan)) == 1


def test_an_empty_house_is_not_read():
    make_mixing_rule()
    make_organisation("Acme", "client")
    assert db.session.scalar(select(func.count()).select_from(Rescan)) == 0
