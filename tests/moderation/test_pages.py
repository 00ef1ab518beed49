import re

from sqlalchemy import select

from app.kernel import audit
from app.kernel.db import db
from app.moderation import actions
from app.moderation.models import Report
from tests.make import make_comment, make_person, make_post
from tests.moderation.world import MIXED, REASON, held, item_of, make_world, state


def page(answer):
    return answer.get_data(as_text=True)


def decision(outcome, **more):
    return {"outcome": outcome, "clause": "4.2", "reason": REASON, "version": "1", **more}


def test_a_case_from_the_queue_to_its_decision_without_scripts(sign_in):
    world = make_world()
    entry, item = held(world)
    desk = sign_in(world.moderator)
    assert f"/moderation/items/{item.id}" in page(desk.get("/moderation"))
    assert 'name="outcome"' not in page(desk.get(f"/moderation/items/{item.id}"))
    taken = desk.post(f"/moderation/items/{item.id}/claim", data={"query": "kind=hold"})
    assert (taken.status_code, taken.location) == (303, f"/moderation/items/{item.id}?kind=hold")
    read = page(desk.get(taken.location))
    assert 'value="release"' in read
    assert ">Acme<" in re.sub(r"\s+", " ", read)
    done = desk.post(f"/moderation/items/{item.id}/decisions", data=decision("release"))
    assert (done.status_code, done.location) == (303, "/moderation?done=decided")
    assert state(entry) == "published"
    assert REASON in page(desk.get("/moderation/decided"))
    assert desk.get(f"/moderation/items/{item.id}").status_code == 200


def test_the_slower_of_two_sees_what_stands_and_keeps_their_words(sign_in):
    world = make_world()
    entry, item = held(world)
    _other, waiting = held(world, f"{MIXED} Another.")
    quick, slow = sign_in(world.moderator), sign_in(world.other_moderator)
    quick.post(f"/moderation/items/{item.id}/decisions", data=decision("release"))
    mine = decision("reject", reason="My own words.")
    answer = slow.post(f"/moderation/items/{item.id}/decisions", data=mine)
    assert answer.status_code == 409
    shown = ("Mo", REASON, "My own words.", f"/moderation/items/{waiting.id}")
    assert all(words in page(answer) for words in shown)
    assert state(entry) == "published"
    told = slow.post(
        f"/moderation/items/{item.id}/decisions", data=decision("reject"), headers={"X-Fragment": "1"}
    )
    assert (told.status_code, told.json["code"], told.json["outcome"]) == (409, "stale", "release")


def test_taking_what_a_colleague_has_says_who(sign_in):
    world = make_world()
    _entry, item = held(world)
    sign_in(world.moderator).post(f"/moderation/items/{item.id}/claim")
    answer = sign_in(world.other_moderator).post(f"/moderation/items/{item.id}/claim")
    assert answer.status_code == 409
    assert "Mo" in page(answer)


def test_after_a_decision_the_next_case_opens(sign_in):
    world = make_world()
    _entry, first = held(world)
    _other, second = held(world, f"{MIXED} Another.")
    desk = sign_in(world.moderator)
    done = desk.post(f"/moderation/items/{first.id}/decisions", data=decision("release"))
    assert done.location == f"/moderation/items/{second.id}?done=decided"
    piece = page(desk.get(f"/moderation/items/{second.id}", headers={"X-Fragment": "1"}))
    assert piece.count("<article") == 1
    assert "<html" not in piece
    assert "<html" not in page(desk.get("/moderation", headers={"X-Fragment": "1"}))
    assert REASON in page(desk.get("/moderation/decided", headers={"X-Fragment": "1"}))


def test_the_author_reads_why_in_place(sign_in):
    world = make_world()
    entry, item = held(world)
    own = sign_in(world.author)
    assert own.get(f"/posts/{entry.id}").status_code == 200
    assert REASON not in page(own.get(f"/posts/{entry.id}"))
    actions.decide(world.moderator, item, outcome="return", clause="4.2", reason=REASON, version=1)
    told = page(own.get(f"/posts/{entry.id}"))
    assert REASON in told
    assert "4.2" in told
    assert world.moderator.name not in re.sub(r"<[^>]*>", " ", told).split()


def test_an_incomplete_decision_comes_back_with_what_was_typed(sign_in):
    world = make_world()
    _entry, item = held(world)
    actions.claim(world.moderator, item)
    answer = sign_in(world.moderator).post(
        f"/moderation/items/{item.id}/decisions", data=decision("", clause="4.1", reason="Kept words")
    )
    assert answer.status_code == 422
    assert "Kept words" in page(answer)


def test_a_refused_form_changes_nothing_and_may_be_mended(sign_in):
    world = make_world()
    entry, item = held(world)
    desk = sign_in(world.moderator)
    wrong = desk.post(
        f"/moderation/items/{item.id}/decisions", data=decision("release", reason="", idempotency="k")
    )
    assert (wrong.status_code, item_of(entry).state, item_of(entry).version) == (422, "pending", 1)
    mended = desk.post(f"/moderation/items/{item.id}/decisions", data=decision("release", idempotency="k"))
    assert (mended.status_code, state(entry)) == (303, "published")


