"""What models say reaches rules only when it may, and never stands in anybody's way."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.charter.models import Finding
from app.kernel import audit
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.moderation.models import ReviewItem
from app.relevance import actions, queries
from app.relevance.classifier.model import TONE, WORK
from app.relevance.models import ModelVersion
from tests.make import make_person, make_post, make_space
from tests.relevance.world import BUSINESS, CHATTER, make_model, make_rules


def found_in(entry):
    rows = select(Finding.rule, Finding.action).where(Finding.revision_id == entry.revision_id)
    return sorted(tuple(row) for row in db.session.execute(rows))


def test_chatter_in_a_work_space_is_flagged_at_most_and_stays_published():
    ana = make_person("ana")
    space = make_space(ana)
    make_rules(ana, action="hold")
    make_model()
    chatter, business = make_post(ana, space, CHATTER), make_post(ana, space, BUSINESS)
    assert (chatter.state, found_in(chatter)) == ("published", [("work", "flag")])
    assert (business.state, found_in(business)) == ("published", [])
    item = db.session.scalars(select(ReviewItem)).one()
    assert (item.entry_id, item.kind) == (chatter.id, "watch")


def test_insults_are_flagged_at_most():
    ana = make_person("ana")
    space = make_space(ana)
    make_rules(ana, action="hold")
    make_model(TONE)
    assert found_in(make_post(ana, space, CHATTER)) == [("tone", "flag")]


def test_nothing_is_said_in_social_spaces_nor_of_few_words_nor_below_200_labels():
    ana = make_person("ana")
    social, internal = make_space(ana, kind="social"), make_space(ana)
    make_rules(ana)
    make_model(WORK)
    make_model(TONE)
    assert found_in(make_post(ana, social, CHATTER)) == []
    assert queries.advise(CHATTER, "union") == queries.Advice()
    assert found_in(make_post(ana, internal, "Match, pizzas ce soir")) == []
    make_model(WORK, labels=199)
    assert found_in(make_post(ana, internal, CHATTER)) == [("tone", "flag")]


def test_without_a_rule_that_listens_no_score_is_taken(monkeypatch):
    ana = make_person("ana")
    space = make_space(ana)
    make_rules(ana, state="draft")
    make_model()
    monkeypatch.setattr("app.posts.judging.advise", lambda *_: pytest.fail("asked"))
    assert make_post(ana, space, CHATTER).state == "published"


def test_a_broken_model_is_silent_and_posting_goes_on():
    ana = make_person("ana")
    space = make_space(ana)
    make_rules(ana)
    make_model()
    db.session.execute(update(ModelVersion).values(content=b"something else"))
    queries.forget()
    entry = make_post(ana, space, CHATTER)
    assert (entry.state, found_in(entry)) == ("published", [])
    assert queries.model_in_force(WORK) is None


def test_the_version_promoted_last_counts_and_an_earlier_one_comes_back():
    owner, moderator = make_person("own", roles=["charter_owner"]), make_person("mo", roles=["moderator"])
    first, second = make_model(), make_model(labels=50)
    assert queries.in_force(WORK).id == second.id
    with pytest.raises(Forbidden):
        actions.promote(moderator, first)
    actions.promote(owner, first)
    actions.promote(owner, first)
    assert queries.in_force(WORK).id == first.id
    assert queries.advise(CHATTER, "internal").work < 0.2
    with pytest.raises(Forbidden):
        actions.silence(moderator, WORK)
    actions.silence(owner, WORK)
    actions.silence(owner, WORK)
    assert queries.in_force(WORK) is None
    assert queries.advise(CHATTER, "internal") == queries.Advice()
    acts = db.session.scalars(
        select(AuditEntry.act).where(AuditEntry.act.like("relevance.%")).order_by(AuditEntry.seq)
    ).all()
    assert acts.count("relevance.promoted") == 3
    assert acts[-1] == "relevance.silenced"
    assert acts.count("relevance.silenced") == 1
    assert audit.verify() is None


def test_a_version_nobody_promoted_says_nothing():
    make_model(promoted=False)
    assert queries.advise(CHATTER, "internal") == queries.Advice()


def test_what_a_rule_noticed_is_explained_by_its_words():
    make_model()
    make_model(TONE)
    assert set(queries.explain(WORK, f"{CHATTER} et le rapport")) == {"match", "pizzas"}
    assert queries.explain(TONE, BUSINESS) == []
