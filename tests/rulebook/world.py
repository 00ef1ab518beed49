"""A company whose charter owners make rules, and people who write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.charter.models import Rule
from app.charter.rulebook import actions, queries
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.models import DONE, RIGHT, WRONG, Backtest, BacktestHit, RuleVersion
from app.kernel import clock
from app.kernel.action import action
from app.kernel.db import db
from app.people.actor import Actor
from app.spaces.models import Space
from tests.make import accept, make_charter, make_person, make_space

EXAMPLES = Examples(allowed=("Bonjour à tous",), forbidden=("Quel bouffon",))
INSULT = {"terms": ["bouffon"], "inflect": "fr: s,e,es"}


@dataclass
class World:
    owner: Actor
    other: Actor
    author: Actor
    reader: Actor
    space: Space


def make_world() -> World:
    make_charter()
    owner, other = (make_person(name, roles=["charter_owner"]) for name in ("ola", "odo"))
    author, reader = make_person("ana"), make_person("bo")
    accept(owner, other, author, reader)
    return World(owner, other, author, reader, make_space(author, reader))


def content(**more: Any) -> Content:
    return Content(**{"kind": "phrases", "action": "hold", "clause": "3.1", "params": INSULT, **more})


def propose(who: Actor, key: str = "lex.test", examples: Examples = EXAMPLES, **more: Any) -> RuleVersion:
    return actions.propose(who, key, content(**more), examples)


@action
def backtested(version: RuleVersion, *, read: int = 1000, right: int = 0, wrong: int = 0) -> Backtest:
    """A finished trial whose hits are all labelled."""
    done = Backtest(
        version_id=version.id,
        state=DONE,
        since=clock.now(),
        read=read,
        total=read,
        hits=right + wrong,
        finished_at=clock.now(),
    )
    db.session.add(done)
    db.session.flush()
    for place, label in enumerate([RIGHT] * right + [WRONG] * wrong):
        db.session.add(
            BacktestHit(
                backtest_id=done.id,
                entry_id=1,
                revision_id=1,
                space_id=1,
                author="a",
                place=place,
                label=label,
            )
        )
    return done


def through(world: World, version: RuleVersion, *names: str) -> RuleVersion:
    """Take the steps, the last of `go_live` by the other owner."""
    for name in names:
        actions.move(world.other if name == "go_live" else world.owner, version, name)
    return version


def make_live(world: World, key: str = "lex.test", **more: Any) -> RuleVersion:
    version = propose(world.owner, key, **more)
    backtested(version, right=30)
    through(world, version, "test", "dry_run", "cap")
    if version.action in {"hold", "block"}:
        actions.move(world.owner, version, "ask")
    return through(world, version, "go_live")


def rule(key: str = "lex.test") -> Rule:
    return db.session.scalars(
        select(Rule).where(Rule.key == key).execution_options(populate_existing=True)
    ).one()


__all__ = ["queries"]
