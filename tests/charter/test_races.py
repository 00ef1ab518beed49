"""Several people at the same instant on one version, in real threads with real commits."""

from __future__ import annotations

import os
import threading

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.charter import actions as charter_actions
from app.charter import queries as charter
from app.charter.document import actions, drafting, queries
from app.charter.document.models import FUNCTIONS, Signature
from app.charter.document.payload import seal
from app.charter.models import DRAFT, IN_FORCE, SCHEDULED, Acceptance, CharterVersion
from app.kernel import changes, settings
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import AppError, Conflict
from config import Settings
from tests import services
from tests.charter.document_world import again, check_off, people, sign_all, start, write_clause
from tests.conftest import SECRET
from tests.make import make_charter

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
        make_charter()
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
        thread.join(60)
    return results


def test_one_draft_is_begun_however_many_begin_it(company):
    who = people()
    db.session.remove()
    owners = [who["owner"], who["second"], who["admin"]] * 2
    results = at_once(company, *(lambda one=one: drafting.start_draft(one).id for one in owners))
    begun = {one for one in results if not isinstance(one, AppError)}
    assert len(begun) == 1
    assert all(isinstance(one, Conflict) for one in results if isinstance(one, AppError))
    assert db.session.scalar(select(func.count()).where(CharterVersion.state == DRAFT)) == 1


def test_a_signature_and_a_change_at_once_never_leave_a_signature_of_another_text(company):
    who = people()
    draft = check_off(who["owner"], start(who["owner"]))
    for turn in range(4):
        seen = again(draft).text_hash
        db.session.remove()
        at_once(
            company,
            lambda turn=turn: write_clause(who["owner"], draft, "1.1", text_fr=f"Essai {turn}"),
            *(lambda f=f, seen=seen: actions.sign(who[f], draft, text_hash=seen) for f in FUNCTIONS),
        )
        now = again(draft)
        signed = db.session.scalars(select(Signature.text_hash)).all()
        assert now.text_hash == seal(now)
        assert set(signed) <= {now.text_hash}
        actions.reopen(who["owner"], draft)


def test_of_two_signatures_for_one_function_one_counts(company):
    who = people()
    draft = check_off(who["owner"], start(who["owner"]))
    from tests.make import person_of

    actions.appoint(None, person_of(who["plain"]), "it")
    db.session.remove()
    seen = draft.text_hash
    results = at_once(
        company,
        *(lambda name=name: actions.sign(who[name], draft, text_hash=seen) for name in ("it", "plain")),
    )
    assert sum(isinstance(one, Conflict) for one in results) == 1
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 1


def test_an_announcement_and_a_signature_taken_back_at_once_leave_three_or_none_announced(company):
    who = people()
    draft = sign_all(who, check_off(who["owner"], start(who["owner"])))
    day, seen = queries.today(), draft.text_hash
    db.session.remove()
    at_once(
        company,
        lambda: actions.schedule(who["owner"], draft, effective_on=day, text_hash=seen),
        lambda: actions.take_back_signature(who["it"], draft),
        lambda: actions.reopen(who["second"], draft),
    )
    state = db.session.scalar(select(CharterVersion.state).where(CharterVersion.id == draft.id))
    signed = db.session.scalar(select(func.count()).select_from(Signature))
    assert (state, signed) in {(SCHEDULED, 3), (DRAFT, 0), (DRAFT, 2)}


def test_a_version_takes_effect_once_however_many_workers_see_its_hour(company):
    who = people()
    draft = sign_all(who, check_off(who["owner"], start(who["owner"])))
    actions.schedule(who["owner"], draft, effective_on=queries.today(), text_hash=draft.text_hash)
    db.session.remove()
    results = at_once(
        company,
        *(lambda: actions.take_effect(draft.id) for _ in range(4)),
        lambda: actions.withdraw(who["owner"], draft),
    )
    assert results.count(True) == 1
    assert db.session.scalar(select(func.count()).where(CharterVersion.state == IN_FORCE)) == 1
    acts = select(func.count()).where(AuditEntry.act == "charter.effective")
    assert db.session.scalar(acts) == 1


def test_two_windows_of_one_person_accept_once(company):
    who = people()
    version = charter.version_in_force()
    db.session.remove()
    results = at_once(
        company,
        *(lambda: charter_actions.accept(who["plain"], version, locale="fr") for _ in range(4)),
    )
    assert results == [None] * 4
    assert db.session.scalar(select(func.count()).select_from(Acceptance)) == 1
