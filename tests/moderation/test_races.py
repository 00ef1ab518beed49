"""Several moderators at the same instant, in real threads with real commits on a database of their own."""

from __future__ import annotations

import os
import threading

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.charter import queries as charter
from app.kernel import changes, settings
from app.kernel.db import db
from app.kernel.errors import Stale
from app.moderation import actions
from app.moderation.models import Decision, Report, ReviewItem
from app.posts.models import Entry
from config import Settings
from tests import services
from tests.conftest import SECRET
from tests.make import make_person
from tests.moderation.world import REASON, held, make_world

pytestmark = [pytest.mark.outside, pytest.mark.slow]


@pytest.fixture
def company(tmp_path):
    """An application on a database that keeps what is committed."""
    url = f"sqlite:///{tmp_path}/races.sqlite3"
    if os.environ.get("PARVIS_TEST_DATABASE") == "postgresql":
        url = services.fresh_database(services.postgres())
    app = create_app(
        Settings(
            secret_key=SECRET, database_url=url, data_dir=str(tmp_path), bind="127.0.0.1:8000", testing=True
        )
    )
    changes.on_ring(lambda: None)
    settings.forget()
    charter.forget()
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
    settings.forget()
    charter.forget()


def at_once(app, *acts):
    """Run these in threads that start together; what each gave or was refused."""
    gate, results = threading.Barrier(len(acts)), []

    def run(act):
        with app.app_context():
            gate.wait()
            try:
                results.append(act())
            except Stale as refusal:
                results.append(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_of_many_decisions_at_once_one_counts(company):
    world = make_world()
    entry, item = held(world)
    deciders = [make_person(f"m{n}", roles=["moderator"]) for n in range(6)]
    db.session.remove()

    def ruling(who, outcome):
        def act():
            found = db.session.get_one(ReviewItem, item.id)
            return actions.decide(who, found, outcome=outcome, clause="4.2", reason=REASON, version=1)

        return act

    outcomes = ["release", "reject", "return"] * 2
    results = at_once(company, *(ruling(who, what) for who, what in zip(deciders, outcomes, strict=True)))
    won = [one for one in results if isinstance(one, Decision)]
    lost = [one for one in results if isinstance(one, Stale)]
    assert (len(won), len(lost)) == (1, 5)
    assert {one.data["state"] for one in lost} == {"decided"}
    after = {"release": "published", "reject": "rejected", "return": "returned"}[won[0].outcome]
    assert db.session.scalar(select(Entry.state).where(Entry.id == entry.id)) == after
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 1
    told = select(func.count()).where(changes.Change.name == "post.created")
    assert db.session.scalar(told) == (1 if after == "published" else 0)


def test_of_many_who_take_it_at_once_one_has_it(company):
    world = make_world()
    _entry, item = held(world)
    takers = [make_person(f"m{n}", roles=["moderator"]) for n in range(6)]
    db.session.remove()

    def taking(who):
        return lambda: actions.claim(who, db.session.get_one(ReviewItem, item.id)).lease_by_id

    results = at_once(company, *(taking(who) for who in takers))
    assert len([one for one in results if isinstance(one, int)]) == 1
    assert len([one for one in results if isinstance(one, Stale)]) == 5


def test_many_reports_at_once_make_one_item(company):
    from tests.make import make_post

    world = make_world()
    entry = make_post(world.author, world.space)
    reporters = [make_person(f"r{n}") for n in range(5)]
    db.session.remove()

    def reporting(who):
        return lambda: actions.report(who, db.session.get_one(Entry, entry.id), clause="5.1").id

    results = at_once(company, *(reporting(who) for who in [*reporters, reporters[0]]))
    assert len(results) == 6
    assert db.session.scalar(select(func.count()).select_from(Report)) == 5
    assert db.session.scalar(select(func.count()).select_from(ReviewItem)) == 1
