"""What a case keeps is there until the hold is lifted, whatever else would remove it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import delete, literal, select, update

from app.admin import actions as admin
from app.auth import actions as auth
from app.auth.models import Session
from app.files import actions as files
from app.files import storage
from app.files.models import File
from app.kernel import clock, holds
from app.kernel.action import in_one_transaction
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Stale
from app.moderation import actions as moderation
from app.playbooks import actions, holding, queries
from app.posts import actions as posts
from app.posts.models import Attachment, Revision
from tests.make import make_post
from tests.playbooks.world import item_of, make_company, playbook


def kept(c):
    """A case that keeps an entry with a file, of an author who was signed in long ago."""
    file = files.upload(c.ana, io.BytesIO(b"the plan"), "plan.txt")
    entry = make_post(c.ana, c.space, "A text", attachments=[file.id])
    auth.open_session(c.ana, login="ana", address="127.0.0.1", device="old")
    moderation.report(c.bo, entry, clause="5.1")
    case = actions.start(c.mo, playbook("harassment"), item=item_of(entry))
    return case, entry, file


def grow_old(c, file):
    """The file is nobody's any more, and the session long over."""
    past = clock.now() - timedelta(days=400)

    def change():
        db.session.execute(delete(Attachment).where(Attachment.file_id == file.id))
        db.session.execute(
            update(File).where(File.id == file.id).values(holder="draft", holder_id=None, created_at=past)
        )
        db.session.execute(update(Session).where(Session.person_id == c.ana.id).values(expires_at=past))

    in_one_transaction(change)


def is_there(model, *where):
    return db.session.scalar(select(model.id).where(*where).limit(1)) is not None


def test_what_is_kept_outlives_every_housework_until_it_is_lifted():
    c = make_company()
    case, entry, file = kept(c)
    posts.take_back(c.ana, entry)
    grow_old(c, file)

    def housework():
        admin.forget_the_old()
        files.remove_loose()
        return (
            is_there(File, File.id == file.id) and storage.path(file.id).exists(),
            is_there(Session, Session.person_id == c.ana.id),
            is_there(Revision, Revision.entry_id == entry.id),
        )

    assert housework() == (True, True, True)
    with pytest.raises(Conflict):
        files.discard(c.ana, db.session.get_one(File, file.id))
    assert storage.path(file.id).exists()
    holding.lift(c.sen, case, why="The inquiry is over.")
    assert housework()[:2] == (False, False)


def test_both_forms_of_the_question_agree():
    c = make_company()
    case, entry, file = kept(c)
    for kind, one in (("entry", entry.id), ("file", file.id), ("person", c.ana.id), ("person", c.bo.id)):
        twin = db.session.scalar(select(holds.is_kept(kind, literal(one))))
        assert holds.is_held(f"{kind}:{one}") == bool(twin) == (str(one) in holds.held_among(kind, [one]))
    assert holds.is_held(f"entry:{entry.id}")
    assert not holds.is_held(f"person:{c.bo.id}")
    holding.lift(c.sen, case, why="Over.")
    assert not holds.is_held(f"entry:{entry.id}")


def test_two_cases_keep_it_twice():
    c = make_company()
    case, entry, _file = kept(c)
    other = actions.start(c.mo, playbook("danger"), item=item_of(entry))
    holding.lift(c.sen, case, why="Over.")
    assert holds.is_held(f"entry:{entry.id}")
    holding.lift(c.sen, other, why="Over.")
    assert not holds.is_held(f"entry:{entry.id}")


def test_it_is_lifted_once_and_for_a_reason():
    c = make_company()
    case, _entry, _file = kept(c)
    with pytest.raises(Invalid):
        holding.lift(c.sen, case, why="  ")
    holding.lift(c.sen, case, why="Over.")
    with pytest.raises(Stale):
        holding.lift(c.adm, case, why="Again.")


def test_the_end_of_a_case_lifts_nothing():
    c = make_company()
    case, entry, _file = kept(c)
    actions.abandon(c.sen, case, why="By mistake.")
    assert holds.is_held(f"entry:{entry.id}")
    assert len(queries.holds_of(case.id)) >= 4


def test_a_playbook_without_a_hold_keeps_nothing():
    c = make_company()
    case = actions.start(c.mo, playbook("rule-malfunction"))
    assert queries.holds_of(case.id) == []
