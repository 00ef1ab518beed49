"""What an overturned decision teaches about the rules that led to it: their precision, and a new example."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from app.charter.models import Rule
from app.charter.rulebook import cases
from app.charter.rulebook.models import RIGHT, WRONG, Backtest, BacktestHit, RuleVersion
from app.kernel import clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.text import MENTION
from app.people.models import Person
from app.posts.models import Entry, Revision
from app.spaces.models import OPEN, Space

SHORTEST_NAME = 3  # shorter words are seldom a name, and often something else


@action
def learn(rule: str, *, entry_id: int, revision_id: int, decision_id: int, was_wrong: bool) -> None:
    """The rule was wrong about a text, or right after all: in its samples, and as a proposed example.

    Of spaces that not everybody can read, no text leaves: owners of the charter don't read there.
    """
    _label(rule, revision_id, WRONG if was_wrong else RIGHT)
    entry = db.session.get_one(Entry, entry_id)
    visibility = db.session.scalar(select(Space.visibility).where(Space.id == entry.space_id))
    if visibility == OPEN:
        said = db.session.get_one(Revision, revision_id)
        text = without_names(f"{said.title} {said.body}", _names_of(entry.author_id))
        cases.keep(rule, decision_id, must_find=not was_wrong, text=text)


def without_names(text: str, names: list[str]) -> str:
    """The text with its author as A, and with nobody who is called by an @."""
    text = MENTION.sub(lambda found: found[0].replace(found[1], "person"), text)
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "A.", text, flags=re.IGNORECASE)
    return re.sub(r"A\.(\s+A\.)+", "A.", text)


def _names_of(person_id: int) -> list[str]:
    row = db.session.execute(select(Person.name, Person.login).where(Person.id == person_id)).one()
    parts = {row.name, row.login, *row.name.split()}
    return [part for part in parts if len(part) >= SHORTEST_NAME]


def _label(rule: str, revision_id: int, label: str) -> None:
    """Samples in which this very text was drawn count it as it is known now."""
    mine = (
        select(Backtest.id)
        .join(RuleVersion, RuleVersion.id == Backtest.version_id)
        .join(Rule, Rule.id == RuleVersion.rule_id)
        .where(Rule.key == rule)
    )
    hits = update(BacktestHit).where(
        BacktestHit.revision_id == revision_id,
        BacktestHit.backtest_id.in_(mine),
        BacktestHit.place.is_not(None),
    )
    values = {"label": label, "labelled_by_id": None, "labelled_at": clock.now()}
    db.session.execute(hits.values(values).execution_options(synchronize_session=False))
