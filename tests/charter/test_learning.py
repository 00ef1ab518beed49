"""Questions before acceptance, acceptance anew, reminders, and who has accepted."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.charter import actions as charter_actions
from app.charter import queries as charter
from app.charter.document import drafting, jobs
from app.charter.events import AcceptanceAwaited
from app.charter.learning import actions, queries
from app.charter.learning.jobs import remind_of_acceptance
from app.charter.learning.models import QuizPass
from app.kernel import clock
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.notifications.models import Notification
from app.people import actions as accounts
from tests.charter.document_world import again, announce, people, start
from tests.make import accept, make_charter, make_person

ASKED = actions.Asked(
    text_fr="Qui lit ?", text_en="Who reads?", answers_fr=["Moi", "Toi"], answers_en=["Me", "You"], right=1,
    reason_fr="Parce que.", reason_en="Because.", clause_key="1.1",
)  # fmt: skip


@pytest.fixture
def who():
    make_charter()
    return people()


def _asked(version, *, required=True, times=2):
    actions.require_quiz(None, version, required=required)
    made = [actions.save_question(None, version, ASKED) for _ in range(times)]
    charter.forget()
    return made


def test_the_questions_stand_before_the_acceptance(who, sign_in, api):
    first, second = _asked(charter.version_in_force())
    plain, window = who["plain"], sign_in(who["plain"])
    assert "/charter/quiz" in window.get("/charter/welcome").text
    with pytest.raises(Conflict):
        charter_actions.accept(plain, charter.version_in_force(), locale="fr")
    assert window.post("/charter/acceptance", data={"version": "1", "accept": "1"}).status_code == 409
    assert api(plain)("POST", "/charter/acceptance", {"version": 1})[0] == 409
    wrong = window.post("/charter/quiz", data={"version": "1", f"question-{first.id}": "1"})
    assert wrong.status_code == 200
    assert "Parce que." in wrong.text
    assert not queries.has_passed(plain, charter.version_in_force())
    right = {"version": "1", f"question-{first.id}": "1", f"question-{second.id}": "1"}
    assert "/charter/acceptance" in window.post("/charter/quiz", data=right).text
    window.post("/charter/quiz", data={"version": "1"})
    assert queries.has_passed(plain, charter.version_in_force()), "one may practise without losing it"
    assert window.post("/charter/acceptance", data={"version": "1", "accept": "1"}).status_code == 303
    assert charter.has_accepted(plain)
    kept = db.session.scalars(select(QuizPass)).all()
    assert [(one.person_id, one.version_id) for one in kept] == [(plain.id, charter.version_in_force().id)]


def test_questions_that_are_there_to_learn_only_stop_nobody(who):
    _asked(charter.version_in_force(), required=False)
    accept(who["plain"])
    assert charter.has_accepted(who["plain"])


def test_answers_to_another_version_are_refused(who, sign_in):
    _asked(charter.version_in_force())
    assert sign_in(who["plain"]).post("/charter/quiz", data={"version": "9"}).status_code == 409


def test_a_draft_asks_what_the_version_before_asked(who):
    _asked(charter.version_in_force())
    draft = drafting.start_draft(who["owner"])
    assert [one.text_fr for one in queries.questions(draft)] == ["Qui lit ?"] * 2
    drafting.discard_draft(who["owner"], draft)


def test_owners_write_the_questions_and_nobody_else(who, sign_in):
    version, owner = charter.version_in_force(), sign_in(who["owner"])
    typed = {"text_fr": "Quoi ?", "text_en": "What?", "right": "0", "answer_fr[]": ["A", "B", ""],
             "answer_en[]": ["C", "D", ""], "reason_fr": "", "reason_en": "", "clause_key": ""}  # fmt: skip
    assert owner.post("/charter/versions/1/quiz", data=typed).status_code == 303
    (made,) = queries.questions(version)
    assert (made.answers_fr, made.answers_en, made.right) == (["A", "B"], ["C", "D"], 0)
    bad = owner.post("/charter/versions/1/quiz", data={**typed, "right": "5", "question": str(made.id)})
    assert bad.status_code == 422
    assert "Quoi ?" in bad.text
    assert owner.post("/charter/versions/1/quiz/requirement", data={"required": "1"}).status_code == 303
    assert owner.post(f"/charter/versions/1/quiz/{made.id}/remove").status_code == 303
    for name in ("plain", "rep", "it", "auditor", "moderator"):
        assert sign_in(who[name]).get("/charter/versions/1/quiz").status_code == 403
        assert sign_in(who[name]).post("/charter/versions/1/quiz", data=typed).status_code == 403
        with pytest.raises(Forbidden):
            actions.save_question(who[name], version, ASKED)
    with pytest.raises(Invalid):
        actions.save_question(None, version, actions.Asked("a", "b", ["un"], ["one"], 0))


def test_a_new_version_is_accepted_anew_with_its_date_language_and_text(who):
    accept(who["plain"])
    version = announce(who, start(who["owner"]))
    jobs.put_into_force()
    assert not charter.has_accepted(who["plain"])
    charter_actions.accept(who["plain"], again(version), locale="en")
    charter_actions.accept(who["plain"], again(version), locale="fr")
    kept = charter.acceptance(who["plain"], version)
    assert (kept.locale, kept.text_hash) == ("en", version.text_hash)
    unread = select(Notification).where(
        Notification.person_id == who["plain"].id,
        Notification.read_at.is_(None),
        Notification.kind == "charter",
    )
    assert db.session.scalars(unread).all() == []


def _reminded(person):
    rows = select(Notification).where(Notification.person_id == person.id, Notification.kind == "charter")
    return [one for one in db.session.scalars(rows) if one.data["step"] == "remind"]


MONDAY = datetime(2031, 3, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "hears"),
    [(MONDAY, 1), (MONDAY.replace(hour=5), 0), (MONDAY.replace(hour=20), 0), (MONDAY - timedelta(days=1), 0)],
)
def test_reminders_come_on_working_days_within_the_day_and_once(who, moment, hears):
    accept(who["owner"])
    version = charter.version_in_force()
    with clock.at(moment):
        _set_effective(version, moment - timedelta(days=3, hours=2))
        remind_of_acceptance()
        remind_of_acceptance()
    assert len(_reminded(who["plain"])) == hears
    assert _reminded(who["owner"]) == []
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.act == "charter.reminded")).all()
    assert len(acts) == hears


def _set_effective(version, at):
    from app.charter.models import CharterVersion
    from app.kernel.action import action

    @action
    def put():
        db.session.get_one(CharterVersion, version.id).effective_at = at

    put()
    charter.forget()


def test_reminders_end(who):
    version = charter.version_in_force()
    with clock.at(MONDAY):
        _set_effective(version, MONDAY - timedelta(days=60))
        remind_of_acceptance()
    assert _reminded(who["plain"]) == []
    assert AcceptanceAwaited(version_id=1, turn=1).turn == 1


# --- who has accepted ---------------------------------------------------------------------------------------


def test_teams_too_small_to_hide_in_are_counted_together(who):
    big, small, tiny = (accounts.add_team(None, name=name) for name in ("Atelier", "Paie", "Quai"))
    crowd = [make_person(f"b{n}", team_id=big.id) for n in range(5)]
    for team, n in ((small, 3), (tiny, 2)):
        for one in range(n):
            make_person(f"s{team.id}-{one}", team_id=team.id)
    accept(*crowd[:2])
    version = charter.version_in_force()
    found = {group.name: (group.people, group.accepted) for group in queries.groups(who["owner"], version)}
    accepted, everybody = queries.counts(who["owner"], version)
    assert found == {"Atelier": (5, 2), "": (everybody - 5, 0)}
    assert accepted == 2
    names = [one.id for one in queries.missing(who["owner"], version).items]
    assert crowd[0].id not in names
    assert crowd[4].id in names


def test_a_rest_that_is_too_small_is_not_told_at_all(who):
    team = accounts.add_team(None, name="Atelier")
    from app.kernel.action import action
    from app.people.models import Person

    @action
    def gather():
        everyone = db.session.scalars(select(Person)).all()
        for person in everyone[:-3]:
            person.team_id = team.id

    gather()
    assert [group.name for group in queries.groups(who["owner"], charter.version_in_force())] == ["Atelier"]


def test_the_export_names_everybody_holds_no_formula_and_is_noted(who, sign_in):
    make_person("evil", name="=HYPERLINK(1)")
    accept(who["plain"])
    answer = sign_in(who["owner"]).get("/charter/acceptances.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    by_login = {row["login"]: row for row in rows}
    assert by_login["evil"]["name"] == "'=HYPERLINK(1)"
    assert by_login["plain"]["accepted_at"]
    assert by_login["plain"]["text_sha256"] == charter.version_in_force().text_hash
    assert by_login["owner"]["accepted_at"] == ""
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@")]
    noted = db.session.scalars(
        select(AuditEntry.actor_id).where(AuditEntry.act == "acceptances.exported")
    ).all()
    assert noted == [who["owner"].id]


@pytest.mark.parametrize("path", ["/charter/acceptances", "/charter/acceptances.csv"])
def test_only_owners_and_admins_see_who_has_accepted(who, sign_in, path):
    for name, person in who.items():
        expected = 200 if name in {"owner", "second", "admin"} else 403
        assert sign_in(person).get(path).status_code == expected, name
