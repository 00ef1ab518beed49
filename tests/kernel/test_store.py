import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.kernel import clock, store
from app.kernel.action import in_one_transaction
from app.kernel.db import db
from app.kernel.ids import new_id
from app.posts.models import Follow, Mention, Revision
from tests.make import make_person, make_post, make_space


@pytest.fixture
def post():
    ana = make_person("ana")
    return make_post(ana, make_space(ana), "One")


@pytest.fixture
def statements():
    seen = []

    def note(_connection, _cursor, statement, *_more):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_a_row_added_is_stored_whole_and_known_without_being_read(post, statements):
    number = new_id()

    def write():
        said = Revision(
            id=number,
            entry_id=post.id,
            number=2,
            author_id=post.author_id,
            body="Two",
            body_html="<p>Two</p>",
        )
        store.add(said)
        assert db.session.get_one(Revision, number) is said
        assert (said.title, said.verdict, said.created_at is not None) == ("", "allow", True)

    in_one_transaction(write)
    assert [words.split()[0] for words in statements if "revisions" in words] == ["INSERT"]
    db.session.expunge_all()
    assert db.session.get_one(Revision, number).body == "Two"


def test_rows_that_are_there_already_are_left_as_they_are(post):
    bo, eve = make_person("bo"), make_person("eve")
    rows = [{"entry_id": post.id, "person_id": who.id} for who in (bo, eve)]
    in_one_transaction(lambda: store.add_missing(Mention, rows[:1]))
    in_one_transaction(lambda: store.add_missing(Mention, rows))
    named = select(Mention.person_id).where(Mention.entry_id == post.id)
    assert set(db.session.scalars(named)) == {bo.id, eve.id}


def test_rows_written_are_counted_on_both_databases(post):
    bo = make_person("bo")
    follow = {"person_id": bo.id, "entry_id": post.id, "mutes": False, "created_at": clock.now()}
    adding = store.insert_into(Follow).on_conflict_do_nothing()
    again = store.insert_into(Follow).from_select(
        ["person_id", "entry_id", "mutes", "created_at"],
        select(Follow.person_id, Follow.entry_id, Follow.mutes, Follow.created_at).where(
            Follow.person_id > 0
        ),
    )

    def write():
        return [
            store.changed(adding, follow),
            store.changed(adding, follow),
            store.changed(again.on_conflict_do_nothing()),
        ]

    assert in_one_transaction(write) == [1, 0, 0]


def test_a_page_is_left_by_a_commit_because_a_rollback_forgets_prepared_statements(sign_in, post):
    ended = []

    def note(name):
        def told(_connection, *_more):
            ended.append(name)

        return told

    told = {name: note(name) for name in ("release_savepoint", "rollback_savepoint")}
    browser = sign_in(make_person("bo"))
    for name, listener in told.items():
        event.listen(Engine, name, listener)
    try:
        assert browser.get("/people").status_code == 200
    finally:
        for name, listener in told.items():
            event.remove(Engine, name, listener)
    assert set(ended) == {"release_savepoint"}
