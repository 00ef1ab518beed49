"""The demo company as people find it once it is loaded: whole, and nothing seen by the wrong eyes."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import func, select

from app.auth import actions as auth
from app.auth.models import Credential
from app.charter import queries as charter
from app.charter.document import queries as document
from app.charter.learning import queries as learning
from app.charter.models import Acceptance
from app.demo.crowd import Crowd
from app.demo.flow import Flow
from app.demo.hours import Hours
from app.demo.load import Loaded, load_company
from app.demo.starter import load_starter
from app.demo.told import NotEmpty
from app.demo.volume import Size, load_volume
from app.feed import queries as feed
from app.files.models import File
from app.kernel import audit, clock
from app.kernel.db import db
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.people.models import Person
from app.people.queries import by_login
from app.posts import policy
from app.posts.models import (
    COMMENT,
    HELD,
    POST,
    PUBLISHED,
    Attachment,
    Bookmark,
    Entry,
    Pin,
    Reaction,
    Revision,
)
from app.posts.queries import get_post, revisions, thread
from app.search import actions as search
from app.search.models import SearchDocument
from app.spaces.models import Membership, Space
from tests import make

END = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def loaded(app: Any) -> Loaded:
    return load_company(1)


def who(login: str) -> Any:
    person = by_login(login)
    assert person is not None
    return make.actor(person.id)


def count(*which: Any) -> int:
    return db.session.scalar(select(func.count()).where(*which)) or 0


@pytest.mark.slow
def test_the_company_is_there_and_lives(loaded: Loaded) -> None:
    assert loaded.surprises == []
    assert (
        count(Person.segment == "employee"),
        count(Person.segment != "employee"),
        count(Space.id > 0),
    ) == (60, 2, 12)
    assert count(Entry.kind == POST, Entry.state == PUBLISHED) >= 290
    assert count(Entry.kind == COMMENT, Entry.state == PUBLISHED) > 500
    assert min(count(Reaction.entry_id > 0), count(Attachment.position >= 0), count(Pin.entry_id > 0)) > 0
    assert count(Bookmark.entry_id > 0) > 30
    assert count(Person.photo_id.is_(None)) == 0
    assert count(Person.manager_id.is_(None)) == 3
    assert count(File.holder == "draft") == 0
    assert audit.verify() is None
    _counters_are_true()
    _held_things_wait_unseen()
    _clients_and_suppliers_never_meet_in_public()
    _partners_see_only_their_space()
    _nearly_everybody_accepted(loaded)
    _a_version_is_being_written()
    _again_gives_new_passwords(loaded)


def _counters_are_true() -> None:
    for space in db.session.scalars(select(Space)):
        assert space.member_count == count(Membership.space_id == space.id)
        newest = select(func.max(Entry.position)).where(
            Entry.space_id == space.id, Entry.kind == POST, Entry.state == PUBLISHED
        )
        assert space.last_position == (db.session.scalar(newest) or 0)
    for entry in db.session.scalars(select(Entry)):
        signs = (
            select(Reaction.name, func.count().label("number"))
            .where(Reaction.entry_id == entry.id)
            .group_by(Reaction.name)
        )
        assert entry.reaction_counts == {row.name: row.number for row in db.session.execute(signs)}
        if entry.kind == POST:
            assert entry.comment_count == count(Entry.root_id == entry.id, Entry.state == PUBLISHED)


def _held_things_wait_unseen() -> None:
    held = db.session.scalars(select(Entry).where(Entry.state == HELD)).all()
    assert len(held) == 7
    waiting = set(db.session.scalars(select(ReviewItem.entry_id).where(ReviewItem.state == "pending")))
    assert {entry.id for entry in held} <= waiting
    assert len(waiting) >= 12
    plain = [who(login) for login in ("sylvie.caron", "james.whitfield", "adrien.lacombe", "sonia.keller")]
    for actor in plain:
        seen = select(Entry.id).where(
            policy.visible_to(actor), Entry.state == HELD, Entry.author_id != actor.id
        )
        assert db.session.scalars(seen).all() == []
        told = count(Notification.person_id == actor.id, Notification.entry_id.in_([e.id for e in held]),
                     Notification.actor_id.is_not(None))  # fmt: skip
        assert told == 0


def _clients_and_suppliers_never_meet_in_public() -> None:
    """Each thread as a whole, with the organisation of its space, judged by the engine's own eyes."""
    from app.charter.engine import Author, Draft, evaluate
    from app.charter.engine import Space as EngineSpace

    rows = (
        select(func.coalesce(Entry.root_id, Entry.id).label("thread"), Space, Revision.title, Revision.body)
        .join(Revision, Revision.id == Entry.revision_id)
        .join(Space, Space.id == Entry.space_id)
        .where(Entry.state == PUBLISHED)
        .order_by("thread", Entry.position)
    )
    for _, lines in groupby(db.session.execute(rows).all(), key=lambda row: row.thread):
        said = list(lines)
        space = said[0].Space
        draft = Draft(
            object="post", event="create", title=said[0].title, body="\n\n".join(row.body for row in said),
            space=EngineSpace(str(space.id), space.kind, space.kind != "social",
                              str(space.organisation_id or "") or None),
            author=Author("1", frozenset({"employee"}), "employee"),
        )  # fmt: skip
        found = evaluate(charter.current_policy(), draft, clock.now()).findings
        assert not [finding for finding in found if finding.rule == "mix"], draft.body


