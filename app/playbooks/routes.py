from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.files import actions as files
from app.files.models import File
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, actor_or_none, form, heavy, is_fragment
from app.moderation import queries as moderation
from app.playbooks import actions, holding, queries
from app.playbooks.editor import editor
from app.playbooks.evidence import making
from app.playbooks.models import PlaybookCase
from app.playbooks.policy import (
    can_edit_playbooks,
    can_entrust,
    can_make_item_bundle,
    can_read_playbooks,
    has_cases,
)

bp = Blueprint("playbooks", __name__)
bp.register_blueprint(editor)


@bp.app_context_processor
def beside() -> dict[str, Any]:
    """What pages of moderation say of playbooks; asked for only where it is shown."""
    return {
        "playbook_cases": lambda item_id: queries.cases_of_item(actor(), item_id),
        "overdue_steps": lambda: queries.overdue(actor()) if actor_or_none() else 0,
        "reads_playbooks": lambda: can_read_playbooks(actor()),
    }


@bp.get("/moderation/cases")
def index() -> ResponseReturnValue:
    """Cases under way, or over, and the playbooks that there are."""
    if not has_cases(actor()):
        raise NotFound
    is_over = bool(request.args.get("over"))
    page = queries.cases(actor(), is_open=not is_over, after=request.args.get("after"))
    template = "playbooks/_cases.html" if is_fragment() else "playbooks/index.html"
    return render_template(
        template,
        cases=page.items,
        next=page.next,
        is_over=is_over,
        playbooks=queries.playbooks(actor().locale) if can_read_playbooks(actor()) else [],
        may_start=can_read_playbooks(actor()),
        may_edit=can_edit_playbooks(actor()),
    )


@bp.get("/moderation/cases/start")
def choose() -> ResponseReturnValue:
    """Which playbook to start, about a review item or without one."""
    return _choose()


@bp.post("/moderation/cases")
def start() -> ResponseReturnValue:
    """Start it."""
    _require_starter()
    item_id = _item_id(form().get("item"))
    item = moderation.get_item(actor(), item_id) if item_id else None
    chosen = str(form().get("playbook", ""))
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 17):
        raise NotFound
    playbook = queries.get_playbook(int(chosen))
    case = actions.start(actor(), playbook, item=item, why=_field("why"))
    return redirect(f"/moderation/cases/{case.id}" if case else "/moderation?done=passed", code=303)


@bp.get("/moderation/cases/<int:case_id>")
def show(case_id: int) -> ResponseReturnValue:
    """A case: its steps in time, what is kept for it, its evidence."""
    return _page(queries.get_case(actor(), case_id))


@bp.post("/moderation/cases/<int:case_id>/steps/<int:step_id>/done")
def finish(case_id: int, step_id: int) -> ResponseReturnValue:
    """A step is done."""
    case = queries.get_case(actor(), case_id)
    step = queries.get_step(case, step_id)
    try:
        actions.finish(actor(), case, step, note=_field("note"), file=_sent_file())
    except Invalid as refusal:
        return _page(case, refusal, step_id), 422
    return _back(case_id, f"#step-{step_id}")


@bp.post("/moderation/cases/<int:case_id>/steps/<int:step_id>/skipped")
def skip(case_id: int, step_id: int) -> ResponseReturnValue:
    """A step is left out."""
    case = queries.get_case(actor(), case_id)
    try:
        actions.skip(actor(), case, queries.get_step(case, step_id), why=_field("why"))
    except Invalid as refusal:
        return _page(case, refusal, step_id), 422
    return _back(case_id, f"#step-{step_id}")


@bp.post("/moderation/cases/<int:case_id>/end")
def close(case_id: int) -> ResponseReturnValue:
    """Every step is done or left out, and the case is over."""
    case = queries.get_case(actor(), case_id)
    actions.close(actor(), case, conclusion=_field("conclusion"))
    return _back(case_id)


