"""Questions for those who learn, for those who write them, and who has accepted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.charter import queries as charter
from app.charter.document.queries import get_version
from app.charter.learning import actions, inputs, queries
from app.charter.learning.models import Question
from app.charter.learning.policy import can_see_acceptances, can_write_quiz
from app.charter.models import CharterVersion, Clause
from app.charter.reading import head_view, language, tools
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.http import actor, form, heavy, local_path
from app.kernel.inputs import optional, parse, switch, whole
from app.kernel.policy import require
from app.kernel.sheet import csv_of

bp = Blueprint("charter_learning", __name__, url_prefix="/charter")
_BLANK: dict[str, Any] = {
    "id": None,
    "text_fr": "",
    "text_en": "",
    "reason_fr": "",
    "reason_en": "",
    "clause_key": "",
    "answers_fr": [],
    "answers_en": [],
    "right": 0,
}


@bp.get("/quiz")
def quiz() -> ResponseReturnValue:
    """The questions on the charter in force."""
    return _quiz_page(_in_force(), None)


@bp.post("/quiz")
def answer() -> ResponseReturnValue:
    """Answer them: each is explained; all right is passed, otherwise one tries again."""
    version, given = _in_force(), inputs.chosen(form())
    asked = parse(form(), version=whole())["version"]
    if asked != version.number:
        raise Conflict
    passed = actions.answer(actor(), version, given)
    return _quiz_page(version, given, passed=passed)


@bp.get("/versions/<int:number>/quiz")
def edit(number: int) -> ResponseReturnValue:
    """The questions of a version, for those who write them."""
    return _edit_page(_written(number))


@bp.post("/versions/<int:number>/quiz")
def save(number: int) -> ResponseReturnValue:
    """A new question, or one changed."""
    version, typed = _written(number), form()
    try:
        question_id = parse(typed, question=optional(whole()))["question"]
        asked = actions.Asked(**inputs.question(typed))
        actions.save_question(actor(), version, asked, question_id=question_id)
    except Invalid as refusal:
        return _edit_page(version, typed=typed, errors=refusal.fields), refusal.status
    return redirect(f"/charter/versions/{number}/quiz?done=saved", code=303)


@bp.post("/versions/<int:number>/quiz/requirement")
def require_quiz(number: int) -> ResponseReturnValue:
    """Whether the questions stand before the acceptance."""
    version = _written(number)
    actions.require_quiz(actor(), version, required=parse(form(), required=switch())["required"])
    return redirect(f"/charter/versions/{number}/quiz?done=saved", code=303)


@bp.post("/versions/<int:number>/quiz/<int:question_id>/remove")
def remove(number: int, question_id: int) -> ResponseReturnValue:
    """Ask it no more."""
    actions.remove_question(actor(), _written(number), question_id)
    return redirect(f"/charter/versions/{number}/quiz?done=deleted", code=303)


@bp.get("/acceptances")
def acceptances() -> ResponseReturnValue:
    """How many have accepted the charter in force, by team, and who has not."""
    require(can_see_acceptances(actor()))
    version = _in_force()
    accepted, people = queries.counts(actor(), version)
    page = queries.missing(actor(), version, after=request.args.get("after"))
    return render_template(
        "charter/learning/acceptances.html",
        version=head_view(version, language()),
        accepted=accepted,
        people=people,
        groups=queries.groups(actor(), version),
        smallest=queries.SMALLEST_GROUP,
        missing=page.items,
        tools=tools(actor()),
        next=page.next,
    )


@bp.get("/acceptances.csv")
@heavy
def export() -> ResponseReturnValue:
    """The same, person by person, for a spreadsheet; who takes it away is noted."""
    version = _in_force()
    actions.note_export(actor(), version)
    rows = ((r.login, r.name, r.team, r.at.isoformat() if r.at else "", r.locale, r.text_hash)
            for r in queries.records(actor(), version))  # fmt: skip
    head = ("login", "name", "team", "accepted_at", "language", "text_sha256")
    response = Response(csv_of([head, *rows]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="charter-{version.number}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _in_force() -> CharterVersion:
    found = charter.version_in_force()
    if found is None:
        raise NotFound
    return found


def _written(number: int) -> CharterVersion:
    version = get_version(actor(), number)
    require(can_write_quiz(actor(), version))
    return version


def _quiz_page(version: CharterVersion, given: dict[int, int] | None, *, passed: bool = False) -> str:
    asked = queries.questions(version)
    if not asked:
        raise NotFound
    numbers = {clause.key: clause.number for clause in version.clauses}
    return render_template(
        "charter/learning/quiz.html",
        version=head_view(version, language()),
        questions=[_question_view(one, numbers, given) for one in asked],
        is_answered=given is not None,
        right=sum((given or {}).get(one.id) == one.right for one in asked),
        passed=passed or queries.has_passed(actor(), version),
        is_accepted=charter.acceptance(actor(), version) is not None,
        next=local_path(request.args.get("next") or request.form.get("next")),
    )


def _question_view(
    question: Question, numbers: dict[str, str], given: dict[int, int] | None
) -> dict[str, Any]:
    chosen = (given or {}).get(question.id)
    return {
        "id": question.id,
        "text": getattr(question, f"text_{language()}"),
        "answers": getattr(question, f"answers_{language()}"),
        "chosen": chosen,
        "right": question.right if given is not None else None,
        "is_right": chosen == question.right,
        "reason": getattr(question, f"reason_{language()}"),
        "clause": numbers.get(question.clause_key),
    }


def _edit_page(
    version: CharterVersion, *, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> str:
    questions = [
        {name: getattr(one, name) for name in Question.__table__.columns.keys()}  # noqa: SIM118 - no mapping
        for one in queries.questions(version)
    ]
    draft = dict(_BLANK)
    if typed is not None:
        _show_typed(typed, questions, draft)
    return render_template(
        "charter/learning/edit.html",
        version={**head_view(version, language()), "quiz_required": version.quiz_required},
        questions=questions,
        draft=draft,
        open_id=typed.get("question") or "new" if typed else None,
        clauses=[("", "–"), *(_choice(clause) for clause in version.clauses)],
        most=inputs.MOST_ANSWERS,
        errors=errors or {},
    )


def _choice(clause: Clause) -> tuple[str, str]:
    return clause.key, f"{clause.number} {getattr(clause, f'title_{language()}')}"


def _show_typed(typed: dict[str, Any], questions: list[dict[str, Any]], draft: dict[str, Any]) -> None:
    """What was refused stays in the form that it was typed in."""
    place = next((one for one in questions if str(one["id"]) == typed.get("question")), draft)
    place |= {name: typed[name] for name in place if isinstance(typed.get(name), str) and name != "id"}
    place |= {f"answers_{code}": inputs.answers(typed, code) for code in ("fr", "en")}
    place["right"] = int(place["right"]) if str(place["right"]).isdecimal() else 0
