from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app.charter import actions, queries
from app.charter.models import CharterVersion
from app.charter.rulebook.policy import can_read_rules
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, form, local_path
from app.kernel.inputs import parse, switch, whole

bp = Blueprint("charter", __name__)


@bp.get("/charter")
def show() -> ResponseReturnValue:
    """The charter in force, with the rules that follow from each clause."""
    return _page(_in_force())


@bp.get("/charter/versions")
def versions() -> ResponseReturnValue:
    """Every version there was."""
    current = queries.version_in_force()
    told = [
        {
            "number": version.number,
            "title": _in(version, "title"),
            "effective_at": version.effective_at,
            "is_current": current is not None and version.id == current.id,
            "accepted_at": accepted.at if (accepted := queries.acceptance(actor(), version)) else None,
        }
        for version in queries.versions()
    ]
    return render_template("charter/versions.html", versions=told)


@bp.get("/charter/versions/<int:number>")
def version(number: int) -> ResponseReturnValue:
    """One version as it was."""
    found = next((v for v in queries.versions() if v.number == number), None)
    if found is None:
        raise NotFound
    return _page(found)


@bp.get("/charter/welcome")
def welcome() -> ResponseReturnValue:
    """The first reading, clause by clause."""
    return _welcome(_in_force(), {})


@bp.post("/charter/acceptance")
def accept() -> ResponseReturnValue:
    """Accept the version that was read."""
    given = parse(form(), version=whole(), accept=switch())
    found = next((v for v in queries.versions() if v.number == given["version"]), None)
    if found is None:
        raise NotFound
    if not given["accept"]:
        return _welcome(found, {"accept": _("Tick the box to accept the charter.")}), Invalid.status
    actions.accept(actor(), found, locale=str(get_locale() or "fr"))
    onward = local_path(request.form.get("next"))
    return redirect(f"{onward}{'&' if '?' in onward else '?'}done=accepted", code=303)


def _in_force() -> CharterVersion:
    found = queries.version_in_force()
    if found is None:
        raise NotFound
    return found


def _page(found: CharterVersion) -> str:
    current = queries.version_in_force()
    accepted = queries.acceptance(actor(), found)
    return render_template(
        "charter/show.html",
        charter=_view(found, with_rules=True),
        current=current.number if current else None,
        acceptance={"at": accepted.at} if accepted else None,
        reads_rules=can_read_rules(actor()),
    )


def _welcome(found: CharterVersion, errors: dict[str, str]) -> str:
    return render_template(
        "charter/welcome.html",
        charter=_view(found),
        person={"name": actor().name},
        is_update=found.number > 1 and queries.accepted_before(actor(), found),
        errors=errors,
        next=local_path(request.args.get("next")),
    )


def _view(found: CharterVersion, *, with_rules: bool = False) -> dict[str, Any]:
    by_clause: dict[str, list[dict[str, str]]] = {}
    for rule in queries.rules() if with_rules else []:
        if rule.state in {"live", "live_soft"}:
            by_clause.setdefault(rule.clause, []).append(
                {"text": _in(rule, "message"), "action": rule.action}
            )
    return {
        "number": found.number,
        "title": _in(found, "title"),
        "preamble": _in(found, "preamble"),
        "effective_at": found.effective_at,
        "articles": [
            {
                "number": article.number,
                "title": _in(article, "title"),
                "clauses": [
                    {
                        "number": clause.number,
                        "title": _in(clause, "title"),
                        "text": _in(clause, "text"),
                        "rules": by_clause.get(clause.number, []),
                    }
                    for clause in article.clauses
                ],
            }
            for article in found.articles
        ],
    }


def _in(what: Any, field: str) -> str:
    """A field in the reader's language."""
    language = "en" if str(get_locale()) == "en" else "fr"
    return str(getattr(what, f"{field}_{language}"))