@bp.post("/moderation/cases/<int:case_id>/abandonment")
def abandon(case_id: int) -> ResponseReturnValue:
    """End it before its steps are done."""
    case = queries.get_case(actor(), case_id)
    try:
        actions.abandon(actor(), case, why=_field("why_abandon"))
    except Invalid as refusal:
        return _page(case, Invalid(fields={"why_abandon": refusal.fields["why"]})), 422
    return _back(case_id)


@bp.post("/moderation/cases/<int:case_id>/return")
def give_back(case_id: int) -> ResponseReturnValue:
    """Let the item wait again with the others."""
    case = queries.get_case(actor(), case_id)
    actions.give_back(actor(), case)
    return _back(case_id)


@bp.post("/moderation/cases/<int:case_id>/hold/end")
def lift(case_id: int) -> ResponseReturnValue:
    """Keep what the case is about no longer."""
    case = queries.get_case(actor(), case_id)
    try:
        holding.lift(actor(), case, why=_field("why_lift"))
    except Invalid as refusal:
        return _page(case, refusal), 422
    return _back(case_id)


@bp.post("/moderation/cases/<int:case_id>/bundles")
@heavy
def seal(case_id: int) -> ResponseReturnValue:
    """Seal the evidence of a case."""
    case = queries.get_case(actor(), case_id)
    try:
        making.of_case(actor(), case, why=_field("why_bundle"))
    except Invalid as refusal:
        return _page(case, refusal), 422
    return _back(case_id, "#evidence")


@bp.post("/moderation/items/<int:item_id>/bundles")
@heavy
def seal_item(item_id: int) -> ResponseReturnValue:
    """Seal the evidence of a review item, and take it."""
    item = moderation.get_item(actor(), item_id)
    try:
        made = making.of_item(actor(), item, why=_field("why_bundle"))
    except Invalid as refusal:
        return _choose(item_id, refusal.fields), 422
    return redirect(f"/moderation/bundles/{made.id}/download", code=303)


@bp.get("/moderation/bundles/<int:bundle_id>/download")
def take(bundle_id: int) -> ResponseReturnValue:
    """The sealed archive; who takes it is in the log."""
    bundle = queries.get_bundle(actor(), bundle_id)
    making.note_taken(actor(), bundle)
    answer = Response(bundle.content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="parvis-evidence-{bundle.id}.zip"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _require_starter() -> None:
    if not can_read_playbooks(actor()):
        raise NotFound


def _choose(item_id: int | None = None, errors: dict[str, str] | None = None) -> str:
    _require_starter()
    number = item_id or _item_id(request.args.get("item"))
    item = moderation.get_item(actor(), number) if number else None
    return render_template(
        "playbooks/start.html",
        playbooks=[one for one in queries.playbooks(actor().locale) if one.is_on],
        item=moderation.item_row(actor(), item) if item else None,
        may_bundle=item is not None and can_make_item_bundle(actor(), item),
        errors=errors or {},
    )


def _page(case: PlaybookCase, refusal: Invalid | None = None, step_id: int | None = None) -> str:
    template = "playbooks/_case.html" if is_fragment() else "playbooks/case.html"
    typed = {name: _field(name) for name in ("note", "why")} if refusal else {}
    return render_template(
        template,
        case=queries.read_case(actor(), case),
        errors=refusal.fields if refusal else {},
        wrong_step=step_id,
        typed=typed,
        may_entrust=can_entrust(actor()),
    )


def _back(case_id: int, where: str = "") -> ResponseReturnValue:
    return redirect(f"/moderation/cases/{case_id}{where}", code=303)


def _item_id(raw: Any) -> int | None:
    if not raw:
        return None
    if not (isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) < 17):
        raise NotFound
    return int(raw)


def _sent_file() -> File | None:
    sent = request.files.get("file")
    return files.upload(actor(), sent.stream, sent.filename or "") if sent and sent.filename else None


def _field(name: str) -> str:
    value = form().get(name, "")
    return value if isinstance(value, str) else ""
