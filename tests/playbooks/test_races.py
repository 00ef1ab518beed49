"""Several people at the same instant, in real threads with real commits on a database of their own."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.kernel import audit
from app.kernel.db import db
from app.kernel.errors import AppError, Stale
from app.moderation import actions as moderation
from app.moderation import queries as desk
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.playbooks import actions, editing, queries
from app.playbooks.models import CaseStep, Playbook, PlaybookCase, PlaybookVersion
from app.posts.models import Entry
from tests.make import make_person, make_post
from tests.moderation.test_races import at_once, company  # noqa: F401 - a fixture
from tests.playbooks.world import item_of, make_company, playbook, steps

pytestmark = [pytest.mark.outside, pytest.mark.slow]


def counted(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_of_many_who_end_a_step_at_once_one_does(company):  # noqa: F811
    c = make_company()
    case = actions.start(c.mo, playbook("harassment"))
    step = steps(case)[0]
    db.session.remove()

    def doing(who, act):
        def run():
            found = db.session.get_one(PlaybookCase, case.id)
            mine = queries.get_step(found, step.id)
            if act == "finish":
                return actions.finish(who, found, mine, note="Done.").state
            return actions.skip(who, found, mine, why="No need.").state

        return run

    acts = [doing(who, act) for who in (c.mo, c.max, c.sen) for act in ("finish", "skip")]
    results = at_once(company, *acts)
    assert len([one for one in results if isinstance(one, str)]) == 1
    assert len([one for one in results if isinstance(one, Stale)]) == 5
    told = counted(audit.AuditEntry, audit.AuditEntry.act.in_(("step.done", "step.skipped")))
    assert told == 1
    assert audit.verify() is None


def test_of_many_who_start_one_at_once_one_case_runs(company):  # noqa: F811
    c = make_company()
    entry = make_post(c.ana, c.space)
    moderation.report(c.bo, entry, clause="5.1")
    item, plan = item_of(entry), playbook("harassment")
    starters = [make_person(f"m{n}", roles=["moderator"]) for n in range(5)]
    db.session.remove()

    def starting(who):
        return lambda: (
            actions.start(who, db.session.get_one(Playbook, plan.id), item=desk.get_item(who, item.id)).id
        )

    results = at_once(company, *(starting(who) for who in starters))
    assert len(set(results)) == 1
    assert counted(PlaybookCase) == 1


def test_of_many_reports_of_danger_at_once_one_case_begins(company):  # noqa: F811
    c = make_company()
    entry = make_post(c.ana, c.space)
    reporters = [make_person(f"r{n}") for n in range(4)]
    db.session.remove()

    def reporting(who):
        return lambda: moderation.report(who, db.session.get_one(Entry, entry.id), clause="danger").id

    results = at_once(company, *(reporting(who) for who in reporters))
    assert not [one for one in results if isinstance(one, AppError)]
    assert counted(PlaybookCase) == 1


def test_what_is_sealed_while_somebody_decides_is_one_or_the_other(company):  # noqa: F811
    c = make_company()
    entry = make_post(c.ana, c.space)
    moderation.report(c.bo, entry, clause="5.1")
    item, plan = item_of(entry), playbook("whistleblowing")
    db.session.remove()

    def deciding():
        found = db.session.get_one(ReviewItem, item.id)
        return moderation.decide(
            c.mo, found, outcome="remove", clause="5.1", reason="Harsh.", version=item.version
        )

    def sealing():
        actions.start(c.max, db.session.get_one(Playbook, plan.id), item=desk.get_item(c.max, item.id))

    at_once(company, deciding, sealing)
    state = db.session.scalar(select(ReviewItem.state).where(ReviewItem.id == item.id))
    assert state in {"decided", "sealed"}
    assert counted(audit.AuditEntry, audit.AuditEntry.act.in_(("item.decided", "item.sealed"))) == 1


def test_several_workers_escalate_a_step_once(company):  # noqa: F811
    from tests.playbooks.test_cases import later

    c = make_company()
    case = actions.start(c.mo, playbook("harassment"))
    due = later(5)
    db.session.remove()
    results = at_once(company, *[lambda: actions.escalate_overdue(due)] * 4)
    assert sorted(results) == [0, 0, 0, 1]
    assert counted(Notification, Notification.subject.startswith("overdue:")) == 2
    assert counted(CaseStep, CaseStep.case_id == case.id, CaseStep.state == "overdue") == 1


def test_of_many_who_write_at_once_one_version_is_kept(company):  # noqa: F811
    c = make_company()
    plan = playbook("danger")
    content = _content(plan)
    db.session.remove()

    def writing(title):
        def run():
            found = db.session.get_one(Playbook, plan.id)
            return editing.write(c.sen, found, {**content, "title_en": title}, base=1).current

        return run

    results = at_once(company, *(writing(f"Title {n}") for n in range(4)))
    assert len([one for one in results if one == 2]) == 1
    assert len([one for one in results if isinstance(one, Stale)]) == 3
    assert counted(PlaybookVersion, PlaybookVersion.playbook_id == plan.id) == 2


def _content(plan):
    version = queries.version_of(plan)
    names = ("title_fr", "title_en", "summary_fr", "summary_en", "triggers", "access", "holds", "clock_hours",
             "steps")  # fmt: skip
    return {name: getattr(version, name) for name in names}
