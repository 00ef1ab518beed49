from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter import actions, queries
from app.charter.document import policy
from app.charter.document import queries as document
from app.charter.document.comparison import compare
from app.charter.learning import queries as learning
from app.charter.learning.policy import can_write_quiz
from app.charter.models import DRAFT, CharterVersion
from app.charter.policy import can_manage_charter
from app.charter.reading import day_of, head_view, language, signature_views, tools, version_view
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, form, local_path
from app.kernel.inputs import choice, optional, parse, switch, whole

bp = Blueprint("charter", __name__)


@bp.get("/charter")
def show() -> ResponseReturnValue:
    """The charter in force, with the rules that follow from each clause."""
    return _page(_in_force())


@bp.get("/charter/versions")
def versions() -> ResponseReturnValue:
    """Every version there was, and which one counted on a day."""
    current, day = queries.version_in_force(), day_of(request.args.get("on"))
    told = [
        {
            **head_view(version, language()),
            "is_current": current is not None and version.id == current.id,
            "accepted_at": accepted.at if (accepted := queries.acceptance(actor(), version)) else None,
        }
        for version in document.known(actor())
    ]
    then = document.in_force_on(day) if day else None
    return render_template(
        "charter/versions.html",
        versions=told,
        day=day,
        then=head_view(then, language()) if then else None,
        can_prepare=can_manage_charter(actor()) and document.in_preparation(actor()) is None,
        tools=tools(actor()),
    )


@bp.get("/charter/versions/<int:number>")
def version(number: int) -> ResponseReturnValue:
    """One version as it was, or as it is being written."""
    return _page(document.get_version(actor(), number))


@bp.get("/charter/versions/<int:number>/changes")
def changes(number: int) -> ResponseReturnValue:
    """What differs from another version, by default the one before; clause by clause, word by word."""
    after, chosen = document.get_version(actor(), number), language(request.args.get("lang"))
    others = [one for one in document.known(actor()) if one.number != number]
    given = parse(request.args, since=optional(whole()))
    since = given["since"] or next((one.number for one in others if one.number < number), None)
    if since is None:
        raise NotFound
    before = document.get_version(actor(), since)
    return render_template(
        "charter/changes.html",
        before=head_view(before, chosen),
        after=head_view(after, chosen),
        comparison=compare(before, after, chosen),
        others=[one.number for one in others],
        chosen=chosen,
    )


@bp.get("/charter/welcome")
def welcome() -> ResponseReturnValue:
    """The reading, clause by clause."""
    return _welcome(_in_force(), {})


@bp.post("/charter/acceptance")
def accept() -> ResponseReturnValue:
    """Accept the version that was read."""
    given = parse(form(), version=whole(), accept=switch(), language=optional(choice("fr", "en"), language()))
    found = document.get_version(actor(), given["version"])
    if not given["accept"]:
        return _welcome(found, {"accept": _("Tick the box to accept the charter.")}), Invalid.status
    actions.accept(actor(), found, locale=given["language"])
    onward = local_path(request.form.get("next"))
    return redirect(f"{onward}{'&' if '?' in onward else '?'}done=accepted", code=303)


def _in_force() -> CharterVersion:
    found = queries.version_in_force()
    if found is None:
        raise NotFound
    return found


def _page(found: CharterVersion) -> str:
    current, chosen = queries.version_in_force(), language(request.args.get("lang"))
    is_current = current is not None and current.id == found.id
    accepted = queries.acceptance(actor(), found)
    coming = document.announced()
    return render_template(
        "charter/show.html",
        charter=version_view(found, chosen, with_rules=is_current),
        current=current.number if current else None,
        acceptance={"at": accepted.at, "text_hash": accepted.text_hash} if accepted else None,
        signatures=[one for one in signature_views(found) if one["at"] or found.state == DRAFT],
        coming=head_view(coming, chosen) if coming and coming.id != found.id else None,
        chosen=chosen,
        must_pass=is_current and learning.must_pass(actor(), found),
        has_quiz=learning.has_questions(found),
        in_grace=is_current and accepted is None and queries.may_write(actor()),
        remarks=document.open_remarks(found) if policy.can_remark(actor(), found) else None,
        can_write=policy.can_write_version(actor(), found),
        tools=tools(actor()),
    )


def _welcome(found: CharterVersion, errors: dict[str, str]) -> str:
    return render_template(
        "charter/welcome.html",
        charter=version_view(found, language()),
        person={"name": actor().name},
        is_update=found.number > 1 and queries.accepted_before(actor(), found),
        has_quiz=learning.has_questions(found) and not learning.has_passed(actor(), found),
        must_pass=learning.must_pass(actor(), found),
        can_write_quiz=can_write_quiz(actor(), found),
        errors=errors,
        next=local_path(request.args.get("next") or request.form.get("next")),
    )
