"""A version from its first word to the day it takes effect."""

import contextlib
import hashlib
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.charter import queries as charter
from app.charter.document import actions, drafting, jobs, queries
from app.charter.document.models import FUNCTIONS, Signature
from app.charter.document.payload import (
    canonical,
    mark_of_article,
    mark_of_clause,
    mark_of_head,
    payload,
    seal,
)
from app.charter.document.policy import can_see_version, versions_seen_by
from app.charter.models import DRAFT, IN_FORCE, SCHEDULED, SUPERSEDED, CharterVersion, Rule
from app.charter.rulebook.models import RuleVersion
from app.kernel import clock
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.notifications.models import Notification
from tests.charter.document_world import again, announce, check_off, people, sign_all, start, write_clause
from tests.make import make_charter, make_organisation, make_person, person_of


@pytest.fixture
def who():
    make_charter(mix={"kind": "mixing", "action": "hold"})
    return people()


def _signed_functions(version):
    return set(db.session.scalars(select(Signature.function).where(Signature.version_id == version.id)))


def _told(person, kind="charter"):
    rows = select(Notification).where(Notification.person_id == person.id, Notification.kind == kind)
    return [one.data["step"] for one in db.session.scalars(rows.order_by(Notification.created_at))]


# --- writing ------------------------------------------------------------------------------------------------


def test_a_draft_begins_as_the_version_in_force_and_is_the_only_one(who):
    draft = again(drafting.start_draft(who["owner"]))
    assert (draft.number, draft.state, draft.effective_at) == (2, DRAFT, None)
    assert [c.number for c in draft.clauses] == [c.number for c in charter.version_in_force().clauses]
    assert [c.key for c in draft.clauses] == [c.key for c in charter.version_in_force().clauses]
    assert drafting.start_draft(who["second"]).id == draft.id


def test_the_seal_is_the_hash_of_the_canonical_text_in_both_languages(who):
    draft = start(who["owner"])
    told = payload(draft)
    assert draft.text_hash == seal(draft) == hashlib.sha256(canonical(told).encode()).hexdigest()
    assert json.loads(canonical(told)) == told
    assert told["articles"][0]["clauses"][0]["text"] == {"fr": "text fr", "en": "text en"}
    assert write_clause(who["owner"], draft, "1.1", text_en="Other").text_hash != told


def test_clauses_and_articles_are_counted_anew_and_keep_their_keys(who):
    owner, draft = who["owner"], start(who["owner"])
    before = {c.number: c.key for c in draft.clauses}
    added = drafting.add_clause(owner, draft, draft.articles[0].key, title_fr="Neuf", title_en="New")
    drafting.move_clause(owner, draft, added.key, seen="1.3", article_key=draft.articles[0].key, to=1)
    drafting.move_article(owner, draft, again(draft).articles[4].key, seen=5, to=1)
    draft = again(draft)
    numbers = {c.key: c.number for c in draft.clauses}
    assert [a.number for a in draft.articles] == [1, 2, 3, 4, 5]
    assert numbers[added.key] == "2.1"
    assert (numbers[before["1.1"]], numbers[before["5.1"]]) == ("2.2", "1.1")
    article = draft.articles[1]
    drafting.remove_article(owner, draft, article.key, mark_of_article(article))
    assert [c.number for c in again(draft).clauses] == [f"{a}.{c}" for a in range(1, 5) for c in (1, 2)]


def test_a_clause_moves_into_another_article(who):
    owner, draft = who["owner"], start(who["owner"])
    key, target = draft.clauses[0].key, draft.articles[2]
    drafting.move_clause(owner, draft, key, seen="1.1", article_key=target.key, to=2)
    draft = again(draft)
    assert [c.key for c in draft.articles[2].clauses][1] == key
    assert [c.number for c in draft.articles[2].clauses] == ["3.1", "3.2", "3.3"]
    assert [c.number for c in draft.articles[0].clauses] == ["1.1"]


