from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import Given, endpoint
from app.charter import actions
from app.charter.learning import queries as learning
from app.charter.learning.actions import answer as learn
from app.charter.learning.models import Question
from app.charter.models import Article, CharterVersion, Clause
from app.charter.queries import acceptance, version_in_force
from app.kernel.errors import Conflict, NotFound
from app.kernel.http import actor
from app.kernel.inputs import optional, parse, text
from app.kernel.openapi import many, maybe, number, obj, ref, string
from app.kernel.policy import require
from app.kernel.text import LONGEST
from app.posts import judging, policy
from app.posts.inputs import LONGEST_TITLE
from app.posts.judging import Said
from app.posts.queries import get_post
from app.spaces.queries import audiences, get_space

bp = Blueprint("charter", __name__)
_DRAFT = obj(
    "body", "space_id",
    body=string(LONGEST, 1), title=maybe(string(LONGEST_TITLE)), space_id=number(1), post_id=maybe(number(1)),
)  # fmt: skip

_ANSWERS = obj(
    "version", "answers",
    version=number(1), answers=many(obj("question", "answer", question=number(1), answer=number(0)), 50),
)  # fmt: skip


@bp.get("/charter")
@endpoint("The charter in force, in my language", gives={200: ref("Charter")}, refuses=(404,))
def show() -> ResponseReturnValue:
    """Articles and clauses, and when one accepted them."""
    version = _in_force()
    accepted = acceptance(actor(), version)
    return {
        **_charter(version, _language()),
        "accepted_at": serial.instant(accepted.at if accepted else None),
    }


@bp.post("/charter/acceptance")
@endpoint("Accept the charter in force", takes=obj(version=number(1)), gives={204: None}, refuses=(404, 409))
def accept(given: Given) -> ResponseReturnValue:
    """Once; `version` says which one was read."""
    version = _in_force()
    if given.get("version", version.number) != version.number:
        raise Conflict
    actions.accept(actor(), version, locale=_language())
    return "", 204


@bp.get("/charter/quiz")
@endpoint("The questions on the charter in force, in my language", gives={200: ref("Quiz")}, refuses=(404,))
def quiz() -> ResponseReturnValue:
    """What is asked, and whether one has passed; never which answer is right before one has answered."""
    version = _asked_on()
    return {"version": version.number, "required": version.quiz_required,
            "passed": learning.has_passed(actor(), version),
            "questions": [_question(one, _language()) for one in learning.questions(version)]}  # fmt: skip


@bp.post("/charter/quiz")
@endpoint("Answer the questions; all right is passed", takes=_ANSWERS, gives={200: ref("QuizResult")},
          refuses=(404, 409))  # fmt: skip
def answer_quiz(given: Given) -> ResponseReturnValue:
    """Each answer is explained; one may try again as often as one likes."""
    version = _asked_on()
    if given["version"] != version.number:
        raise Conflict
    chosen = {one["question"]: one["answer"] for one in given["answers"]}
    passed = learn(actor(), version, chosen)
    told = [
        {"id": one.id, "is_right": chosen[one.id] == one.right, "reason": _in(one, "reason", _language())}
        for one in learning.questions(version)
        if one.id in chosen
    ]
    return {"passed": passed, "questions": told}


@bp.post("/charter/evaluate")
@endpoint("What the charter makes of a text; nothing is stored", takes=_DRAFT, gives={200: ref("Verdict")},
          refuses=(404,))  # fmt: skip
def evaluate(given: Given) -> ResponseReturnValue:
    """The check while composing: a post in a space, or a comment under a post of it."""
    space = get_space(actor(), given["space_id"])
    root = get_post(actor(), given["post_id"]) if given.get("post_id") else None
    if root is not None and root.space_id != space.id:
        raise NotFound
    require(policy.can_post(actor(), space) if root is None else policy.can_comment(actor(), root))
    words = parse(
        given, body=text(longest=LONGEST), title=optional(text(longest=LONGEST_TITLE, lines=False), "")
    )
    judgement = judging.judge(Said(actor(), space, words["body"], words["title"], root=root))
    seen = audiences([space.id])[space.id]
    return {
        "action": judgement.action,
        "findings": judgement.told(),
        "audience": {name: getattr(seen, name) for name in ("people", "everyone", "outside", "organisation")},
    }


def _asked_on() -> CharterVersion:
    """The version in force, when something is asked on it."""
    version = _in_force()
    if not learning.has_questions(version):
        raise NotFound
    return version


def _question(one: Question, language: str) -> serial.Json:
    answers = one.answers_en if language == "en" else one.answers_fr
    return {"id": one.id, "text": _in(one, "text", language), "answers": list(answers)}


def _in_force() -> CharterVersion:
    version = version_in_force()
    if version is None:
        raise NotFound
    return version


def _language() -> str:
    return "en" if actor().locale == "en" else "fr"


def _charter(version: CharterVersion, language: str) -> serial.Json:
    return {
        "version": version.number,
        "title": _in(version, "title", language),
        "preamble": _in(version, "preamble", language),
        "effective_at": serial.instant(version.effective_at),
        "articles": [_article(article, language) for article in version.articles],
    }


def _article(article: Article, language: str) -> serial.Json:
    clauses = [_clause(clause, language) for clause in article.clauses]
    return {"number": article.number, "title": _in(article, "title", language), "clauses": clauses}


def _clause(clause: Clause, language: str) -> serial.Json:
    words = {name: _in(clause, name, language) for name in ("title", "text")}
    return {"number": clause.number, **words, "severity": clause.severity}


def _in(told: Any, name: str, language: str) -> str:
    return str(getattr(told, f"{name}_{language}"))
