"""Whatever people try, in any order: nobody handles what they wrote, reported or decided, or whose author
they manage. The oracle keeps its own account of who is too close to what.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from app.kernel import audit, clock
from app.kernel.db import db
from app.kernel.errors import AppError
from app.moderation import actions, appeals, desk, measures, queries
from app.moderation.models import Appeal, Decision, Measure, ReviewItem
from app.people import actions as people
from app.posts.models import Entry
from tests.make import accept, actor, make_person, make_post, make_space, person_of
from tests.moderation.world import MIXED, REASON, item_of, make_world

RULING = {"clause": "4.2", "reason": REASON}
HANDLING = {  # what nobody does who is too close; reading and reporting are no such thing
    "item.claimed", "item.decided", "item.proposed", "item.confirmed", "item.refused", "item.escalated",
    "item.deferred", "item.transferred", "item.woken", "appeal.upheld", "appeal.partly", "appeal.overturned",
    "measure.imposed", "measure.proposed", "measure.confirmed", "measure.refused", "measure.lifted",
}  # fmt: skip


def _outcome(item, n):
    return queries.outcomes(item)[n % len(queries.outcomes(item))]


VERBS = {
    "report": lambda who, i, n: actions.report(who, entry_of(i), clause=("5.1", "5.2", "danger")[n % 3]),
    "claim": lambda who, i, n: actions.claim(who, i),
    "next": lambda who, i, n: actions.claim_next(who),
    "let_go": lambda who, i, n: actions.let_go(who, i),
    "decide": lambda who, i, n: actions.settle(who, i, outcome=_outcome(i, n), version=i.version, **RULING),
    "alike": lambda who, i, n: desk.decide_alike(who, i, {i.id: i.version}, outcome=_outcome(i, n), **RULING),
    "confirm": lambda who, i, n: actions.confirm(who, i, version=i.version),
    "refuse": lambda who, i, n: actions.refuse(who, i, why="No.", version=i.version),
    "escalate": lambda who, i, n: actions.escalate(who, i, why="Hard."),
    "defer": lambda who, i, n: actions.defer(who, i, until=clock.now() + timedelta(hours=1)),
    "wake": lambda who, i, n: actions.wake(who, i),
    "undo": lambda who, i, n: actions.undo(who, i),
    "transfer": lambda who, i, n: actions.transfer(who, i, to_id=n),
    "appeal": lambda who, i, n: appeals.lodge(who, queries.decision_of(i), text="Again."),
    "impose": lambda who, i, n: measures.impose(
        who, queries.decision_of(i), step=("mute_day", "account")[n % 2], reason="Again."
    ),
    "agree": lambda who, i, n: measures.confirm(who, _measure()),
    "lift": lambda who, i, n: measures.lift(who, _measure(), why="Enough."),
}


def entry_of(item):
    return db.session.get(Entry, item.entry_id, populate_existing=True)


def _measure():
    return db.session.scalars(select(Measure).order_by(Measure.id.desc())).first()


class Company:
    """People of every kind, several of them above one another, and a few texts."""

    def __init__(self):
        self.world = make_world()
        senior = "senior_moderator"
        roles = [["moderator"], ["moderator"], [senior], [senior], ["admin"], [], []]
        self.people = [make_person(f"p{n}", roles=role) for n, role in enumerate(roles)]
        accept(*self.people)
        space = make_space(*self.people)
        for who, above in zip(self.people[:4], self.people[1:5], strict=True):
            people.change_profile(who, person_of(who), manager_id=above.id)
        self.people = [actor(who.id) for who in self.people]
        writers = (self.people[0], self.people[2], self.people[5], self.people[5], self.people[5])
        texts = (MIXED, "Hello", MIXED, "Good day", "Good evening")
        self.entries = [make_post(who, space, text) for who, text in zip(writers, texts, strict=True)]
        for reporter, entry in ((6, 1), (6, 3), (1, 3), (3, 4), (6, 4)):
            actions.report(self.people[reporter], self.entries[entry], clause="5.1")
        self._decide_and_appeal(make_post(self.people[5], space, "Good night"))

    def _decide_and_appeal(self, entry):
        """Something that the first moderator let stand, and that its reporter appeals."""
        actions.report(self.people[6], entry, clause="5.1")
        item = item_of(entry)
        made = actions.decide(self.people[0], item, outcome="no_violation", version=item.version, **RULING)
        appeals.lodge(self.people[6], made, text="Look again.")

    def items(self):
        rows = select(ReviewItem).order_by(ReviewItem.id)
        return db.session.scalars(rows.execution_options(populate_existing=True)).all()

    def too_close(self):
        """By item: who must leave it alone, from the tables that say who did what."""
        above = {who.id: who.manager_id for who in self.people}
        found = {}
        for item in self.items():
            close, boss = {item.author_id}, above.get(item.author_id)
            while boss is not None:
                close.add(boss)
                boss = above.get(boss)
            found[item.id] = close
        return found


OFTEN = ["decide", "claim", "report"] * 3
step = st.tuples(
    st.sampled_from([*sorted(VERBS), *OFTEN]), st.integers(0, 6), st.integers(0, 9), st.integers(0, 6)
)


@contextmanager
def forgotten():
    """What is done within the block is undone after it: every walk begins in the same company."""
    db.session.remove()
    point = db.engines[None].begin_nested()
    yield
    db.session.remove()
    point.rollback()


def test_nobody_too_close_ever_handles_a_case():
    company = Company()

    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(st.lists(step, min_size=10, max_size=25))
    def walk(plan):
        with forgotten():
            follow(plan)

    def follow(plan):
        for verb, who, which, n in plan:
            items = company.items()
            item, person = items[which % len(items)], company.people[who]
            chosen = company.people[n].id if verb == "transfer" else n
            before = _last()
            close, reported, decided = company.too_close(), _reports(), _decisions()
            with suppress(AppError, AttributeError):  # there may be nothing to appeal or to agree with
                VERBS[verb](person, item, chosen)
            for act in _acts_since(before):
                about = _item_of(act)
                if act.act in HANDLING and act.actor_id is not None and about is not None:
                    assert act.actor_id not in close.get(about.id, set()), (verb, act.act)
                    assert (about.entry_id, act.actor_id) not in reported, (verb, act.act)
                    if not act.act.startswith("measure."):
                        assert (about.entry_id, about.revision_id, act.actor_id) not in decided, (
                            verb,
                            act.act,
                        )

    walk()


def _last():
    return db.session.scalar(select(audit.AuditEntry.seq).order_by(audit.AuditEntry.seq.desc()).limit(1))


def _acts_since(seq):
    return db.session.scalars(select(audit.AuditEntry).where(audit.AuditEntry.seq > seq)).all()


def _item_of(act):
    kind, _colon, number = act.subject.partition(":")
    if kind == "item":
        return db.session.get(ReviewItem, int(number))
    if kind == "appeal":
        return db.session.get(ReviewItem, db.session.get_one(Appeal, int(number)).item_id)
    if kind == "measure":
        decision = db.session.get_one(Decision, db.session.get_one(Measure, int(number)).decision_id)
        return db.session.get(ReviewItem, decision.item_id)
    return None


def _reports():
    rows = "SELECT entry_id, reporter_id FROM reports"
    return {tuple(row) for row in db.session.execute(db.text(rows))}


def _decisions():
    """Who decided on which text, as the first or the second, without what was taken back."""
    rows = (
        "SELECT d.entry_id, d.revision_id, d.decider_id, d.second_id FROM decisions d"
        " LEFT JOIN reversals r ON r.decision_id = d.id AND r.appeal_id IS NULL WHERE r.decision_id IS NULL"
    )
    found = set()
    for entry_id, revision_id, decider_id, second_id in db.session.execute(db.text(rows)):
        found |= {(entry_id, revision_id, decider_id), (entry_id, revision_id, second_id)}
    return found