def _partners_see_only_their_space() -> None:
    for login, name in (
        ("adrien.lacombe", "Moissonnel · suivi"),
        ("sonia.keller", "Fonderies Malvaux · bruts"),
    ):
        seen = select(Space.name).join(Entry, Entry.space_id == Space.id).where(policy.visible_to(who(login)))
        assert set(db.session.scalars(seen)) == {name}


def _nearly_everybody_accepted(loaded: Loaded) -> None:
    version = charter.version_in_force()
    assert version is not None
    assert version.number == 2
    assert count(Acceptance.version_id == version.id) == 59
    assert set(document.signatures(version)) == {"it", "communication", "legal"}
    assert len(learning.questions(version)) == 5
    assert not learning.must_pass(who("alain.brunet"), version)
    assert all(charter.has_accepted(who(row.login)) for row in loaded.sign_ins)


def _a_version_is_being_written() -> None:
    owner, stranger = who("camille.fontaine"), who("sylvie.caron")
    draft = document.in_preparation(owner)
    assert draft is not None
    assert (draft.number, document.in_preparation(stranger)) == (3, None)
    assert document.open_remarks(draft) == {"6.1": 1}


def _again_gives_new_passwords(loaded: Loaded) -> None:
    assert {"admin", "moderator", "senior moderator", "auditor"} <= {row.role for row in loaded.sign_ins}
    assert count(Credential.person_id > 0) == len(loaded.sign_ins) == 13
    posts, again = count(Entry.id > 0), load_company(1)
    assert count(Entry.id > 0) == posts
    assert [row.login for row in again.sign_ins] == [row.login for row in loaded.sign_ins]
    row = again.sign_ins[0]
    actor = auth.check_password(row.login, row.password, address="127.0.0.1")
    assert actor.login == "mehdi.cherif"


def test_the_company_is_not_mixed_with_another(app: Any) -> None:
    make.make_charter()
    with pytest.raises(NotEmpty):
        load_company(1)


