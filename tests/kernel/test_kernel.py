"""The language that features are written in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from app.kernel import audit, changes, clock, keys, settings
from app.kernel.action import action, announce
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.idempotency import Stored, once
from app.kernel.text import mentions, to_html
from app.people.events import PersonChanged


@action
def _note(*acts):
    for act in acts:
        audit.record(act, None, "test:1", said="é")


def test_an_action_that_fails_leaves_nothing():
    @action
    def fails():
        settings.put("colour", "red")
        audit.record("colour", None, "setting")
        raise Invalid

    with pytest.raises(Invalid):
        fails()
    assert settings.get("colour") is None
    assert audit.verify() is None


def test_facts_belong_to_actions():
    with pytest.raises(RuntimeError):
        announce(PersonChanged(person_id=1))
    with pytest.raises(RuntimeError):
        audit.record("act", None, "test:1")
    with pytest.raises(RuntimeError):
        changes.record("name", changes.EVERYONE)


def test_changes_outside_an_action_are_refused():
    db.session.add(settings.Setting(key="x", value=1, at=clock.now()))
    with pytest.raises(RuntimeError):
        _note("one")
    db.session.rollback()


def test_the_log_is_whole_until_somebody_touches_it():
    _note("one", "two")
    _note("three")
    assert audit.verify() is None


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("record", "{}", "content"),
        ("act", "other", "columns"),
        ("prev", "f" * 64, "follow"),
        ("hash", "0" * 63 + "1", "content"),
    ],
)
def test_a_changed_row_is_refused_by_the_database_and_named_by_the_check(column, value, why):
    _note("one", "two", "three")
    row = db.session.query(AuditEntry).order_by(AuditEntry.seq.desc()).offset(1).first()
    statement = update(AuditEntry).where(AuditEntry.id == row.id).values({column: value})
    with pytest.raises(Exception, match="never changed"), db.session.begin_nested():
        db.session.execute(statement)
    _without_guard()
    db.session.execute(statement)
    broken = audit.verify()
    assert broken is not None
    assert broken.seq == row.seq
    assert why in broken.why


def test_a_missing_row_is_named():
    _note("one", "two", "three")
    last = db.session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
    _without_guard()
    db.session.execute(text("DELETE FROM audit_entries WHERE seq = :seq"), {"seq": last.seq - 1})
    assert audit.verify().seq == last.seq - 1
    db.session.execute(text("DELETE FROM audit_entries WHERE seq >= :seq"), {"seq": last.seq - 1})
    assert "missing" in audit.verify().why


def _without_guard():
    if db.engine.dialect.name == "sqlite":
        for act in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER audit_entries_no_{act}"))
    else:
        db.session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))


def test_changes_come_in_order_and_the_cursor_says_nothing():
    start = changes.head()

    @action
    def tell(*names):
        for name in names:
            changes.record(name, changes.EVERYONE)

    tell("one", "two")
    tell("three")
    rows = changes.since(start)
    assert [row.name for row in rows] == ["one", "two", "three"]
    tokens = [str(changes.Cursor(row.xid, row.id)) for row in rows]
    assert [changes.Cursor.parse(token).id for token in tokens] == [row.id for row in rows]
    assert len({len(token) for token in tokens}) == 1


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_hidden_numbers_come_back(high, low):
    assert keys.reveal("test", keys.hide("test", high, low)) == (high, low)


@given(st.text(max_size=40))
def test_garbage_is_no_token(garbage):
    with pytest.raises(ValueError):  # noqa: PT012
        keys.reveal("test", garbage)
        raise ValueError
    with pytest.raises(ValueError):
        keys.unseal("test", garbage)


def test_a_sealed_value_is_for_its_purpose_and_its_time():
    token = keys.seal("page", [1, 2], lasts=timedelta(minutes=1))
    assert keys.unseal("page", token) == [1, 2]
    with pytest.raises(ValueError, match="forged"):
        keys.unseal("other", token)
    with clock.at(clock.now() + timedelta(minutes=2)), pytest.raises(ValueError, match="expired"):
        keys.unseal("page", token)


def test_the_same_request_has_one_effect_and_one_answer():
    calls = []

    def answer():
        calls.append(1)
        return Stored(201, "/posts/1", "text/html", b"done")

    assert once(1, "key", b"body", answer) == once(1, "key", b"body", answer)
    assert len(calls) == 1
    with pytest.raises(Invalid):
        once(1, "key", b"other", answer)
    assert once(2, "key", b"body", answer).status == 201
    assert len(calls) == 2


def test_a_refused_request_may_be_sent_again():
    def refuse():
        raise Invalid

    with pytest.raises(Invalid):
        once(1, "key", b"body", refuse)
    assert once(1, "key", b"mended", lambda: Stored(200, "", "", b"")).status == 200


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](javascript:1)",
    "[x](data:text/html,<script>1</script>)",
    "[x](//evil.example)",
    "[x](\\x01javascript:alert(1))",
    "<a href='javascript:1' onclick='1'>x</a>",
    "<svg><script>1</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=1>",
    "<a id=x name=y>z</a>",
    "![x](javascript:1)",
    "<https://x.example/?q=<script>>",
    "<!--><script>1</script>-->",
    "`<script>`",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_in_a_text_runs_or_names_elements(body):
    html = to_html(body)
    lowered = html.lower()
    for way in (
        "<script",
        "<img",
        "<svg",
        "<math",
        "<style",
        "onerror=",
        "onclick=",
        'href="javascript',
        "id=",
        "name=",
        'href="data',
    ):
        assert way not in lowered.replace("&lt;", "("), html
    assert 'href="//' not in html


@given(st.text(max_size=300))
def test_any_text_renders_and_renders_twice_alike(body):
    assert to_html(body) == to_html(body)
    assert "<script" not in to_html(body).lower()


def test_deep_nesting_and_long_brackets_are_bounded():
    assert to_html("> " * 5_000 + "x")
    assert to_html("[" * 20_000)
    assert to_html("*" * 20_000)


def test_mentions_become_links_only_when_resolved():
    html = to_html("Hello @ana and @nobody, me@ana.example", {"ana": 7})
    assert '<a href="/people/7">@ana</a>' in html
    assert "@nobody" in html
    assert html.count("<a ") == 1
    assert mentions("@Ana, (@bo) x@y.example @ana") == ["ana", "bo"]
