"""A case from its start to its end: every move that the tables allow, and who may make it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.charter.rulebook.events import RuleMoved
from app.kernel import audit, changes, clock
from app.kernel.action import announce, in_one_transaction
from app.kernel.db import db
from app.kernel.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Stale
from app.moderation import actions as moderation
from app.moderation import queries as desk
from app.notifications.models import Notification
from app.people.actor import of_person
from app.playbooks import actions, editing, holding, queries
from app.playbooks.evidence import making
from app.playbooks.machine import MACHINES
from app.playbooks.models import CaseStep, PlaybookCase, PlaybookVersion
from app.playbooks.policy import can_see_case, cases_seen_by
from tests.make import make_person
from tests.playbooks.world import everyone, give_boss, item_of, make_company, playbook, reported, steps


def begin(c, key="harassment", who=None, item=None):
    return actions.start(who or c.mo, playbook(key), item=item, why="Look at this")


def later(hours):
    return clock.now() + timedelta(hours=hours)


def all_done(c):
    case = begin(c)
    for step in steps(case):
        actions.skip(c.adm, case, step, why="Not needed.")
    return case


def first(case):
    return case, steps(case)[0]


# machine, move → what stands before it, and what makes it happen
WALK = {
    ("case", "open"): (lambda c: None, lambda c, _: begin(c)),
    ("case", "close"): (all_done, lambda c, case: actions.close(c.mo, case, conclusion="All is said.")),
    ("case", "abandon"): (begin, lambda c, case: actions.abandon(c.sen, case, why="Begun by mistake.")),
    ("step", "finish"): (
        lambda c: first(begin(c)),
        lambda c, found: actions.finish(c.mo, *found, note="Done at noon."),
    ),
    ("step", "skip"): (
        lambda c: first(begin(c)),
        lambda c, found: actions.skip(c.mo, *found, why="No need."),
    ),
    ("step", "escalate"): (lambda c: first(begin(c)), lambda c, _f: actions.escalate_overdue(later(5))),
    ("hold", "place"): (lambda c: None, lambda c, _: begin(c)),
    ("hold", "lift"): (begin, lambda c, case: holding.lift(c.sen, case, why="It is settled.")),
}


def test_every_move_is_walked():
    assert set(WALK) == {(name, move.name) for name, machine in MACHINES.items() for move in machine}


def _newest(column):
    return db.session.scalar(select(func.max(column))) or 0


@pytest.mark.parametrize(("machine", "name"), WALK)
def test_a_move_is_in_the_log_told_and_live(machine, name):
    c, move = make_company(), MACHINES[machine][name]
    before = WALK[machine, name][0](c)
    seq, change = _newest(audit.AuditEntry.seq), _newest(changes.Change.id)
    told = set(db.session.scalars(select(Notification.id)))
    made = WALK[machine, name][1](c, before)
    acts = set(db.session.scalars(select(audit.AuditEntry.act).where(audit.AuditEntry.seq > seq)))
    names = set(db.session.scalars(select(changes.Change.name).where(changes.Change.id > change)))
    kinds = set(db.session.scalars(select(Notification.kind).where(Notification.id.not_in(told))))
    assert move.act in acts
    assert move.live in names
    assert move.tells <= kinds
    thing = before[1] if isinstance(before, tuple) else before if machine != "hold" else None
    if thing is None and isinstance(made, PlaybookCase):
        thing = made if machine == "case" else None
    if thing is not None:
        assert db.session.get(type(thing), thing.id, populate_existing=True).state == move.target
    assert audit.verify() is None


@pytest.mark.parametrize("state", ["done", "skipped"])
def test_what_is_done_or_left_out_stays(state):
    c = make_company()
    case, step = first(begin(c))
    if state == "done":
        actions.finish(c.mo, case, step, note="Done.")
    else:
        actions.skip(c.mo, case, step, why="No need.")
    for again in (
        lambda: actions.finish(c.adm, case, step, note="Again."),
        lambda: actions.skip(c.adm, case, step, why="Again."),
    ):
        with pytest.raises(Stale):
            again()
    assert actions.escalate_overdue(later(10_000)) == len(steps(case)) - 1
    fresh = db.session.get(CaseStep, step.id, populate_existing=True)
    assert (fresh.state, fresh.by_id) == (state, c.mo.id)


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_a_case_that_is_over_stays_so(end):
    c = make_company()
    case = all_done(c)
    step = steps(case)[0]
    actions.close(c.mo, case) if end == "close" else actions.abandon(c.sen, case, why="Enough.")
    for again in (
        lambda: actions.close(c.adm, case),
        lambda: actions.abandon(c.adm, case, why="Again."),
        lambda: actions.finish(c.adm, case, step, note="Again."),
    ):
        with pytest.raises(Stale):
            again()
    assert actions.escalate_overdue(later(10_000)) == 0


def test_whoever_has_done_steps_is_offered_to_close_it():
    c = make_company()
    case = begin(c)
    assert not queries.read_case(c.sen, case).may_close
    case = all_done(c)
    offered = {name for name in ("mo", "sen", "adm") if queries.read_case(getattr(c, name), case).may_close}
    assert offered == {"mo", "sen", "adm"}


def test_it_is_not_closed_while_something_is_to_do():
    c = make_company()
    case = begin(c)
    with pytest.raises(Conflict):
        actions.close(c.sen, case)


OWNED = {  # who may do a step of this owner in an ordinary case
    "moderator": {"mo", "max", "sen", "adm"},
    "senior_moderator": {"sen", "adm"},
    "admin": {"adm"},
    "charter_owner": {"own", "adm"},
    "staff_representative": {"rep", "adm"},
    "auditor": {"aud", "adm"},
}


@pytest.mark.parametrize("owner", OWNED)
def test_a_step_is_for_its_owner(owner):
    c = make_company()
    case = begin(c)
    for name, who in everyone(c).items():
        step = _handed_to(case, owner)
        with suppress(AppError):
            actions.skip(who, case, step, why="No need.")
        done = db.session.get(CaseStep, step.id, populate_existing=True).state == "skipped"
        assert done == (name in OWNED[owner]), name
        _undo(step)


def _handed_to(case, owner):
    step = steps(case)[0]
    in_one_transaction(lambda: setattr(step, "owner", owner))
    return step


def _undo(step):
    def back():
        step.state = "waiting"

    in_one_transaction(back)


def test_only_keepers_end_it_early_or_lift_its_hold():
    c = make_company()
    case = begin(c)
    for name, who in everyone(c).items():
        if name in {"sen", "adm"}:
            continue
        for act in (actions.abandon, holding.lift):
            with pytest.raises(Forbidden):
                act(who, case, why="Enough.")
    assert all(one.lifted_at is None for one in queries.holds_of(case.id))


def test_partners_and_readers_start_nothing():
    c = make_company()
    for who in (c.ana, c.eve, c.own, c.cus):
        with pytest.raises(Forbidden):
            begin(c, who=who)


def test_starting_twice_is_once():
    c = make_company()
    _entry, item = reported(c)
    one = begin(c, item=item)
    assert begin(c, item=desk.get_item(c.max, item.id), who=c.max).id == one.id
    assert db.session.scalar(select(func.count()).select_from(PlaybookCase)) == 1
    actions.abandon(c.sen, one, why="By mistake.")
    assert begin(c, item=item).id != one.id


def test_one_that_is_switched_off_does_not_begin():
    c = make_company()
    editing.switch(c.sen, playbook("danger"), on=False)
    with pytest.raises(Conflict):
        begin(c, "danger")
    entry, _item = reported(c, clause="danger")
    assert _cases_about(entry) == set()


# --- what shows that a step is done ------------------------------------------------------------------------


def _with_artefact(c, artefact, item=None):
    case = begin(c, item=item)
    step = steps(case)[0]
    in_one_transaction(lambda: setattr(step, "artefact", artefact))
    return case, step


@pytest.mark.parametrize(("artefact", "field"), [("note", "note"), ("file", "file"), ("bundle", "note"),
                                                 ("decision", "note")])  # fmt: skip
def test_a_step_wants_what_it_asks_for(artefact, field):
    c = make_company()
    case, step = _with_artefact(c, artefact)
    with pytest.raises(Invalid) as refusal:
        actions.finish(c.mo, case, step)
    assert set(refusal.value.fields) == {field}


def test_a_bundle_or_a_decision_is_enough_where_it_is_asked_for():
    c = make_company()
    _entry, item = reported(c)
    case, step = _with_artefact(c, "bundle", item)
    making.of_case(c.sen, case, why="For the inquiry")
    assert actions.finish(c.mo, case, step).state == "done"
    other = steps(case)[1]
    in_one_transaction(lambda: setattr(other, "artefact", "decision"))
    with pytest.raises(Invalid):
        actions.finish(c.sen, case, other)
    item = item_of(_entry)
    moderation.decide(
        c.max, item, outcome="remove", clause="5.1", reason="It hurts people.", version=item.version
    )
    assert actions.finish(c.sen, case, other).state == "done"


# --- what begins by itself ----------------------------------------------------------------------------------


def _cases_about(entry):
    rows = (
        select(PlaybookVersion.title_en)
        .join(PlaybookCase, PlaybookCase.version_id == PlaybookVersion.id)
        .where(PlaybookCase.entry_id == entry.id)
    )
    return set(db.session.scalars(rows))


def test_a_report_of_danger_begins_one():
    c = make_company()
    entry, _item = reported(c, clause="danger")
    assert _cases_about(entry) == {"Danger to a person"}
    moderation.report(c.eve, entry, clause="danger")
    assert db.session.scalar(select(func.count()).select_from(PlaybookCase)) == 1


def test_another_reason_begins_none():
    c = make_company()
    entry, _item = reported(c)
    assert _cases_about(entry) == set()


def test_many_reports_within_an_hour_begin_one():
    c = make_company()
    entry, _item = reported(c)
    crowd = [make_person() for _n in range(4)]
    for who in crowd[:3]:
        moderation.report(who, entry, clause="5.1")
    assert _cases_about(entry) == set()
    moderation.report(crowd[3], entry, clause="5.1")
    assert _cases_about(entry) == {"Mass reporting"}


def test_a_report_about_a_moderator_goes_outside_their_line():
    c = make_company()
    c.mo = give_boss(c, c.mo, c.sen)
    c.ana = c.mo
    entry, _item = reported(c)
    case = db.session.scalars(select(PlaybookCase)).one()
    seen = {name for name, who in everyone(c).items() if can_see_case(who, case)}
    assert case.access == "outside_line"
    assert seen == {"adm"}  # the moderator's manager is senior, and must not know
    assert entry.author_id == case.concerned_id


def test_a_log_that_does_not_hold_begins_one_and_once():
    from app.admin.actions import note_check

    make_company()
    for _n in range(2):
        note_check(False, 7)
    note_check(True, 9)
    case = db.session.scalars(select(PlaybookCase)).one()
    assert (case.trigger, case.about) == ("audit_broken", "audit:7")


def test_a_rule_that_trips_begins_one():
    make_company()
    fact = {"rule": "mix", "version_id": 1, "before": "live", "after": "flagging", "by_id": None}
    in_one_transaction(lambda: announce(RuleMoved(name="ask", **fact)))
    assert db.session.scalar(select(func.count()).select_from(PlaybookCase)) == 0
    in_one_transaction(lambda: announce(RuleMoved(name="trip", **fact)))
    assert db.session.scalars(select(PlaybookCase.about)).one() == "rule:mix"


# --- what is overdue ---------------


def test_an_overdue_step_goes_to_the_next_owner_and_to_admins_once():
    c = make_company()
    case = begin(c)
    step = steps(case)[0]
    assert (step.owner, actions.escalate_overdue(later(3))) == ("moderator", 0)
    assert actions.escalate_overdue(later(5)) == 1
    assert actions.escalate_overdue(later(5)) == 0
    fresh = db.session.get(CaseStep, step.id, populate_existing=True)
    assert (fresh.state, fresh.owner) == ("overdue", "senior_moderator")
    told = select(Notification.person_id).where(Notification.subject == f"overdue:{step.id}")
    assert sorted(db.session.scalars(told)) == sorted([c.sen.id, c.adm.id])
    assert queries.overdue(c.mo) == queries.overdue(c.adm) == 1
    assert queries.overdue(c.eve) == 0


# --- who sees it ---------------


def _cast(c):
    partner = make_person("part", segment="client", organisation_id=_firm())
    return {**everyone(c), "part": partner}


def _firm():
    from app.organisations.models import Organisation

    return db.session.scalars(select(Organisation.id)).first()


@pytest.mark.parametrize("visibility", ["open", "secret"])
def test_both_forms_of_the_rule_agree(visibility):
    c = make_company(visibility=visibility)
    c.ana = give_boss(c, c.ana, c.max)
    give_boss(c, c.rep, c.ana)
    entry, _item = reported(c)
    for key in ("harassment", "misconduct", "whistleblowing", "rule-malfunction", "personal-data"):
        about = item_of(entry) if key != "rule-malfunction" else None
        begin(c, key, who=c.sen, item=about)
    cases = db.session.scalars(select(PlaybookCase)).all()
    assert len(cases) == 5
    for name, before in _cast(c).items():
        who = of_person(before.id)
        seen = set(db.session.scalars(select(PlaybookCase.id).where(cases_seen_by(who))))
        assert seen == {case.id for case in cases if can_see_case(who, case)}, name


def test_whistle_blowing_is_there_for_its_custodians_only():
    c = make_company()
    _entry, item = reported(c)
    assert begin(c, "whistleblowing", item=item) is None
    case = db.session.scalars(select(PlaybookCase)).one()
    for name, who in everyone(c).items():
        is_custodian = name in {"cus", "cus2"}
        assert can_see_case(who, case) == is_custodian, name
        assert (case.id in [row.id for row in queries.cases(who, is_open=True).items]) == is_custodian
        if not is_custodian:
            with pytest.raises(NotFound):
                queries.get_case(who, case.id)
            with pytest.raises(AppError):
                desk.get_item(who, item.id)
    assert desk.counts(c.sen)["waiting"] == 0
    assert desk.items(c.sen, "open").items == []
    told = select(Notification.person_id).where(Notification.kind == "playbook")
    assert set(db.session.scalars(told)) == {c.cus.id, c.cus2.id}


def test_more_reports_of_what_is_sealed_stay_with_its_custodians():
    c = make_company()
    entry, item = reported(c)
    begin(c, "whistleblowing", item=item)
    before = _newest(changes.Change.id)
    made = moderation.report(c.eve, entry, clause="danger")
    assert made.item_id == item.id
    assert desk.counts(c.sen)["waiting"] == 0
    told = select(changes.Change.name).where(
        changes.Change.id > before, changes.Change.audience == "moderators"
    )
    assert list(db.session.scalars(told)) == []
    escalated = select(Notification.id).where(Notification.kind == "escalated")
    assert db.session.scalars(escalated).all() == []


def test_custodians_may_give_the_item_back():
    c = make_company()
    _entry, item = reported(c)
    begin(c, "whistleblowing", item=item)
    case = db.session.scalars(select(PlaybookCase)).one()
    for who in (c.sen, c.adm, c.mo):
        with pytest.raises(Forbidden):
            actions.give_back(who, case)
    actions.give_back(c.cus, case)
    assert desk.counts(c.mo)["waiting"] == 1
    with pytest.raises(AppError):
        actions.give_back(c.cus, case)


def test_overdue_steps_of_custodians_stay_among_them():
    c = make_company()
    begin(c, "whistleblowing")
    actions.escalate_overdue(later(5))
    told = select(Notification.person_id).where(Notification.subject.startswith("overdue:"))
    assert set(db.session.scalars(told)) == {c.cus.id, c.cus2.id}


def test_nothing_begins_for_nobody():
    c = make_company()
    editing.entrust(c.adm, playbook("whistleblowing"), "")
    with pytest.raises(Conflict):
        begin(c, "whistleblowing")


def test_whom_it_is_about_never_sees_it():
    c = make_company()
    editing.entrust(c.adm, playbook("whistleblowing"), "ana cus")
    _entry, item = reported(c)
    begin(c, "whistleblowing", item=item)
    case = db.session.scalars(select(PlaybookCase)).one()
    assert can_see_case(c.cus, case)
    assert not can_see_case(c.ana, case)


def test_the_log_does_not_say_what_a_restricted_case_is_about():
    c = make_company()
    entry, item = reported(c)
    seq = _newest(audit.AuditEntry.seq)
    begin(c, "whistleblowing", item=item)
    records = db.session.scalars(select(audit.AuditEntry.record).where(audit.AuditEntry.seq > seq)).all()
    of_case = [one for one in records if '"subject":"case:' in one]
    assert len(of_case) == 2
    assert not any("whistle" in one or str(entry.id) in one for one in of_case)


def test_the_clock_of_a_data_leak_runs_for_72_hours():
    c = make_company()
    case = begin(c, "personal-data")
    assert case.clock_at - case.created_at == timedelta(hours=72)
    assert begin(c, "danger").clock_at is None
