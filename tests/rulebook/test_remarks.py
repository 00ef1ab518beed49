"""Staff representatives have their say on a rule before it takes effect."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.charter.rulebook import policy, remarking
from app.charter.rulebook.models import RuleRemark
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.notifications.models import Notification
from tests.make import make_organisation, make_person
from tests.rulebook.world import backtested, make_live, make_world, propose, queries, through

URL = "/charter/rules/lex.test"


@pytest.fixture
def world(app):
    return make_world()


@pytest.fixture
def representative(world):
    return make_person("rachid", roles=["staff_representative"])


def said() -> list[str]:
    return list(db.session.scalars(select(RuleRemark.body).order_by(RuleRemark.id)))


def told(what: str = "remark") -> list[int]:
    rows = db.session.scalars(select(Notification).where(Notification.kind == "rule"))
    return sorted(one.person_id for one in rows if one.data["what"] == what)


def test_a_representative_comments_an_owner_answers_and_resolves(world, representative, sign_in):
    propose(world.owner)
    theirs, owners = sign_in(representative), sign_in(world.owner)
    answer = theirs.post(f"{URL}/versions/1/remarks", data={"body": "Trop large ?"})
    assert (answer.status_code, answer.location) == (303, f"{URL}?done=saved#remarks-1")
    assert "Trop large ?" in owners.get(URL).text
    assert told() == sorted([world.owner.id, world.other.id])
    remark = db.session.scalars(select(RuleRemark)).one()
    owners.post(f"{URL}/versions/1/remarks", data={"body": "Je réduis.", "parent_id": str(remark.id)})
    assert representative.id in told()
    assert "commenté la règle lex.test" in theirs.get("/notifications").text
    resolution = f"{URL}/versions/1/remarks/{remark.id}/resolution"
    assert theirs.post(resolution, data={"done": "1"}).status_code == 403
    for _twice in range(2):
        assert owners.post(resolution, data={"done": "1"}).status_code == 303
    assert "Traitée" in theirs.get(URL).text
    assert owners.post(resolution, data={"done": "0"}).status_code == 303
    assert "Traitée" not in theirs.get(URL).text


def test_a_remark_sent_twice_is_one(world, representative, sign_in):
    propose(world.owner)
    sent = {"body": "Une fois", "idempotency": "a" * 32}
    for _again in range(2):
        sign_in(representative).post(f"{URL}/versions/1/remarks", data=sent)
    assert said() == ["Une fois"]


def test_whoever_it_does_not_concern_finds_nothing_and_says_nothing(world, representative, sign_in):
    version = propose(world.owner)
    thread = remarking.remark(representative, version, body="Secret")
    client = make_organisation("Boréalis", "client")
    outside = make_person(segment="client", organisation_id=client.id)
    for who in (world.author, outside, make_person(roles=["moderator"])):
        browser = sign_in(who)
        assert browser.get(URL).status_code == 404
        sent = browser.post(f"{URL}/versions/1/remarks", data={"body": "Moi aussi"})
        missing = browser.post("/charter/rules/lex.none/versions/1/remarks", data={"body": "Moi aussi"})
        assert sent.status_code == missing.status_code == 404
        assert (
            browser.post(f"{URL}/versions/1/remarks/{thread.id}/resolution", data={"done": "1"}).status_code
            == 404
        )
        with pytest.raises(Forbidden):
            remarking.remark(who, version, body="Moi aussi")
    assert said() == ["Secret"]


def test_once_it_stands_it_is_read_and_no_longer_discussed(world, representative, sign_in):
    version = propose(world.owner, action="flag")
    remarking.remark(representative, version, body="D’accord ainsi")
    backtested(version, right=30)
    through(world, version, "test", "dry_run")
    remarking.remark(representative, version, body="Toujours d’accord")
    through(world, version, "cap")
    browser = sign_in(representative)
    assert "D’accord ainsi" in browser.get(URL).text
    assert browser.post(f"{URL}/versions/1/remarks", data={"body": "Trop tard"}).status_code == 403
    assert said() == ["D’accord ainsi", "Toujours d’accord"]


def test_both_forms_of_who_sees_remarks_agree(world, representative):
    remark = remarking.remark(representative, propose(world.owner), body="Oui")
    client = make_organisation("Boréalis", "client")
    people = [world.owner, world.author, representative, make_person(roles=["admin"]),
              make_person(segment="client", organisation_id=client.id)]  # fmt: skip
    for who in people:
        rows = select(RuleRemark.id).where(policy.remarks_seen_by(who))
        assert (db.session.scalar(rows) is not None) == policy.can_see_remark(who, remark)
    assert policy.can_see_remark(representative, remark)
    assert not policy.can_see_remark(world.author, remark)


def test_an_answer_belongs_to_its_version(world, representative):
    first = propose(world.owner)
    thread = remarking.remark(representative, first, body="Première")
    make_live(world, "lex.other")
    other = propose(world.owner, "lex.third")
    with pytest.raises(NotFound):
        remarking.remark(representative, other, body="Ailleurs", parent_id=thread.id)
    nested = remarking.remark(world.owner, first, body="Réponse", parent_id=thread.id)
    again = remarking.remark(representative, first, body="Merci", parent_id=nested.id)
    assert again.parent_id == thread.id
    assert [len(answers) for _remark, answers in queries.remarks(representative, first)] == [2]