def test_two_owners_on_one_clause_the_second_is_told_and_on_two_clauses_nobody_is(who):
    owner, second, draft = who["owner"], who["second"], start(who["owner"])
    one, other = draft.clauses[0], draft.clauses[1]
    marks = mark_of_clause(one), mark_of_clause(other)
    drafting.edit_clause(owner, draft, one.key, marks[0], text_fr="À moi")
    with pytest.raises(Stale):
        drafting.edit_clause(second, draft, one.key, marks[0], text_fr="À moi aussi")
    drafting.edit_clause(second, draft, other.key, marks[1], text_fr="Ailleurs")
    assert [c.text_fr for c in again(draft).clauses[:2]] == ["À moi", "Ailleurs"]
    with pytest.raises(Stale):
        drafting.remove_clause(second, draft, one.key, marks[0])
    with pytest.raises(Stale):
        drafting.move_clause(second, draft, one.key, seen="4.1", article_key=draft.articles[0].key, to=2)


def test_a_draft_is_thrown_away_unless_somebody_commented_on_it(who):
    draft = start(who["owner"])
    drafting.discard_draft(who["owner"], draft)
    assert queries.in_preparation(who["owner"]) is None
    draft = start(who["owner"])
    actions.remark(who["rep"], draft, body="Et les délégués ?")
    with pytest.raises(Conflict):
        drafting.discard_draft(who["owner"], draft)


# --- signing ------------------------------------------------------------------------------------------------


def test_three_people_sign_and_only_then_it_is_announced(who):
    draft = check_off(who["owner"], start(who["owner"]))
    today = queries.today()
    for signed, function in enumerate(FUNCTIONS):
        with pytest.raises(Conflict):
            actions.schedule(who["owner"], draft, effective_on=today, text_hash=draft.text_hash)
        actions.sign(who[function], draft, text_hash=draft.text_hash)
        actions.sign(who[function], draft, text_hash=draft.text_hash)
        assert len(_signed_functions(draft)) == signed + 1
    actions.schedule(who["owner"], draft, effective_on=today, text_hash=draft.text_hash)
    assert again(draft).state == SCHEDULED
    assert _told(who["plain"]) == ["coming"]


def test_nobody_signs_before_the_checklist_is_complete(who):
    draft = start(who["owner"])
    with pytest.raises(Conflict):
        actions.sign(who["it"], draft, text_hash=draft.text_hash)
    tomorrow = queries.today() + timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        drafting.fill_checklist(who["owner"], draft, consulted_on=tomorrow, informed_on=None)
    assert set(refusal.value.fields) == {"consulted_on"}


def test_nobody_signs_twice_under_two_hats_nor_in_anothers_place(who):
    draft = check_off(who["owner"], start(who["owner"]))
    actions.sign(who["it"], draft, text_hash=draft.text_hash)
    actions.appoint(None, person_of(who["it"]), "legal")
    with pytest.raises(Conflict):
        actions.sign(who["it"], draft, text_hash=draft.text_hash)
    actions.appoint(None, person_of(who["plain"]), "it")
    with pytest.raises(Conflict):
        actions.sign(who["plain"], draft, text_hash=draft.text_hash)
    assert _signed_functions(draft) == {"it"}


def test_what_was_read_is_what_is_signed(who):
    draft = check_off(who["owner"], start(who["owner"]))
    seen = draft.text_hash
    write_clause(who["owner"], draft, "1.1", text_fr="Autre")
    with pytest.raises(Stale):
        actions.sign(who["it"], draft, text_hash=seen)


def test_whoever_signed_may_think_again_and_owners_reopen(who):
    draft = sign_all(who, check_off(who["owner"], start(who["owner"])))
    with pytest.raises(Conflict):
        write_clause(who["owner"], draft, "1.1", text_fr="Trop tard")
    actions.take_back_signature(who["it"], draft)
    assert _signed_functions(draft) == {"communication", "legal"}
    actions.sign(who["it"], draft, text_hash=draft.text_hash)
    actions.reopen(who["owner"], draft)
    assert _signed_functions(draft) == set()
    assert write_clause(who["owner"], draft, "1.1", text_fr="À temps").state == DRAFT


