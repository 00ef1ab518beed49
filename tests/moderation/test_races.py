"""Several moderators at the same instant, in real threads with real commits on a database of their own."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import create_app
from app.charter import queries as charter
from app.kernel import audit, changes, clock, settings
from app.kernel.db import db
from app.kernel.errors import AppError, Conflict, Stale
from app.moderation import actions, appeals, ground, measures
from app.moderation.models import Appeal, Decision, Measure, Points, Report, Reversal, ReviewItem
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from config import Settings
from tests import services
from tests.conftest import SECRET
from tests.make import make_person
from tests.moderation.world import MIXED, REASON, held, make_world

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
            except AppError as refusal:
                results.append(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
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


MANY = 50


def counted(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_of_fifty_decisions_edits_and_withdrawals_the_item_ends_in_one_way(company):
    world = make_world()
    entry, item = held(world)
    deciders = [make_person(f"m{n}", roles=["moderator"]) for n in range(10)]
    db.session.remove()

    def ruling(who, outcome):
        return lambda: actions.decide(
            who,
            db.session.get_one(ReviewItem, item.id),
            outcome=outcome,
            clause="4.2",
            reason=REASON,
            version=1,
        )

    def claiming(who):
        return lambda: actions.claim(who, db.session.get_one(ReviewItem, item.id)).id

    def editing(n):
        return lambda: posts.edit(world.author, _with_space(entry.id), Written(body=f"{MIXED} {n}")).id

    def withdrawing():
        posts.take_back(world.author, _with_space(entry.id))
        return "withdrawn"

    acts = [
        *(ruling(who, ("release", "reject")[n % 2]) for n, who in enumerate(deciders * 2)),
        *(claiming(who) for who in deciders),
        *(editing(n) for n in range(10)),
        *([withdrawing] * 10),
    ]
    results = at_once(company, *acts)
    assert len(results) == MANY
    state = db.session.scalar(select(Entry.state).where(Entry.id == entry.id))
    ends = {one.outcome for one in results if isinstance(one, Decision)}
    withdrawn = results.count("withdrawn")
    assert counted(Decision) == len(ends) <= 1
    assert withdrawn <= 1
    if ends == {"release"}:
        assert state in {"published", "deleted", "held"}
        assert told("post.created") == 1
    elif withdrawn:
        assert state == "withdrawn"
        assert told("post.created") == 0
    open_items = select(func.count()).where(ReviewItem.state.in_(("pending", "leased")))
    assert db.session.scalar(open_items) == (1 if state == "held" else 0)
    assert audit.verify() is None


def _with_space(entry_id):
    rows = select(Entry).where(Entry.id == entry_id).options(joinedload(Entry.space))
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


def told(name):
    return db.session.scalar(select(func.count()).where(changes.Change.name == name))


def decided_on(world):
    _entry, item = held(world)
    return actions.decide(
        world.moderator, item, outcome="reject", clause="4.2", reason=REASON, version=item.version
    )


def test_fifty_appeals_are_one_and_fifty_answers_are_one(company):
    world = make_world()
    decision = decided_on(world)
    judges = [make_person(f"m{n}", roles=["moderator"]) for n in range(MANY)]
    db.session.remove()

    def lodging():
        return appeals.lodge(world.author, db.session.get_one(Decision, decision.id), text="Again.").id

    lodged = at_once(company, *([lodging] * MANY))
    assert (len(set(lodged)), counted(Appeal)) == (1, 1)
    item_id = db.session.scalar(select(Appeal.item_id))

    def answering(who, outcome):
        return lambda: (
            appeals.answer(
                who,
                db.session.get_one(ReviewItem, item_id),
                outcome=outcome,
                reason="Read it again.",
                version=1,
            ).state
        )

    outcomes = ["overturned", "upheld"] * (MANY // 2)
    db.session.remove()
    results = at_once(
        company, *(answering(who, outcome) for who, outcome in zip(judges, outcomes, strict=True))
    )
    won = [one for one in results if isinstance(one, str)]
    assert (len(won), len([one for one in results if isinstance(one, Stale)])) == (1, MANY - 1)
    assert counted(Reversal) == (1 if won == ["overturned"] else 0)
    assert told("post.created") == (1 if won == ["overturned"] else 0)


def test_undone_or_appealed_never_both(company):
    world = make_world()
    decision = decided_on(world)
    db.session.remove()

    def undoing():
        return actions.undo(world.moderator, db.session.get_one(ReviewItem, decision.item_id)).state

    def lodging():
        return appeals.lodge(world.author, db.session.get_one(Decision, decision.id), text="Again.").id

    results = at_once(company, *([undoing, lodging] * 10))
    assert counted(Reversal) + counted(Appeal) == 1
    assert counted(Points) == 1
    assert all(isinstance(one, int | str | Conflict) for one in results)


def test_the_same_measure_at_once_is_one(company):
    world = make_world()
    decision = decided_on(world)
    others = [make_person(f"m{n}", roles=["moderator"]) for n in range(10)]
    db.session.remove()

    def imposing(who):
        return lambda: (
            measures.impose(
                who, db.session.get_one(Decision, decision.id), step="mute_day", reason="Again."
            ).id
        )

    results = at_once(company, *(imposing(who) for who in others))
    assert (len(set(results)), counted(Measure)) == (1, 1)
    assert ground.measure_on(decision.id, "mute_day") is not None


def test_a_lease_lost_at_the_moment_of_deciding_is_told(company):
    world = make_world()
    _entry, item = held(world)
    then = clock.now()
    actions.claim(world.moderator, item, now=then)
    later = then + actions.LEASE + timedelta(seconds=1)
    db.session.remove()

    def deciding():
        found = db.session.get_one(ReviewItem, item.id)
        ruling = {"outcome": "reject", "clause": "4.2", "reason": REASON, "version": 1}
        return actions.decide(world.moderator, found, now=later, **ruling)

    def taking():
        return actions.claim(world.other_moderator, db.session.get_one(ReviewItem, item.id), now=later).id

    results = at_once(company, deciding, taking)
    assert len([one for one in results if isinstance(one, Stale)]) == 1
    assert counted(Decision) == len([one for one in results if isinstance(one, Decision)])
