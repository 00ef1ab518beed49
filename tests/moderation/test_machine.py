"""Every move that the tables allow is made, and found in the log, in notifications and in the outbox; every
other one is refused, whoever tries.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from app.kernel import audit, changes, clock
from app.kernel.action import in_one_transaction
from app.kernel.db import db
from app.kernel.errors import AppError, Conflict
from app.moderation import actions, appeals, measures, queries, sealing
from app.moderation.machine import ENTRY, ITEM, MACHINES
from app.moderation.models import Appeal, Decision, Measure, ReviewItem
from app.notifications.models import Notification
from app.people import actions as people
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from app.spaces import actions as spaces
from app.spaces.models import MODERATOR
from tests.make import accept, actor, make_person, make_post, make_space, person_of
from tests.moderation.world import MIXED, REASON, held, item_of, make_world

RULING = {"clause": "4.2", "reason": REASON}


class Cast:
    """Everybody who may want to lay hands on a case."""

    def __init__(self):
        self.world = make_world()
        self.author, self.reporter = self.world.author, self.world.colleague
        self.moderator, self.other = self.world.moderator, self.world.other_moderator
        self.senior, self.second = (make_person(name, roles=["senior_moderator"]) for name in ("sen", "sec"))
        self.boss = make_person("boss", roles=["senior_moderator"])
        people.change_profile(self.author, person_of(self.author), manager_id=self.boss.id)
        self.author = self.world.author = actor(self.author.id)
        self.admin, self.reader = make_person("adm", roles=["admin"]), make_person("rea")
        self.elsewhere = make_person("els")
        spaces.add_member(None, make_space(self.admin), person_of(self.elsewhere), role=MODERATOR)
        accept(self.senior, self.second, self.boss, self.admin, self.reader, self.elsewhere)

    # --- items in each state -----------------------------------------------------------------------

    def pending(self):
        return held(self.world)[1]

    def reported(self):
        entry = make_post(self.author, self.world.space)
        actions.report(self.reporter, entry, clause="5.1")
        return item_of(entry)

    def leased(self):
        return actions.claim(self.moderator, self.pending())

    def escalated(self):
        return actions.escalate(self.moderator, self.pending(), why="Hard to say.")

    def deferred(self):
        return actions.defer(self.moderator, self.pending(), until=clock.now() + timedelta(hours=3))

    def grave(self):
        item = self.pending()
        item.severity = 5
        db.session.flush()
        return item

    def awaiting_second(self):
        item = self.grave()
        actions.decide(self.moderator, item, outcome="reject", version=item.version, **RULING)
        return item

    def decided(self, outcome="reject"):
        item = self.pending()
        actions.decide(self.moderator, item, outcome=outcome, version=item.version, **RULING)
        return item

    def auto_resolved(self):
        item = self.pending()
        posts.take_back(self.author, entry_of(item))
        return item

    # --- what rests on decisions --------------------------------------------------------------------

    def decision(self, outcome="reject"):
        return queries.decision_of(self.decided(outcome))

    def appeal(self):
        return appeals.lodge(self.author, self.decision(), text="Please look again.")

    def measure(self, step="mute_day"):
        return measures.impose(self.moderator, self.decision(), step=step, reason="Again.")

    def suspension(self):
        return measures.impose(self.senior, self.decision(), step="account", reason="Again.")

    def removed(self):
        item = self.reported()
        actions.decide(self.moderator, item, outcome="remove", version=item.version, **RULING)
        return entry_of(item)

    def hidden(self):
        entry = entry_of(self.reported())
        posts.rule(entry, "hide")
        return entry


def entry_of(item):
    return db.session.get(Entry, item.entry_id, populate_existing=True)


def rule(cast, item, outcome="reject", who=None):
    return actions.decide(who or cast.moderator, item, outcome=outcome, version=item.version, **RULING)


def answer(cast, appeal, outcome):
    item = db.session.get_one(ReviewItem, appeal.item_id)
    return appeals.answer(cast.other, item, outcome=outcome, reason="Read again.", version=item.version)


def edit(cast, entry, body):
    return posts.edit(
        cast.author, db.session.get(Entry, entry.id, populate_existing=True), Written(body=body)
    )


def crowd_reports(cast, entry):
    teams = [people.add_team(None, name=f"Team {entry.id} {n}") for n in range(4)]
    for team in teams:
        who = make_person(team_id=team.id)
        actions.report(who, entry, clause="danger")


def later(item, **span):
    actions.return_expired(now=clock.now() + timedelta(**span))
    return db.session.get(ReviewItem, item.id, populate_existing=True)


def grave_report(cast):
    item = cast.reported()
    item.severity = 5
    db.session.flush()
    rule(cast, item, "remove", cast.senior)
    return item


def annul(cast, measure):
    decision = db.session.get_one(Decision, measure.decision_id)
    return answer(cast, appeals.lodge(cast.author, decision, text="Look again."), "overturned")


def seal(cast, item):
    in_one_transaction(lambda: sealing.seal(item, cast.moderator.id))
    return item


# machine, move → what stands before it, and what makes it happen. What `make` gives is handed to `act`.
WALK = {
    ("entry", "clear"): (Cast.pending, lambda c, i: edit(c, entry_of(i), "See you on Monday.")),
    ("entry", "hold"): (lambda c: c.decided("return"), lambda c, i: edit(c, entry_of(i), f"{MIXED} Please.")),
    ("entry", "withdraw"): (Cast.pending, lambda c, i: posts.take_back(c.author, entry_of(i))),
    ("entry", "delete"): (
        lambda c: make_post(c.author, c.world.space),
        lambda c, e: posts.take_back(c.author, e),
    ),
    ("entry", "release"): (Cast.pending, lambda c, i: rule(c, i, "release")),
    ("entry", "return"): (Cast.pending, lambda c, i: rule(c, i, "return")),
    ("entry", "reject"): (Cast.pending, lambda c, i: rule(c, i, "reject")),
    ("entry", "hide"): (lambda c: make_post(c.author, c.world.space), crowd_reports),
    ("entry", "restore"): (Cast.hidden, lambda c, e: rule(c, item_of(e), "no_violation")),
    ("entry", "remove"): (Cast.reported, lambda c, i: rule(c, i, "remove")),
    ("entry", "hold_again"): (Cast.decided, lambda c, i: actions.undo(c.moderator, i)),
    ("entry", "hide_again"): (
        lambda c: (e := c.hidden(), rule(c, item_of(e), "remove"))[0],
        lambda c, e: actions.undo(c.moderator, item_of(e)),
    ),
    ("entry", "show_again"): (Cast.removed, lambda c, e: actions.undo(c.moderator, item_of(e))),
    ("entry", "overturn"): (Cast.appeal, lambda c, a: answer(c, a, "overturned")),
    ("item", "open"): (lambda c: None, lambda c, _: held(c.world)),
    ("item", "claim"): (Cast.pending, lambda c, i: actions.claim(c.moderator, i)),
    ("item", "release"): (Cast.leased, lambda c, i: actions.let_go(c.moderator, i)),
    ("item", "expire"): (Cast.leased, lambda c, i: later(i, minutes=11)),
    ("item", "transfer"): (Cast.pending, lambda c, i: actions.transfer(c.moderator, i, to_id=c.other.id)),
    ("item", "defer"): (
        Cast.pending,
        lambda c, i: actions.defer(c.moderator, i, until=clock.now() + timedelta(hours=2)),
    ),
    ("item", "wake"): (Cast.deferred, lambda c, i: later(i, hours=4)),
    ("item", "escalate"): (Cast.leased, lambda c, i: actions.escalate(c.moderator, i, why="Hard to say.")),
    ("item", "decide"): (Cast.reported, lambda c, i: rule(c, i, "remove")),
    ("item", "propose"): (Cast.grave, lambda c, i: rule(c, i, "reject")),
    ("item", "confirm"): (
        grave_report,
        lambda c, i: actions.confirm(c.second, i, version=i.version),
    ),
    ("item", "refuse"): (
        Cast.awaiting_second,
        lambda c, i: actions.refuse(c.second, i, why="Too hard.", version=i.version),
    ),
    ("item", "resolve"): (Cast.reported, lambda c, i: posts.take_back(c.author, entry_of(i))),
    ("item", "seal"): (Cast.reported, seal),
    ("item", "unseal"): (
        lambda c: seal(c, c.reported()),
        lambda c, i: in_one_transaction(lambda: sealing.unseal(i, c.second.id)),
    ),
    ("item", "undo"): (Cast.decided, lambda c, i: actions.undo(c.moderator, i)),
    ("decision", "undo"): (Cast.decided, lambda c, i: actions.undo(c.moderator, i)),
    ("decision", "overturn"): (Cast.appeal, lambda c, a: answer(c, a, "overturned")),
    ("appeal", "lodge"): (Cast.decision, lambda c, d: appeals.lodge(c.author, d, text="Look again.")),
    ("appeal", "withdraw"): (Cast.appeal, lambda c, a: appeals.withdraw(c.author, a)),
    ("appeal", "uphold"): (Cast.appeal, lambda c, a: answer(c, a, "upheld")),
    ("appeal", "correct"): (Cast.appeal, lambda c, a: answer(c, a, "partly")),
    ("appeal", "overturn"): (Cast.appeal, lambda c, a: answer(c, a, "overturned")),
    ("measure", "impose"): (
        Cast.decision,
        lambda c, d: measures.impose(c.moderator, d, step="mute_day", reason="Again."),
    ),
    ("measure", "propose"): (
        Cast.decision,
        lambda c, d: measures.impose(c.senior, d, step="account", reason="Again."),
    ),
    ("measure", "confirm"): (Cast.suspension, lambda c, m: measures.confirm(c.second, m)),
    ("measure", "refuse"): (Cast.suspension, lambda c, m: measures.refuse(c.second, m)),
    ("measure", "end"): (
        Cast.measure,
        lambda c, m: measures.end_over(now=clock.now() + timedelta(hours=25)),
    ),
    ("measure", "lift"): (Cast.measure, lambda c, m: measures.lift(c.senior, m, why="Talked it over.")),
    ("measure", "annul"): (Cast.measure, annul),
}


def test_every_move_is_walked():
    assert set(WALK) == {(name, move.name) for name, machine in MACHINES.items() for move in machine}


@pytest.mark.parametrize(("machine", "name"), WALK)
def test_a_move_is_in_the_log_told_and_live(machine, name):
    cast, move = Cast(), MACHINES[machine][name]
    make, act = WALK[machine, name]
    before = make(cast)
    seen = _newest(audit.AuditEntry.seq), _newest(changes.Change.id), set(db.session.scalars(_told()))
    act(cast, before)
    acts = select(audit.AuditEntry.act).where(audit.AuditEntry.seq > seen[0])
    names = select(changes.Change.name).where(changes.Change.id > seen[1])
    new = select(Notification.kind).where(Notification.id.not_in(seen[2]))
    assert move.act in set(db.session.scalars(acts))
    assert move.tells <= set(db.session.scalars(new))
    assert not move.live or move.live in set(db.session.scalars(names))
    assert state_after(machine, before) in {move.target, None}
    assert audit.verify() is None


def _newest(column):
    return db.session.scalar(select(column).order_by(column.desc()).limit(1)) or 0


def _told():
    return select(Notification.id)


def state_after(machine, before):
    """What became of the thing of this machine that a walk was about; None when it is made only then."""
    kind = {"entry": Entry, "item": ReviewItem, "appeal": Appeal, "measure": Measure}.get(machine)
    if kind is Entry and isinstance(before, (ReviewItem, Appeal)):
        before = db.session.get_one(Entry, before.entry_id)
    if kind is None or not isinstance(before, kind):
        return None
    return db.session.get(kind, before.id, populate_existing=True).state


# --- everything else is refused ---------------------------------------------------------------------------

STATES = {
    "pending": Cast.pending,
    "leased": Cast.leased,
    "escalated": Cast.escalated,
    "deferred": Cast.deferred,
    "awaiting_second": Cast.awaiting_second,
    "decided": Cast.decided,
    "auto_resolved": Cast.auto_resolved,
    "sealed": lambda c: seal(c, c.reported()),
}
TRIES = {
    "claim": lambda who, i, c: actions.claim(who, i),
    "release": lambda who, i, c: actions.let_go(who, i),
    "transfer": lambda who, i, c: actions.transfer(who, i, to_id=c.other.id),
    "defer": lambda who, i, c: actions.defer(who, i, until=clock.now() + timedelta(hours=2)),
    "wake": lambda who, i, c: actions.wake(who, i),
    "escalate": lambda who, i, c: actions.escalate(who, i, why="Hard."),
    "decide": lambda who, i, c: actions.decide(who, i, outcome="reject", version=i.version, **RULING),
    "confirm": lambda who, i, c: actions.confirm(who, i, version=i.version),
    "refuse": lambda who, i, c: actions.refuse(who, i, why="No.", version=i.version),
    "undo": lambda who, i, c: actions.undo(who, i),
}
ROLES = ("author", "reader", "moderator", "other", "senior", "second", "boss", "admin", "elsewhere")
CLOSE = {"author", "reader", "boss", "admin", "elsewhere"}  # too close to it, or nothing to do with it
MAY = {  # of the others, who may in which state; whoever has it gives it back before leaving it to others
    "claim": {"pending": "moderator other senior second", "leased": "moderator"},
    "release": {"leased": "moderator"},
    "transfer": {"pending": "moderator senior second", "leased": "moderator"},
    "defer": {"pending": "moderator other senior second", "leased": "moderator"},
    "wake": {"deferred": "moderator other senior second"},
    "escalate": {"pending": "moderator other senior second", "leased": "moderator"},
    "decide": {
        "pending": "moderator other senior second",
        "leased": "moderator",
        "escalated": "senior second",
    },
    "confirm": {"awaiting_second": "senior second"},
    "refuse": {"awaiting_second": "senior second"},
    "undo": {"decided": "moderator"},
}


def test_the_table_of_rights_is_within_the_machine():
    for name, states in MAY.items():
        extra = set(states) - ITEM[name].sources
        assert extra <= ({"leased"} if name in {"transfer", "defer"} else set()), name
        assert not any(CLOSE & set(who.split()) for who in states.values())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", TRIES)
def test_whoever_may_not_changes_nothing(name, state):
    cast = Cast()
    item = STATES[state](cast)
    assert item.state == state
    allowed = MAY[name].get(state, "").split()
    for role in ROLES:
        if role in allowed:
            continue
        before = (item.state, item.version, item.lease_by_id, _newest(audit.AuditEntry.seq))
        with suppress(AppError):
            TRIES[name](getattr(cast, role), item, cast)
        db.session.expire(item)
        after = (item.state, item.version, item.lease_by_id, _newest(audit.AuditEntry.seq))
        assert after == before, role


@pytest.mark.parametrize(("name", "state"), [(n, s) for n, states in MAY.items() for s in states])
def test_whoever_may_does(name, state):
    cast = Cast()
    for role in MAY[name][state].split():
        item = STATES[state](cast)
        TRIES[name](getattr(cast, role), item, cast)
        db.session.expire(item)
        assert item.state == ITEM[name].target, role


@pytest.mark.parametrize("name", [move.name for move in ENTRY])
def test_an_entry_in_another_state_stays_as_it_is(name):
    world = make_world()
    entry = make_post(world.author, world.space)
    for state in ENTRY.states - ENTRY[name].sources:
        in_one_transaction(partial(setattr, entry, "state", state))
        with pytest.raises(Conflict):
            posts.rule(entry, name)
        assert db.session.scalar(select(Entry.state).where(Entry.id == entry.id)) == state


def test_an_answered_appeal_is_not_answered_again():
    cast = Cast()
    for first in ("upheld", "partly", "overturned"):
        appeal = cast.appeal()
        answer(cast, appeal, first)
        for again in ("upheld", "overturned"):
            with pytest.raises(AppError):
                answer(cast, appeal, again)
        with pytest.raises(AppError):
            appeals.withdraw(cast.author, appeal)
        with pytest.raises(AppError):
            appeals.say(cast.author, appeal, text="And again.")
        assert db.session.get(Appeal, appeal.id, populate_existing=True).state == first


def test_who_may_not_touch_a_measure():
    cast = Cast()
    measure = cast.suspension()
    for role in ("author", "reader", "moderator", "senior", "boss", "admin", "elsewhere"):
        for act in (measures.confirm, measures.refuse):
            with pytest.raises(AppError):
                act(getattr(cast, role), measure)
    assert db.session.get(Measure, measure.id, populate_existing=True).state == "proposed"
    measures.confirm(cast.second, measure)
    for role in ("author", "reader", "moderator", "boss", "admin", "elsewhere"):
        with pytest.raises(AppError):
            measures.lift(getattr(cast, role), measure, why="Enough.")
    assert db.session.get(Measure, measure.id, populate_existing=True).state == "active"