def test_the_same_form_sent_twice_is_one_decision(sign_in):
    world = make_world()
    _entry, item = held(world)
    desk = sign_in(world.moderator)
    answers = [
        desk.post(f"/moderation/items/{item.id}/decisions", data=decision("release", idempotency="once"))
        for _ in range(2)
    ]
    assert [(a.status_code, a.location) for a in answers] == [(303, "/moderation?done=decided")] * 2


def test_the_desk_is_hidden_from_everyone_else(sign_in, anonymous):
    world = make_world()
    _entry, item = held(world)
    paths = ["", "/list", "/count", "/decided", f"/items/{item.id}"]
    for who in (world.colleague, make_person("adm", roles=["admin"])):
        browser = sign_in(who)
        assert {browser.get(f"/moderation{path}").status_code for path in paths} == {404}
        for verb in ("claim", "unclaim", "renew", "decisions", "reveal"):
            answer = browser.post(f"/moderation/items/{item.id}/{verb}", data=decision("release"))
            assert answer.status_code == 404
    assert anonymous.get("/moderation").location.startswith("/sign-in")
    missing, hidden = (page(sign_in(world.colleague).get(f"/moderation/items/{n}")) for n in (1, item.id))
    assert missing == hidden


def test_no_name_before_it_is_revealed(sign_in):
    world = make_world()
    author = make_person("jeanne", name="Jeanne Dupuis")
    witness = make_person("paul", name="Paul Lemaire")
    from tests.make import accept

    accept(author, witness)
    entry = make_post(author, world.space, "You are all fools.")
    make_comment(witness, entry, "Please stop.")
    actions.report(witness, entry, clause="5.1", comment="Insults.")
    item = item_of(entry)
    desk = sign_in(world.moderator)
    before = page(desk.get(f"/moderation/items/{item.id}")) + page(desk.get("/moderation"))
    assert "Insults." in before
    assert "Please stop." in before
    ids = (str(author.id), str(witness.id))
    for identity in ("Jeanne", "Dupuis", "Paul", "Lemaire", "paul", "jeanne", *ids):
        assert identity not in before, identity
    assert desk.post(f"/moderation/items/{item.id}/reveal", data={"why": " "}).status_code == 422
    assert desk.post(f"/moderation/items/{item.id}/reveal", data={"why": "To warn HR"}).status_code == 303
    after = page(desk.get(f"/moderation/items/{item.id}"))
    assert "Jeanne Dupuis" in after
    assert "Paul Lemaire" in after
    assert "Jeanne" not in page(sign_in(world.other_moderator).get(f"/moderation/items/{item.id}"))
    logged = db.session.scalars(select(audit.AuditEntry).where(audit.AuditEntry.act == "item.revealed")).all()
    assert [(row.actor_id, row.subject) for row in logged] == [(world.moderator.id, f"item:{item.id}")]


def test_reporting_without_scripts(sign_in):
    world = make_world()
    entry = make_post(world.author, world.space, "You are all fools.")
    browser = sign_in(world.colleague)
    assert 'value="5.1"' in page(browser.get(f"/posts/{entry.id}/report"))
    wrong = browser.post(f"/posts/{entry.id}/reports", data={"clause": "9.9", "comment": "Rude"})
    assert (wrong.status_code, "Rude" in page(wrong)) == (422, True)
    sent = browser.post(f"/posts/{entry.id}/reports", data={"clause": "5.1", "comment": "Rude"})
    assert sent.status_code == 303
    assert browser.get(sent.location).status_code == 200
    assert sign_in(world.author).get(sent.location).status_code == 404
    again = browser.post(f"/posts/{entry.id}/reports", data={"clause": "5.1", "comment": "Rude"})
    assert again.location == sent.location
    assert len(db.session.scalars(select(Report)).all()) == 1


def test_a_comment_is_reported_from_its_own_page(sign_in):
    world = make_world()
    root = make_post(world.author, world.space)
    answer = make_comment(world.colleague, root, "Fool.")
    browser = sign_in(world.author)
    assert browser.get(f"/comments/{answer.id}/report").status_code == 200
    assert browser.post(f"/comments/{answer.id}/report", data={"clause": "danger"}).status_code == 303
    assert item_of(answer).kind == "report"
    assert sign_in(world.colleague).get(f"/comments/{answer.id}/report").status_code == 403
    own = sign_in(world.colleague).post(f"/comments/{answer.id}/report", data={"clause": "other"})
    assert own.status_code == 403


def test_take_the_next_and_the_numbers(sign_in):
    world = make_world()
    _entry, item = held(world)
    desk = sign_in(world.moderator)
    assert desk.get("/moderation/count").json == {"waiting": 1, "mine": 0, "late": 0}
    assert desk.post("/moderation/next").location == f"/moderation/items/{item.id}"
    assert desk.get("/moderation/count").json == {"waiting": 1, "mine": 1, "late": 0}
    assert desk.post("/moderation/next").location == "/moderation"
    assert desk.post(f"/moderation/items/{item.id}/renew").status_code == 204
    assert desk.post(f"/moderation/items/{item.id}/unclaim").status_code == 303
    assert desk.post(f"/moderation/items/{item.id}/renew").status_code == 409
