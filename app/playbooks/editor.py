"""The pages on which playbooks are written."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.charter.queries import clauses_in_force
from app.kernel.errors import Invalid, NotFound
from app.kernel.http import actor, form
from app.kernel.policy import require
from app.playbooks import editing, queries
from app.playbooks.models import CUSTODIANS, MODERATION, SIGNALS, PlaybookVersion
from app.playbooks.policy import can_edit_playbooks, can_entrust, can_read_playbooks
from app.playbooks.writing import MOST_STEPS, WrittenPlaybook

editor = Blueprint("editor", __name__)
SPARE = 2  # empty steps below those that are written
_STEP = ("title_fr", "title_en", "text_fr", "text_en", "owner", "hours", "artefact")
_EMPTY = dict.fromkeys(_STEP, "") | {"owner": "moderator", "artefact": "note", "place": ""}


@editor.get("/moderation/playbooks/<int:playbook_id>")
def show(playbook_id: int) -> ResponseReturnValue:
    """A playbook as it stands, to be read, and changed by those who may."""
    return _page(playbook_id)


@editor.get("/moderation/playbooks/new")
def new() -> ResponseReturnValue:
    """A playbook of the company's own."""
    return _page(None)


@editor.post("/moderation/playbooks")
@editor.post("/moderation/playbooks/<int:playbook_id>", endpoint="change")
def write(playbook_id: int | None = None) -> ResponseReturnValue:
    """Keep it, as its next version."""
    _require_reader()
    require(can_edit_playbooks(actor()))
    playbook = queries.get_playbook(playbook_id) if playbook_id else None
    sent = form()
    try:
        content = WrittenPlaybook.parse(sent).stored
    except Invalid as refusal:
        return _page(playbook_id, sent, refusal.fields), 422
    base = str(sent.get("base", ""))
    number = int(base) if base.isascii() and base.isdecimal() and len(base) < 9 else 0
    written = editing.write(actor(), playbook, content, base=number)
    return redirect(f"/moderation/playbooks/{written.id}?done=saved", code=303)


@editor.post("/moderation/playbooks/<int:playbook_id>/<any(on,off):way>")
def switch(playbook_id: int, way: str) -> ResponseReturnValue:
    """Let it begin, or not any more."""
    _require_reader()
    editing.switch(actor(), queries.get_playbook(playbook_id), on=way == "on")
    return redirect(f"/moderation/playbooks/{playbook_id}?done=saved", code=303)


@editor.post("/moderation/playbooks/<int:playbook_id>/custodians")
def entrust(playbook_id: int) -> ResponseReturnValue:
    """Say to whom its cases are entrusted."""
    _require_reader()
    logins = form().get("custodians", "")
    try:
        editing.entrust(actor(), queries.get_playbook(playbook_id), logins if isinstance(logins, str) else "")
    except Invalid as refusal:
        return _page(playbook_id, None, refusal.fields, custodians=logins), 422
    return redirect(f"/moderation/playbooks/{playbook_id}?done=saved", code=303)


def _require_reader() -> None:
    if not can_read_playbooks(actor()):
        raise NotFound


def _page(
    playbook_id: int | None,
    sent: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    *,
    custodians: Any = None,
) -> str:
    _require_reader()
    if playbook_id is None:
        require(can_edit_playbooks(actor()))
    playbook = queries.get_playbook(playbook_id) if playbook_id else None
    version = queries.version_of(playbook) if playbook else None
    named = queries.custodians_of(playbook.id) if playbook else []
    language = "en" if actor().locale == "en" else "fr"
    return render_template(
        "playbooks/editor.html",
        playbook=playbook,
        version=version,
        title=getattr(version, f"title_{language}") if version else "",
        typed=_typed(sent) if sent is not None else _stored(version),
        errors=errors or {},
        may_edit=can_edit_playbooks(actor()),
        may_entrust=can_entrust(actor()) and version is not None and version.access == CUSTODIANS,
        custodians=[name for _id, _login, name in named],
        logins=custodians if isinstance(custodians, str) else " ".join(login for _id, login, _name in named),
        clauses=[clause.number for clause in clauses_in_force()],
    )


def _stored(version: PlaybookVersion | None) -> dict[str, Any]:
    """What the form says of a version, or of none."""
    if version is None:
        blank = dict.fromkeys(("title_fr", "title_en", "summary_fr", "summary_en", "reports"), "")
        rest = {"signals": [], "access": MODERATION, "holds": False, "clock_hours": ""}
        return {**blank, **rest, "steps": [dict(_EMPTY) for _n in range(SPARE)]}
    steps = [{**_EMPTY, **step, "hours": step.get("hours") or ""} for step in version.steps]
    return {
        "title_fr": version.title_fr,
        "title_en": version.title_en,
        "summary_fr": version.summary_fr,
        "summary_en": version.summary_en,
        "signals": [one for one in version.triggers if one in SIGNALS],
        "reports": " ".join(one.partition(":")[2] for one in version.triggers if one.startswith("report:")),
        "access": version.access,
        "holds": version.holds,
        "clock_hours": version.clock_hours or "",
        "steps": (steps + [dict(_EMPTY) for _n in range(SPARE)])[:MOST_STEPS],
    }


def _typed(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, to be corrected: nothing typed is lost."""
    known = {name: _text(sent, name) for name in ("title_fr", "title_en", "summary_fr", "summary_en")}
    last = max((n for n in range(MOST_STEPS) if f"step_{n}_owner" in sent), default=SPARE - 1)
    steps = [{name: _text(sent, f"step_{n}_{name}") for name in (*_STEP, "place")} for n in range(last + 1)]
    return {
        **known,
        "signals": list(sent.get("signals[]", [])),
        "reports": _text(sent, "reports"),
        "access": _text(sent, "access"),
        "holds": sent.get("holds") == "1",
        "clock_hours": _text(sent, "clock_hours"),
        "steps": steps,
    }


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""
