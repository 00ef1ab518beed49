"""From a written draft to the day it takes effect: checklist, remarks, signatures, announcement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter.document import actions, drafting, inputs, policy, queries
from app.charter.document.models import FUNCTIONS, Remark
from app.charter.models import DRAFT, SCHEDULED, CharterVersion
from app.charter.policy import can_manage_charter
from app.charter.reading import head_view, language, signature_views, tools, version_view
from app.kernel import clock
from app.kernel.errors import AppError, Conflict, Invalid
from app.kernel.http import actor, form
from app.kernel.inputs import choice, day, parse, switch, text
from app.kernel.policy import require
from app.people.queries import by_login, get_person

bp = Blueprint("preparation", __name__)


@bp.get("/versions/<int:number>/preparation")
def show(number: int) -> ResponseReturnValue:
    """What is done and what is missing before a version takes effect."""
    return _page(_prepared(number))


@bp.post("/versions/<int:number>/checklist")
def fill_checklist(number: int) -> ResponseReturnValue:
    """When representatives were consulted and the staff informed."""
    version, typed = _prepared(number), form()
    return _try(
        number,
        lambda: drafting.fill_checklist(actor(), version, **inputs.checklist(typed)),
        typed=typed,
    )


@bp.post("/versions/<int:number>/signature")
def sign(number: int) -> ResponseReturnValue:
    """Sign what was on the page."""
    version = _prepared(number)
    return _try(number, lambda: actions.sign(actor(), version, text_hash=_hash()))


@bp.post("/versions/<int:number>/signature/remove")
def take_back(number: int) -> ResponseReturnValue:
    """Take one's signature back."""
    version = _prepared(number)
    return _try(number, lambda: actions.take_back_signature(actor(), version))


@bp.post("/versions/<int:number>/reopen")
def reopen(number: int) -> ResponseReturnValue:
    """Take all signatures off, to change the text."""
    version = _prepared(number)
    return _try(number, lambda: actions.reopen(actor(), version))


@bp.post("/versions/<int:number>/announcement")
def schedule(number: int) -> ResponseReturnValue:
    """Announce it for a day."""
    version, typed = _prepared(number), form()

    def announce() -> None:
        given = parse(typed, effective_on=day())
        actions.schedule(actor(), version, effective_on=given["effective_on"], text_hash=_hash())

    return _try(number, announce, typed=typed)


@bp.post("/versions/<int:number>/withdrawal")
def withdraw(number: int) -> ResponseReturnValue:
    """Take the announcement back."""
    version = _prepared(number)
    return _try(number, lambda: actions.withdraw(actor(), version))


@bp.get("/versions/<int:number>/remarks")
def remarks(number: int) -> ResponseReturnValue:
    """What was said of each clause."""
    return _remarks_page(_prepared(number))


@bp.post("/versions/<int:number>/remarks")
def remark(number: int) -> ResponseReturnValue:
    """Say something of a clause, or answer."""
    version, typed = _prepared(number), form()
    try:
        made = actions.remark(actor(), version, **inputs.remark(typed))
    except Invalid as refusal:
        return _remarks_page(version, errors=refusal.fields), refusal.status
    return redirect(f"/charter/versions/{number}/remarks#remark-{made.id}", code=303)


@bp.post("/versions/<int:number>/remarks/<int:remark_id>/resolution")
def resolve(number: int, remark_id: int) -> ResponseReturnValue:
    """A thread is dealt with, or isn't after all."""
    version = _prepared(number)
    thread = queries.get_remark(actor(), version, remark_id)
    done = parse(form(), done=switch())["done"]
    actions.resolve(actor(), version, thread, done=done)
    return redirect(f"/charter/versions/{number}/remarks#remark-{remark_id}", code=303)


@bp.get("/signatories")
def signatories() -> ResponseReturnValue:
    """Who signs for what."""
    require(policy.can_appoint(actor()))
    return _signatories_page({}, {})