CHANGES = {
    "clause": lambda w, d: write_clause(w, d, "2.1", message_en="Otherwise"),
    "grave": lambda w, d: write_clause(w, d, "2.1", severity=3),
    "head": lambda w, d: drafting.edit_head(w, d, mark_of_head(again(d)), preamble_fr="Avant tout"),
    "notice": lambda w, d: drafting.edit_head(w, d, mark_of_head(again(d)), notice_days=3),
    "checklist": lambda w, d: drafting.fill_checklist(w, d, consulted_on=queries.today(), informed_on=None),
    "article": lambda w, d: drafting.add_article(w, d, title_fr="a", title_en="b"),
    "title": lambda w, d: drafting.edit_article(
        w, d, d.articles[0].key, mark_of_article(again(d).articles[0]), title_fr="x", title_en="y"
    ),
    "order": lambda w, d: drafting.move_article(w, d, d.articles[0].key, seen=1, to=2),
    "clause order": lambda w, d: drafting.move_clause(
        w, d, d.clauses[0].key, seen="1.1", article_key=d.articles[0].key, to=2
    ),
    "less": lambda w, d: drafting.remove_clause(w, d, d.clauses[1].key, mark_of_clause(again(d).clauses[1])),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_takes_the_signatures_away(who, change):
    draft = check_off(who["owner"], start(who["owner"]))
    for function in ("it", "legal"):
        actions.sign(who[function], draft, text_hash=draft.text_hash)
    CHANGES[change](who["owner"], draft)
    assert _signed_functions(draft) == set()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert json.loads(entry.record)["data"]["voided"] == ["it", "legal"]


def test_a_save_that_changes_nothing_keeps_the_signatures(who):
    draft = check_off(who["owner"], start(who["owner"]))
    actions.sign(who["it"], draft, text_hash=draft.text_hash)
    write_clause(who["owner"], draft, "2.1", text_fr="text fr")
    assert _signed_functions(draft) == {"it"}


STEPS = st.sampled_from(
    [
        *(f"sign {function}" for function in FUNCTIONS),
        "edit",
        "unsign it",
        "reopen",
        "check",
        "uncheck",
        "schedule",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
def test_however_the_steps_fall_nothing_unsigned_is_ever_announced(who, steps):
    """Whatever the order: announced means checked, and three different people signed exactly this text."""
    draft = start(who["owner"])
    for serial, step in enumerate(steps):
        with contextlib.suppress(Conflict):
            _take(who, draft, step, serial)
        now = again(draft)
        signed = db.session.scalars(select(Signature).where(Signature.version_id == now.id)).all()
        assert {one.text_hash for one in signed} <= {now.text_hash}
        assert now.text_hash == seal(now)
        if now.state == SCHEDULED:
            assert {one.function for one in signed} == set(FUNCTIONS)
            assert len({one.person_id for one in signed}) == 3
            assert (now.consulted_on, now.informed_on) != (None, None)
            actions.withdraw(who["owner"], now)
    actions.reopen(who["owner"], draft)
    drafting.discard_draft(who["owner"], draft)


def _take(who, draft, step, serial):
    seen, day = again(draft).text_hash, queries.today()
    if step.startswith("sign "):
        actions.sign(who[step.removeprefix("sign ")], draft, text_hash=seen)
    elif step == "edit":
        write_clause(who["owner"], draft, "1.1", text_fr=f"Essai {serial}")
    elif step == "unsign it":
        actions.take_back_signature(who["it"], draft)
    elif step == "reopen":
        actions.reopen(who["owner"], draft)
    elif step == "schedule":
        actions.schedule(who["owner"], draft, effective_on=day + timedelta(days=1), text_hash=seen)
    else:
        filled = day if step == "check" else None
        drafting.fill_checklist(who["owner"], draft, consulted_on=filled, informed_on=filled)


# --- taking effect ------------------------------------------------------------------------------------------


def test_the_notice_is_kept(who):
    draft = sign_all(who, check_off(who["owner"], start(who["owner"], notice_days=10)))
    for days in (0, 9):
        day = queries.today() + timedelta(days=days)
        with pytest.raises(Invalid):
            actions.schedule(who["owner"], draft, effective_on=day, text_hash=draft.text_hash)
    day = queries.today() + timedelta(days=10)
    actions.schedule(who["owner"], draft, effective_on=day, text_hash=draft.text_hash)
    assert again(draft).effective_at == queries.start_of(day)


def test_a_version_takes_effect_on_its_day_once_and_ends_the_one_before(who):
    draft = announce(who, start(who["owner"], notice_days=2), days=2)
    jobs.put_into_force()
    assert again(draft).state == SCHEDULED
    assert charter.version_in_force().number == 1
    with clock.at(draft.effective_at + timedelta(seconds=1)):
        assert charter.version_in_force().number == 2
        jobs.put_into_force()
        jobs.put_into_force()
        assert not actions.take_effect(draft.id)
        assert again(draft).state == IN_FORCE
        assert queries.in_preparation(who["owner"]) is None
    states = db.session.scalars(select(CharterVersion.state).order_by(CharterVersion.number)).all()
    assert states == [SUPERSEDED, IN_FORCE]
    assert sorted(_told(who["plain"])) == ["accept", "coming"]
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.act == "charter.effective")).all()
    assert len(acts) == 1


def test_what_is_announced_can_be_withdrawn_before_its_day_and_never_changed(who):
    draft = announce(who, start(who["owner"], notice_days=2), days=2)
    with pytest.raises(Conflict):
        write_clause(who["owner"], draft, "1.1", text_fr="En cachette")
    with pytest.raises(Conflict):
        actions.sign(who["it"], draft, text_hash=draft.text_hash)
    actions.withdraw(who["owner"], draft)
    assert (again(draft).state, again(draft).effective_at) == (DRAFT, None)
    assert _signed_functions(draft) == set()
    assert sorted(_told(who["plain"])) == ["coming", "withdrawn"]
    again_announced = announce(who, again(draft), days=3)
    with clock.at(again_announced.effective_at + timedelta(seconds=1)), pytest.raises(Conflict):
        actions.withdraw(who["owner"], again_announced)


def test_what_was_in_force_on_a_day(who):
    draft = announce(who, start(who["owner"], notice_days=2), days=2)
    day = queries.today()
    with clock.at(draft.effective_at + timedelta(days=5)):
        assert queries.in_force_on(day).number == 1
        assert queries.in_force_on(day + timedelta(days=1)).number == 1
        assert queries.in_force_on(day + timedelta(days=2)).number == 2
        assert queries.in_force_on(day - timedelta(days=40)) is None


def test_rules_follow_the_clause_that_they_mean(who):
    owner, draft = who["owner"], start(who["owner"])
    hanging = next(c for c in draft.clauses if c.number == "4.2")
    rule_id = db.session.scalars(select(Rule.id)).one()
    kept = {"kind": "mixing", "action": "hold", "clause": "4.2", "state": "paused", "since": clock.now()}
    db.session.add(RuleVersion(rule_id=rule_id, number=99, **kept))
    db.session.flush()
    drafting.move_article(owner, draft, draft.articles[0].key, seen=1, to=5)
    assert next(c.number for c in again(draft).clauses if c.key == hanging.key) == "3.2"
    announced = announce(who, again(draft))
    with clock.at(announced.effective_at + timedelta(seconds=1)):
        jobs.put_into_force()
    for column in (Rule.clause, RuleVersion.clause):
        assert set(db.session.scalars(select(column).execution_options(populate_existing=True))) == {"3.2"}


def test_a_version_that_leaves_a_rule_without_clause_is_not_signed(who):
    owner, draft = who["owner"], check_off(who["owner"], start(who["owner"]))
    clause = next(c for c in draft.clauses if c.number == "4.2")
    drafting.remove_clause(owner, draft, clause.key, mark_of_clause(clause))
    with pytest.raises(Conflict) as refusal:
        actions.sign(who["it"], draft, text_hash=again(draft).text_hash)
    assert "4.2" in str(refusal.value)


# --- who may ------------------------------------------------------------------------------------------------

OWNERS = {"owner", "second", "admin"}
SIGNERS = set(FUNCTIONS)
READERS = OWNERS | SIGNERS | {"rep"}
TODAY = clock.now().date()
DEEDS = {
    "start": (OWNERS, lambda w, d: drafting.start_draft(w)),
    "head": (OWNERS, lambda w, d: drafting.edit_head(w, d, mark_of_head(d), title_fr="T")),
    "checklist": (OWNERS, lambda w, d: drafting.fill_checklist(w, d, consulted_on=None, informed_on=None)),
    "article": (OWNERS, lambda w, d: drafting.add_article(w, d, title_fr="a", title_en="b")),
    "clause": (OWNERS, lambda w, d: write_clause(w, d, "1.1", text_fr="x")),
    "discard": (OWNERS, drafting.discard_draft),
    "reopen": (OWNERS, actions.reopen),
    "sign": (SIGNERS, lambda w, d: actions.sign(w, d, text_hash=d.text_hash)),
    "remark": (READERS, lambda w, d: actions.remark(w, d, body="Hm")),
    "remarks": (READERS, queries.remarks),
    "schedule": (OWNERS, lambda w, d: actions.schedule(w, d, effective_on=TODAY, text_hash=d.text_hash)),
    "withdraw": (OWNERS, actions.withdraw),
    "appoint": ({"admin"}, lambda w, d: actions.appoint(w, person_of(make_person()), "it")),
    "dismiss": ({"admin"}, lambda w, d: actions.dismiss(w, 1)),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_for_those_it_is_for(who, deed):
    allowed, do = DEEDS[deed]
    guest = make_organisation("Acme", "client")
    who["partner"] = make_person("cli", segment="client", organisation_id=guest.id)
    draft = check_off(who["owner"], start(who["owner"]))
    if deed == "withdraw":
        sign_all(who, draft)
    for name, person in who.items():
        if name in allowed:
            continue
        with pytest.raises((Forbidden, NotFound)):
            do(person, draft)
    for name in sorted(allowed)[:1]:
        try:
            do(who[name], again(draft))
        except Conflict:
            assert deed in {"schedule", "withdraw"}


def test_drafts_are_not_there_for_others_and_both_forms_agree(who):
    draft = again(drafting.start_draft(who["owner"]))
    guest = make_organisation("Acme", "client")
    who["partner"] = make_person("cli", segment="client", organisation_id=guest.id)
    every = db.session.scalars(select(CharterVersion)).all()
    for name, person in who.items():
        listed = set(db.session.scalars(select(CharterVersion.id).where(versions_seen_by(person))))
        assert listed == {one.id for one in every if can_see_version(person, one)}, name
        assert (draft.id in listed) == (name in READERS), name
        if name not in READERS:
            with pytest.raises(NotFound):
                queries.get_version(person, draft.number)


def test_representatives_are_answered_and_owners_resolve(who):
    draft = again(drafting.start_draft(who["owner"]))
    key = draft.clauses[0].key
    thread = actions.remark(who["rep"], draft, body="Trop vague.", clause_key=key)
    answer = actions.remark(who["owner"], draft, body="Comment dire ?", parent_id=thread.id)
    actions.remark(who["rep"], draft, body="Ainsi.", parent_id=answer.id)
    found = queries.remarks(who["rep"], draft)[key]
    assert [(one.remark.body, [a.body for a in one.answers]) for one in found] == [
        ("Trop vague.", ["Comment dire ?", "Ainsi."])
    ]
    assert _told(who["owner"], "charter_draft") == ["remark", "remark"]
    assert _told(who["rep"], "charter_draft") == ["remark"]
    assert _told(who["plain"], "charter_draft") == []
    with pytest.raises(Forbidden):
        actions.resolve(who["rep"], draft, thread)
    assert queries.open_remarks(draft) == {key: 1}
    actions.resolve(who["owner"], draft, thread)
    assert queries.open_remarks(draft) == {}
    with pytest.raises(NotFound):
        actions.remark(who["rep"], draft, body="Où ?", clause_key="nowhere")
