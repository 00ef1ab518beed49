"""An overturned decision teaches something about the rules that led to it."""

import pytest
from sqlalchemy import select

from app.charter.models import Rule
from app.charter.rulebook import cases, queries
from app.charter.rulebook.models import RuleCase
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, NotFound
from app.moderation import actions, appeals
from app.moderation.models import ReviewItem
from app.trials.lessons import without_names
from tests.make import accept, make_charter, make_person, make_post, make_space
from tests.moderation.world import REASON, item_of

BODY = "Quel bouffon, ce Ana Duval dit @max, Duval !"


def overturned(space=None, **visibility):
    make_charter(lex={"kind": "phrases", "action": "hold", "clause": "3.1", "params": {"terms": ["bouffon"]}})
    author = make_person("ana", name="Ana Duval")
    mo, other = make_person("mo", roles=["moderator"]), make_person("max", roles=["moderator"])
    owner = make_person("ola", roles=["charter_owner"])
    accept(author, mo, other, owner)
    entry = make_post(author, make_space(author, mo, other, **visibility), BODY)
    item = item_of(entry)
    decision = actions.decide(mo, item, outcome="reject", clause="3.1", reason=REASON, version=item.version)
    made = appeals.lodge(author, decision, text="Look again.")
    waiting = db.session.get_one(ReviewItem, made.item_id, populate_existing=True)
    appeals.answer(other, waiting, outcome="overturned", reason="A joke.", version=waiting.version)
    return owner, decision


def test_the_text_becomes_a_proposed_example_without_names(sign_in):
    owner, _decision = overturned()
    case = db.session.scalars(select(RuleCase)).one()
    assert (case.rule, case.must_find, case.state) == ("lex", False, "proposed")
    assert "bouffon" in case.text
    for name in ("ana", "duval", "max"):
        assert name not in case.text.lower()
    assert "bouffon" in sign_in(owner).get("/charter/rules/lex").text


def test_an_owner_takes_it_once_and_a_version_with_it_is_written(sign_in):
    owner, _decision = overturned()
    case = db.session.scalars(select(RuleCase)).one()
    with pytest.raises(Forbidden):
        cases.take(make_person("eve"), case)
    with pytest.raises(NotFound):
        queries.get_case(make_person("eva"), "lex", case.id)
    version = cases.take(owner, case)
    assert case.text in version.allowed
    assert version.state == "draft"
    with pytest.raises(Conflict):
        cases.drop(owner, case)
    assert queries.cases_of("lex") == []
    address = f"/charter/rules/lex/cases/{case.id}/removal"
    assert sign_in(owner).post(address, data={}).status_code == 409
    assert sign_in(make_person("zoe")).post(address, data={}).status_code == 404


def test_of_a_space_that_not_everybody_reads_no_text_leaves():
    overturned(visibility="closed")
    assert db.session.scalars(select(RuleCase)).all() == []


def test_samples_that_hold_the_text_count_it_as_wrong():
    from app.charter.rulebook.models import DONE, RIGHT, Backtest, BacktestHit, RuleVersion
    from app.kernel import clock
    from app.trials import lessons

    _owner, decision = overturned()
    version = db.session.scalars(
        select(RuleVersion).join(Rule, Rule.id == RuleVersion.rule_id).where(Rule.key == "lex")
    ).first()
    trial = Backtest(version_id=version.id, state=DONE, since=clock.now(), read=10, total=10, hits=2)
    db.session.add(trial)
    db.session.flush()
    for place, revision_id in enumerate((decision.revision_id, 404)):
        db.session.add(BacktestHit(
            backtest_id=trial.id, entry_id=decision.entry_id, revision_id=revision_id, space_id=1,
            author=str(place), place=place, label=RIGHT,
        ))  # fmt: skip
    db.session.flush()
    assert queries.precision_in(trial).value == 1.0
    lessons.learn("lex", entry_id=decision.entry_id, revision_id=decision.revision_id,
                  decision_id=decision.id, was_wrong=True)  # fmt: skip
    assert queries.precision_in(trial).value == 0.5
    assert len(db.session.scalars(select(RuleCase)).all()) == 1, "twice is once"


def test_names_are_words_of_their_own():
    assert without_names("Anatole et ana, @lea", ["Ana"]) == "Anatole et A., @person"