@bp.post("/signatories")
def appoint() -> ResponseReturnValue:
    """Let somebody sign for a function."""
    require(policy.can_appoint(actor()))
    typed = form()
    try:
        given = parse(typed, person=text(longest=254, lines=False), function=choice(*FUNCTIONS))
        person = by_login(given["person"])
        if person is None:
            raise Invalid(fields={"person": _("Nobody has this login.")})
        actions.appoint(actor(), person, given["function"])
    except Invalid as refusal:
        return _signatories_page(typed, refusal.fields), refusal.status
    return redirect("/charter/signatories?done=saved", code=303)


@bp.post("/signatories/<int:person_id>/remove")
def dismiss(person_id: int) -> ResponseReturnValue:
    """They sign no more."""
    require(policy.can_appoint(actor()))
    actions.dismiss(actor(), get_person(person_id).id)
    return redirect("/charter/signatories?done=saved", code=303)


def _prepared(number: int) -> CharterVersion:
    """A version that is on its way, for those who read drafts."""
    version = queries.get_version(actor(), number)
    require(policy.can_read_drafts(actor()))
    return version


def _hash() -> str:
    return str(parse(form(), text_hash=text(longest=64, lines=False))["text_hash"])


def _try(number: int, deed: Any, *, typed: dict[str, Any] | None = None) -> ResponseReturnValue:
    """Do it and show where things stand; refused, the same page says why."""
    try:
        deed()
    except Invalid as refusal:
        return _page(_prepared(number), typed=typed or {}, errors=refusal.fields), refusal.status
    except Conflict as refusal:
        return _page(_prepared(number), typed=typed or {}, conflict=refusal), refusal.status
    return redirect(f"/charter/versions/{number}/preparation?done=saved", code=303)


def _page(
    version: CharterVersion, *, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None,
    conflict: AppError | None = None,
) -> str:  # fmt: skip
    earliest = queries.today() + timedelta(days=version.notice_days)
    signatures = signature_views(version)
    mine = next((one["function"] for one in signatures if one["person_id"] == actor().id), None)
    return render_template(
        "charter/document/preparation.html",
        version=head_view(version, language()),
        unwritten=queries.unwritten(version) if version.state == DRAFT else [],
        is_complete=not queries.problems(version),
        signatures=signatures,
        signed=mine,
        function=policy.function_of(actor()),
        can_write=policy.can_write_version(actor(), version),
        can_withdraw=can_manage_charter(actor())
        and version.state == SCHEDULED
        and version.effective_at is not None
        and version.effective_at > clock.now(),
        checklist={
            name: (typed or {}).get(name) or getattr(version, name) or ""
            for name in ("consulted_on", "informed_on")
        },
        earliest=earliest,
        effective_on=(typed or {}).get("effective_on") or earliest,
        open_remarks=sum(queries.open_remarks(version).values()),
        errors=errors or {},
        conflict=str(conflict) if conflict else None,
    )


def _remarks_page(version: CharterVersion, *, errors: dict[str, str] | None = None) -> str:
    by_clause = queries.remarks(actor(), version)
    return render_template(
        "charter/document/remarks.html",
        charter=version_view(version, language()),
        threads={key: [_thread_view(one) for one in threads] for key, threads in by_clause.items()},
        lost=[key for key in by_clause if key and key not in {clause.key for clause in version.clauses}],
        can_remark=policy.can_remark(actor(), version),
        can_resolve=can_manage_charter(actor()) and policy.can_remark(actor(), version),
        errors=errors or {},
    )


def _thread_view(thread: queries.Thread) -> dict[str, Any]:
    return {
        **_remark_view(thread.remark),
        "is_resolved": thread.remark.resolved_at is not None,
        "answers": [_remark_view(answer) for answer in thread.answers],
    }


def _remark_view(remark: Remark) -> dict[str, Any]:
    return {"id": remark.id, "author": remark.author, "at": remark.created_at, "body": remark.body}


def _signatories_page(typed: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "charter/document/signatories.html",
        signatories=[(one.function, one.person) for one in queries.signatories()],
        functions=FUNCTIONS,
        tools=tools(actor()),
        typed={"person": "", "function": FUNCTIONS[0], **typed},
        errors=errors,
    )
