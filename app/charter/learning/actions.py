from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.charter.events import AcceptanceAwaited
from app.charter.learning import queries
from app.charter.learning.models import Question, QuizPass
from app.charter.learning.policy import can_see_acceptances, can_write_quiz
from app.charter.models import DRAFT, CharterVersion
from app.kernel import audit, clock, settings, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.policy import require
from app.kernel.settings import Setting
from app.people.actor import Actor

MOST_QUESTIONS = 20
REMINDED = "charter_reminded"
_FIELDS = ("clause_key", "text_fr", "text_en", "answers_fr", "answers_en", "right", "reason_fr", "reason_en")


@dataclass(frozen=True)
class Asked:
    """A question as its author wrote it: as many answers in one language as in the other."""

    text_fr: str
    text_en: str
    answers_fr: Sequence[str]
    answers_en: Sequence[str]
    right: int
    reason_fr: str = ""
    reason_en: str = ""
    clause_key: str = ""


@action
def save_question(
    actor: Actor | None, version: CharterVersion, asked: Asked, *, question_id: int | None = None
) -> Question:
    """Ask something on a version, or ask it differently. Invalid when the right answer isn't among them."""
    require(actor is None or can_write_quiz(actor, version))
    _check(asked)
    question = _own(version, question_id) if question_id else _new(version)
    for name in _FIELDS:
        value = getattr(asked, name)
        setattr(question, name, list(value) if name.startswith("answers") else value)
    db.session.add(question)
    db.session.flush()
    audit.record("quiz.saved", actor.id if actor else None, f"charter:{version.id}", question=question.id)
    return question


@action
def remove_question(actor: Actor, version: CharterVersion, question_id: int) -> None:
    """Ask it no more."""
    require(can_write_quiz(actor, version))
    db.session.delete(_own(version, question_id))
    audit.record("quiz.removed", actor.id, f"charter:{version.id}", question=question_id)


@action
def require_quiz(actor: Actor | None, version: CharterVersion, *, required: bool) -> None:
    """Say whether the questions stand before the acceptance or are there to learn only."""
    require(actor is None or can_write_quiz(actor, version))
    row = db.session.get_one(CharterVersion, version.id, with_for_update=True)
    row.quiz_required = required
    audit.record("quiz.required", actor.id if actor else None, f"charter:{version.id}", required=required)


@action
def answer(actor: Actor, version: CharterVersion, given: Mapping[int, int]) -> bool:
    """Answer the questions of a version; True and kept when all are right. Nothing is kept otherwise."""
    require(version.state != DRAFT)
    asked = queries.questions(version)
    if not asked:
        raise NotFound
    if any(given.get(question.id) != question.right for question in asked):
        return False
    row = {"person_id": actor.id, "version_id": version.id, "at": clock.now()}
    db.session.execute(store.insert_into(QuizPass).values(row).on_conflict_do_nothing())
    return True


@action
def copy_questions(from_id: int, to_id: int) -> None:
    """A new draft begins with the questions of the version it is copied from."""
    rows = select(Question).where(Question.version_id == from_id).order_by(Question.position)
    for question in db.session.scalars(rows):
        words = {name: getattr(question, name) for name in _FIELDS}
        db.session.add(Question(version_id=to_id, position=question.position, **words))


@action
def forget_questions(version_id: int) -> None:
    """A draft that is thrown away takes its questions along."""
    db.session.execute(delete(Question).where(Question.version_id == version_id))


@action
def remind(version: CharterVersion, turn: int) -> None:
    """Those who have not accepted a version hear of it, once a turn."""
    told = db.session.get(Setting, REMINDED, populate_existing=True, with_for_update=True)
    if told is not None and told.value == [version.id, turn]:
        return
    settings.put(REMINDED, [version.id, turn])
    audit.record("charter.reminded", None, f"charter:{version.id}", turn=turn)
    announce(AcceptanceAwaited(version_id=version.id, turn=turn))


@action
def note_export(actor: Actor, version: CharterVersion) -> None:
    """Whoever takes the list of acceptances away is noted."""
    require(can_see_acceptances(actor))
    audit.record("acceptances.exported", actor.id, f"charter:{version.id}")


def _own(version: CharterVersion, question_id: int) -> Question:
    found = db.session.get(Question, question_id)
    if found is None or found.version_id != version.id:
        raise NotFound
    return found


def _new(version: CharterVersion) -> Question:
    there = queries.questions(version)
    if len(there) >= MOST_QUESTIONS:
        raise Conflict(_("That is too many: at most %(most)d.", most=MOST_QUESTIONS))
    return Question(version_id=version.id, position=there[-1].position + 1 if there else 1)


def _check(asked: Asked) -> None:
    problems = {}
    if not 2 <= len(asked.answers_fr) <= 6 or len(asked.answers_fr) != len(asked.answers_en):
        problems["answers"] = _("Give two to six answers, each in both languages.")
    if not 0 <= asked.right < len(asked.answers_fr):
        problems["right"] = _("Say which answer is right.")
    if problems:
        raise Invalid(fields=problems)
