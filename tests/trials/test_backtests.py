"""A version of a rule on months of what was said: counted right, resumable, seen by those who may."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.charter.engine import evaluate
from app.charter.rulebook import actions as rulebook
from app.charter.rulebook import queries as book
from app.charter.rulebook.content import Examples
from app.charter.rulebook.models import BacktestHit
from app.charter.rulebook.precision import Precision, wilson
from app.kernel import clock, jobs
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.trials import actions, queries, weighing
from tests.make import make_comment, make_organisation, make_post, make_space
from tests.rulebook.world import EXAMPLES, World, make_world, propose

pytestmark = pytest.mark.usefixtures("app")


def say(world: World, *texts: str, ago: timedelta = timedelta()) -> None:
    with clock.at(clock.now() - ago):
        for text in texts:
            make_post(world.author, world.space, text)


def run(trial):
    while actions.advance(trial):
        pass
    return trial


def test_every_hit_is_counted_by_week_space_and_author():
    world = make_world()
    say(world, "Quel bouffon", "Bonjour", ago=timedelta(days=40))
    say(world, "Deux bouffons", "Salut", "Rien", ago=timedelta(days=10))
    make_post(world.reader, world.space, "Encore un bouffon")
    version = propose(world.owner)
    trial = run(actions.ask(world.owner, version, months=3))
    assert (trial.state, trial.total, trial.read, trial.hits, trial.authors) == ("done", 6, 6, 3, 2)
    assert sorted(trial.weeks.values()) == sorted([[2, 1], [3, 1], [1, 1]])
    assert trial.spaces == {str(world.space.id): 3}


def test_only_the_time_asked_for_is_read():
    world = make_world()
    say(world, "Quel bouffon", ago=timedelta(days=60))
    say(world, "Quel bouffon, vraiment")
    trial = run(actions.ask(world.owner, propose(world.owner), months=1))
    assert (trial.read, trial.hits) == (1, 1)


def test_the_scope_of_the_rule_limits_it():
    world = make_world()
    elsewhere = make_space(world.author, world.reader)
    say(world, "Quel bouffon")
    make_post(world.author, elsewhere, "Quel bouffon")
    make_comment(world.reader, make_post(world.author, elsewhere, "Bonjour"), "Bouffon")
    for scope, hits in (
        ({"spaces": [str(elsewhere.id)]}, 2),
        ({"objects": ["comment"]}, 1),
        ({"space_kinds": ["client"]}, 0),
        ({"segments": ["employee"]}, 3),
    ):
        trial = run(actions.ask(world.owner, propose(world.owner, scope=scope), months=1))
        assert trial.hits == hits, scope


def test_a_trial_goes_on_where_a_worker_died(monkeypatch):
    monkeypatch.setattr(weighing.next_chunk, "__kwdefaults__", {"size": 3})
    world = make_world()
    say(world, *(f"Texte {n} " + ("bouffon" if n % 2 else "") for n in range(10)))
    trial = actions.ask(world.owner, propose(world.owner), months=1)
    actions.advance(trial)
    actions.advance(trial)
    lost = weighing.next_chunk(trial, book.version_by_id(trial.version_id))  # weighed, never kept
    assert lost.read == 3
    db.session.expunge_all()
    again = queries.by_id(trial.id)
    assert (again.state, again.read, again.hits) == ("running", 6, 3)
    run(again)
    assert (again.state, again.read, again.hits) == ("done", 10, 5)


def test_two_workers_on_one_chunk_count_it_once():
    world = make_world()
    say(world, "Quel bouffon", "Bonjour")
    trial = actions.ask(world.owner, propose(world.owner), months=1)
    actions.begin(trial)
    version = book.version_by_id(trial.version_id)
    one, two = (weighing.next_chunk(trial, version) for _ in range(2))
    assert actions.keep(trial, one)
    assert not actions.keep(trial, two)
    assert (trial.read, trial.hits) == (2, 1)
    assert db.session.scalar(select(func.count()).select_from(BacktestHit)) == 1


def test_the_job_does_it_and_queues_behind_others():
    world = make_world()
    say(world, "Quel bouffon")
    trial = actions.ask(world.owner, propose(world.owner), months=1)
    while jobs.run_next():
        pass
    assert queries.by_id(trial.id).state == "done"


def test_asking_twice_tries_once():
    world = make_world()
    version = propose(world.owner)
    assert actions.ask(world.owner, version, months=1).id == actions.ask(world.other, version, months=3).id


def test_mixing_reads_the_thread_as_the_writer_saw_it():
    world = make_world()
    make_organisation("Boréalis", "client")
    make_organisation("Boulonex", "supplier")
    root = make_post(world.author, world.space, "Des nouvelles de Boréalis")
    make_comment(world.reader, root, "Boulonex livre lundi")
    make_comment(world.reader, root, "Merci")
    version = propose(world.owner, "mix", kind="mixing", params={}, examples=Examples(("a",), ("b",)))
    trial = run(actions.ask(world.owner, version, months=1))
    assert (trial.read, trial.hits) == (3, 1)


def test_rates_read_what_the_author_said_before():
    world = make_world()
    start = clock.now() - timedelta(days=2)
    for minute in range(7):
        with clock.at(start + timedelta(minutes=minute)):
            make_post(world.author, world.space, f"Message {minute}")
    version = propose(
        world.owner, "rate", kind="rate", params={"limit": 5, "window_s": 600}, examples=Examples()
    )
    assert run(actions.ask(world.owner, version, months=1)).hits == 2


def test_overlap_with_other_rules_is_counted():
    from app.charter.actions import save_rule

    world = make_world()
    save_rule(None, "other", kind="phrases", action="flag", clause="3.1", params={"terms": ["bouffon"]})
    say(world, "Quel bouffon", "Quel clown")
    version = propose(world.owner, params={"terms": ["bouffon", "clown"]})
    assert run(actions.ask(world.owner, version, months=1)).overlap == {"other": 1}


def test_excerpts_are_opened_by_owners_only_and_logged_once():
    world = make_world()
    say(world, "Avant. " * 60 + "Quel bouffon ! " + "Après. " * 60)
    trial = run(actions.ask(world.owner, propose(world.owner), months=1))
    hit = queries.get_hit(trial, 0)
    with pytest.raises(Invalid):
        actions.label(world.owner, hit, "right")
    with pytest.raises(Forbidden):
        actions.open_excerpt(world.author, hit)
    actions.open_excerpt(world.owner, hit)
    actions.open_excerpt(world.owner, hit)
    found = queries.excerpt(hit)
    assert found.hit == "bouffon"
    assert len(found.before) < 200
    logged = select(func.count()).where(AuditEntry.act == "backtest.excerpt_opened")
    assert db.session.scalar(logged) == 1
    assert hit.author not in {str(world.author.id), world.author.login}
    actions.label(world.owner, hit, "right")
    assert book.precision(book.version_by_id(trial.version_id)) == Precision(1, 1, 1, 1)


def test_nobody_else_sees_a_trial():
    world = make_world()
    trial = actions.ask(world.owner, propose(world.owner), months=1)
    for who in (world.author, world.reader):
        with pytest.raises(NotFound):
            queries.get_backtest(who, "lex.test", trial.id)
        with pytest.raises(Forbidden):
            actions.ask(who, book.version_by_id(trial.version_id), months=1)


def test_hits_are_those_of_the_engine_itself():
    """The chunked reading gives the verdicts that the write path gave."""
    world = make_world()
    texts = ["un bouffon", "des b0uffons", "bouffonnerie", "rien", "BOUFFON", "b.o.u.f.f.o.n"]
    say(world, *texts)
    version = propose(world.owner)
    policy = weighing.policy_for(version)
    from app.charter.engine import Draft

    direct = Counter(bool(evaluate(policy, Draft(body=text), clock.now()).findings) for text in texts)
    trial = run(actions.ask(world.owner, version, months=1))
    assert trial.hits == direct[True] == 4


@pytest.mark.parametrize(
    ("right", "n", "bound"),
    [(20, 20, 0.8389), (0, 10, 0.0), (10, 10, 0.7225), (50, 100, 0.4038), (1, 1, 0.2065)],
)
def test_the_bound_is_wilsons(right, n, bound):
    assert wilson(right, n) == pytest.approx(bound, abs=1e-4)


def test_a_sample_of_everything_has_no_doubt():
    assert Precision(100, 4, 3, 4).bound == 0.75
    assert Precision(100, 40, 20, 20).bound == pytest.approx(0.8389, abs=1e-4)
    assert not Precision(100, 40, 19, 19).is_measured
    assert Precision(200, 0, 0, 0).allows("block")
    assert not Precision(199, 0, 0, 0).allows("hold")
    assert EXAMPLES.allowed
    assert rulebook.expire_due() == 0
