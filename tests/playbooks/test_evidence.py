"""A bundle holds what is known, names nobody who reported, and whatever is tampered with in it is named."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import select, text

from app.files import actions as files
from app.kernel import audit
from app.kernel.db import db
from app.kernel.errors import AppError, Forbidden, Invalid, NotFound
from app.moderation import actions as moderation
from app.playbooks import actions, queries
from app.playbooks.evidence import making
from app.playbooks.evidence.archive import seal
from app.playbooks.evidence.checking import check
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from tests.make import make_post
from tests.playbooks.world import everyone, item_of, make_company, playbook


def sealed(c, *, reveal=False, decider=None):
    """A case about something with two texts, a file, a report and a decision; and its bundle."""
    file = files.upload(c.ana, io.BytesIO(b"the plan"), "plan.txt")
    entry = make_post(c.ana, c.space, "Something harsh", attachments=[file.id])
    posts.edit(c.ana, entry, Written(body="Something harsher", attachments=[file.id]))
    moderation.report(c.bo, entry, clause="5.1", comment="It hurts")
    item = item_of(entry)
    if reveal:
        moderation.reveal(c.sen, item, reason="For the inquiry")
    case = actions.start(c.sen, playbook("harassment"), item=item)
    item = item_of(entry)
    moderation.decide(
        decider or c.mo, item, outcome="remove", clause="5.1", reason="Harsh.", version=item.version
    )
    return making.of_case(c.sen, case, why="For the inquiry"), entry, file


def read(bundle):
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_files_give_the_same_archive():
    one, other = seal({"b": b"2", "a": b"1"}, at=1), seal({"a": b"1", "b": b"2"}, at=1)
    assert one == other
    assert seal({"a": b"1", "b": b"3"}, at=1)[1] != one[1]


def test_a_bundle_holds_everything_that_is_known():
    c = make_company()
    bundle, entry, file = sealed(c)
    parts = read(bundle)
    shown = {name: json.loads(raw) for name, raw in parts.items() if name.endswith(".json")}
    assert [one["body"] for one in shown["revisions.json"]] == ["Something harsh", "Something harsher"]
    assert parts[f"files/{file.id}-plan.txt"] == b"the plan"
    assert shown["entry.json"]["author"]["login"] == "ana"
    assert shown["charter.json"]["version"]["number"] == 1
    assert len(shown["charter.json"]["clauses"]) == 10
    assert shown["reports.json"][0]["comment"] == "It hurts"
    (decision,) = shown["decisions.json"]
    assert decision["outcome"] == "remove"
    assert decision["statement"]
    assert len(shown["case.json"]["steps"]) == 6
    acts = {json.loads(json.loads(line)["record"])["act"] for line in parts["log.jsonl"].splitlines()}
    assert {"item.decided", "case.opened", "hold.placed"} <= acts
    assert bundle.manifest == _hash_in_log(bundle)
    assert entry.id == shown["entry.json"]["id"]


def _hash_in_log(bundle):
    rows = select(audit.AuditEntry.record).where(audit.AuditEntry.subject == f"bundle:{bundle.id}")
    return json.loads(db.session.scalars(rows).one())["data"]["manifest"]


def test_who_reported_has_a_pseudonym_unless_revealed():
    c = make_company()
    bundle, _entry, _file = sealed(c)
    whole = b"".join(read(bundle).values()).decode()
    assert str(c.bo.id) not in whole
    assert '"reporter": "Reporter B"' in whole
    named, _entry, _file = sealed(c, reveal=True)
    assert '"login": "bo"' in b"".join(read(named).values()).decode()


def test_no_seal_lets_one_guess_who_reported():
    """Neither the hash of what they did, nor what follows from it, is in the bundle."""
    c = make_company()
    bundle, _entry, _file = sealed(c)
    lines = [json.loads(line) for line in read(bundle)["log.jsonl"].splitlines()]
    theirs = select(audit.AuditEntry).where(audit.AuditEntry.actor_id == c.bo.id)
    whole = json.dumps(lines)
    for one in db.session.scalars(theirs).all():
        assert one.hash not in whole


def write(tmp_path, parts):
    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return place


def test_what_was_sealed_holds(tmp_path):
    c = make_company()
    bundle, _entry, _file = sealed(c)
    place = tmp_path / "bundle.zip"
    place.write_bytes(bundle.content)
    checked = check(place)
    assert (checked.bundle, checked.faults) == (bundle.id, ())


def _change(parts, name="reports.json"):
    parts[name] = parts[name].replace(b"It hurts", b"It is fine")


def _manifest(parts):
    """Somebody who changes a file and the manifest with it."""
    _change(parts)
    kept = {name: content for name, content in parts.items() if name != "manifest.json"}
    about = json.loads(parts["manifest.json"])
    content, _hash = seal(kept, **{key: about[key] for key in ("bundle", "made_at", "made_by", "subject")})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts["manifest.json"] = archive.read("manifest.json")


def _other_log(parts):
    """An excerpt that says something else, with a seal that fits what it says."""
    lines = [json.loads(line) for line in parts["log.jsonl"].splitlines()]
    one = next(line for line in lines if "hash" in line)
    one["record"] = one["record"].replace('"act":"', '"act":"not.')
    one["hash"] = audit.digest(audit.CHAIN, one["seq"], one["prev"], one["record"])
    parts["log.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)


TAMPERING = {
    "changed": (_change, "reports.json was changed"),
    "missing": (lambda parts: parts.pop("decisions.json"), "decisions.json is missing"),
    "added": (lambda parts: parts.update({"more.json": b"{}"}), "more.json was added"),
    "manifest": (_manifest, "manifest.json was changed"),
    "log": (_other_log, "isn't in the chain"),
    "no manifest": (lambda parts: parts.pop("manifest.json"), "manifest.json is missing"),
    "forged": (
        lambda parts: parts.update(
            {"manifest.json": parts["manifest.json"].replace(b'"bundle": ', b'"bundle": 1')}
        ),
        "knows of no such bundle",
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_what_was_tampered_with_is_named(how, tmp_path):
    c = make_company()
    bundle, _entry, _file = sealed(c)
    parts = read(bundle)
    act, said = TAMPERING[how]
    act(parts)
    assert any(said in fault for fault in check(write(tmp_path, parts)).faults)


def test_rubbish_is_refused_in_a_sentence(tmp_path):
    place = tmp_path / "x.zip"
    place.write_bytes(b"rubbish")
    assert "can't be read" in check(place).faults[0]
    assert check(write(tmp_path, {"manifest.json": b"[]"})).faults == (
        "manifest.json isn't that of a bundle",
    )
    assert check(write(tmp_path, {"manifest.json": b"{"})).faults


def _alter_the_log(record):
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER IF EXISTS audit_entries_no_update"))
    else:
        db.session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
    db.session.execute(
        text("UPDATE audit_entries SET record = replace(record, :old, :new) WHERE record LIKE :like"),
        {"old": record, "new": "x" + record, "like": f"%{record}%"},
    )


def test_a_row_changed_in_the_database_is_named_with_the_bundle_too(app, tmp_path):
    c = make_company()
    bundle, _entry, _file = sealed(c)
    place = tmp_path / "bundle.zip"
    place.write_bytes(bundle.content)
    flask = app.test_cli_runner()
    good = flask.invoke(args=["audit", "verify", "--bundle", str(place)])
    assert (good.exit_code, "as it was sealed" in good.output) == (0, True)
    _alter_the_log("item.decided")
    row = db.session.scalars(
        select(audit.AuditEntry.seq).where(audit.AuditEntry.act == "item.decided")
    ).first()
    bad = flask.invoke(args=["audit", "verify", "--bundle", str(place)])
    assert bad.exit_code == 1
    assert f"entry {row} isn't in the chain" in bad.output
    assert f"Entry {row} doesn't hold: its content was changed" in bad.output


# --- who may ------------------------------------------------------------------------------------------------


def test_making_one_is_for_few_and_needs_a_reason():
    c = make_company()
    bundle, entry, _file = sealed(c)
    case = queries.get_case(c.sen, bundle.case_id)
    with pytest.raises(Invalid):
        making.of_case(c.sen, case, why=" ")
    for name, who in everyone(c).items():
        if name == "sen":
            continue
        with pytest.raises(Forbidden):
            making.of_case(who, case, why="To look")
        with pytest.raises(AppError):
            queries.get_bundle(who, bundle.id)
        with pytest.raises(AppError):
            making.of_item(who, item_of(entry), why="To look")
    assert making.of_item(c.sen, item_of(entry), why="To look").item_id == item_of(entry).id


def test_admins_are_told_of_a_case_but_do_not_read_a_closed_space():
    c = make_company(visibility="secret")
    bundle, _entry, _file = sealed(c, decider=c.sen)
    case = queries.get_case(c.adm, bundle.case_id)
    assert queries.read_case(c.adm, case).text is None
    assert queries.read_case(c.sen, case).text == "Something harsher"
    with pytest.raises(NotFound):
        queries.get_bundle(c.adm, bundle.id)


def test_custodians_take_the_evidence_of_what_is_sealed():
    c = make_company()
    entry = make_post(c.ana, c.space, "They cook the books")
    moderation.report(c.bo, entry, clause="other", comment="I know it")
    actions.start(c.mo, playbook("whistleblowing"), item=item_of(entry))
    (row,) = queries.cases(c.cus, is_open=True).items
    case = queries.get_case(c.cus, row.id)
    assert queries.read_case(c.cus, case).text == "They cook the books"
    made = making.of_case(c.cus, case, why="For the inquiry")
    assert b"They cook the books" in read(made)["revisions.json"]
    assert db.session.get(Entry, entry.id) is not None
    with pytest.raises(NotFound):
        queries.get_bundle(c.sen, made.id)