def test_an_empty_installation_gets_a_charter_without_the_demo_in_it(app: Any) -> None:
    assert load_starter()
    version = charter.version_in_force()
    assert version is not None
    said = " ".join(
        f"{clause.text_fr} {clause.text_en} {clause.message_fr} {clause.message_en}"
        for article in version.articles
        for clause in article.clauses
    )
    said += f"{version.title_fr}{version.title_en}{version.preamble_fr}{version.preamble_en}"
    for name in ("Vaudrelle", "vaudrelle", "La place", "Roanne", "Cormoran", "Moissonnel"):
        assert name not in said
    assert {rule.key for rule in charter.rules()} >= {"mix", "lex.insult", "pii.iban", "secret", "att.type"}
    assert not load_starter()


@pytest.fixture
def volume(app: Any) -> list[str]:
    said: list[str] = []
    load_volume(Size(60, 20, 400, 1.0), 7, until=END, say=said.append)
    return said


def test_a_volume_is_coherent(volume: list[str]) -> None:
    assert volume[-1].startswith("Done")
    assert (count(Person.id > 0), count(Space.id > 0), count(Entry.kind == POST)) == (60, 20, 400)
    assert count(Entry.kind == COMMENT) > 200
    assert count(Entry.published_at >= END) == 0
    assert count(Entry.revision_id != Entry.id) == 0
    _counters_are_true()
    assert audit.verify() is None
    for space in db.session.scalars(select(Space)):
        assert count(Membership.space_id == space.id, Membership.role == "owner") == 1


def test_people_of_a_volume_read_and_write_at_once(volume: list[str]) -> None:
    person = db.session.scalars(
        select(Person).where(Person.manager_id.is_not(None)).order_by(Person.id)
    ).first()
    assert person is not None
    actor = make.actor(person.id)
    page = feed.home(actor)
    assert len(page.items) == 20
    assert page.items[0].position == max(row.position for row in page.items)
    post = get_post(actor, next(row.id for row in page.items))
    assert len(thread(post).items) <= post.comment_count
    assert len(revisions(actor, post)) == 1
    assert make.make_post(actor, post.space, "Bonjour").state == PUBLISHED
    assert count(Notification.person_id > 0) > 0


def test_the_same_seed_makes_the_same_volume(volume: list[str]) -> None:
    again, other = (flow(seed).piece(0) for seed in (7, 8))
    stored = select(Entry.id, Entry.space_id, Entry.author_id, Revision.body, Revision.body_html)
    rows = db.session.execute(
        stored.join(Revision, Revision.id == Entry.revision_id).order_by(Entry.id)
    ).all()
    made = zip(again.entries, again.revisions, strict=True)
    assert [tuple(row) for row in rows] == sorted((e[0], e[3], e[6], r[5], r[6]) for e, r in made)
    assert not {row[0] for row in other.entries} & {row[0] for row in again.entries}


def flow(seed: int) -> Flow:
    crowd = Crowd(Size(60, 20, 400, 1.0), seed, Hours.until(END))
    return Flow(crowd, crowd.members())


def test_a_volume_goes_on_where_it_stopped_and_refuses_another_size(volume: list[str]) -> None:
    posts = count(Entry.id > 0)
    load_volume(Size(60, 20, 400, 1.0), 7, until=END, say=lambda _: None)
    assert count(Entry.id > 0) == posts
    with pytest.raises(NotEmpty):
        load_volume(Size(61, 20, 400, 1.0), 7, until=END, say=lambda _: None)
    load_volume(Size(10, 5, 20, 0.0), 8, until=END, say=lambda _: None)
    assert count(Entry.kind == POST) == 420


def test_what_is_made_in_volume_is_found_as_the_product_would_find_it(volume: list[str]) -> None:
    def documents() -> dict[tuple[str, int], tuple[str, str, str, int | None, int | None]]:
        rows = db.session.execute(select(SearchDocument.__table__)).all()
        shown = ("title", "text", "search_text", "space_id", "thread_id")
        return {(row.kind, row.subject_id): tuple(getattr(row, name) for name in shown) for row in rows}

    made = documents()
    assert len(made) == count(Entry.id > 0) + 60 + 20
    search.rebuild()
    assert documents() == made
