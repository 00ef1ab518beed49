from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import serial
from app.api.declare import endpoint
from app.charter.models import Rule
from app.charter.rulebook import queries
from app.charter.rulebook.models import RuleVersion
from app.charter.rulebook.view import known_spaces
from app.charter.rulebook.words import sentence
from app.kernel.http import actor
from app.kernel.openapi import answer, many, obj, ref, string

bp = Blueprint("rules", __name__)


@bp.get("/charter/rules")
@endpoint("Every rule and its state (charter owners, staff representatives)",
          gives={200: obj("items", items=many(ref("Rule")))}, refuses=(404,))  # fmt: skip
def index() -> ResponseReturnValue:
    """In the order of the clauses they hang on."""
    spaces = known_spaces(actor())
    return {"items": [_rule(rule, coming, spaces) for rule, coming in queries.rules(actor())]}


@bp.get("/charter/rules/<key>")
@endpoint(
    "One rule with its versions (charter owners, staff representatives)",
    path={"key": string(60)},
    gives={200: answer(rule=ref("Rule"), versions=many(ref("RuleVersion")))},
    refuses=(404,),
)
def show(key: str) -> ResponseReturnValue:
    """Versions newest first, each with what it was asked and answered in its present state."""
    rule, spaces = queries.get_rule(actor(), key), known_spaces(actor())
    versions = queries.versions_of(rule)
    coming = next(
        (v for v in versions if v.number > rule.version and v.state not in ("retired", "expired")), None
    )
    return {
        "rule": _rule(rule, coming, spaces),
        "versions": [_version(rule, version, spaces) for version in versions],
    }


def _rule(rule: Rule, coming: RuleVersion | None, spaces: Mapping[str, str]) -> serial.Json:
    words = {name: getattr(rule, name) for name in ("key", "kind", "action", "clause", "version", "state")}
    return {
        **words,
        "sentence": sentence(rule, spaces),
        "expires_at": serial.instant(rule.expires_at),
        "coming": {"version": coming.number, "state": coming.state} if coming else None,
    }


def _version(rule: Rule, version: RuleVersion, spaces: Mapping[str, str]) -> serial.Json:
    counted = queries.counted(rule.key, version.number, version.state)
    return {
        "version": version.number,
        "state": version.state,
        "since": serial.instant(version.since),
        "sentence": sentence(version, spaces),
        "evaluated": counted.evaluated,
        "hits": counted.hits,
        "note": version.note,
        "must_find": version.forbidden,
        "must_leave_alone": version.allowed,
    }
