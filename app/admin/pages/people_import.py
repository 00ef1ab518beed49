"""Taking over a list of people."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import lists
from app.accounts.importing import COLUMNS, FORMULA
from app.accounts.models import PeopleImport
from app.admin.pages.guard import admin
from app.kernel.errors import Conflict, Invalid, Stale
from app.kernel.http import actor, heavy

SHOWN = 200
bp = Blueprint("people_import", __name__, url_prefix="/people")


@bp.get("/import")
def form_page() -> ResponseReturnValue:
    """Send a list."""
    admin()
    return _page(None)


@bp.post("/import")
def prepare() -> ResponseReturnValue:
    """Read a list; nothing counts before it was looked at."""
    who, sent = admin(), request.files.get("file")
    content = sent.read() if sent else b""
    if not content.strip():
        return _page(None, errors={"file": _("Choose a file.")}), Invalid.status
    return redirect(f"/admin/people/imports/{lists.prepare(who, content).id}", code=303)


@bp.get("/imports/<int:import_id>")
def show(import_id: int) -> ResponseReturnValue:
    """What a list would add and change, and the lines that can't be taken."""
    return _page(lists.get_list(admin(), import_id))


@bp.get("/imports/<int:import_id>/problems.csv")
def problems(import_id: int) -> ResponseReturnValue:
    """Every line that can't be taken, to be corrected where the list comes from."""
    written, prepared = io.StringIO(), lists.get_list(admin(), import_id)
    table = csv.writer(written, delimiter=";")
    table.writerow([_("line"), _("what is wrong")])
    table.writerows([line, _harmless(sentence)] for line, sentence in prepared.problems)
    answer = Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer


@bp.post("/imports/<int:import_id>/apply")
@heavy
def apply(import_id: int) -> ResponseReturnValue:
    """Take it over."""
    prepared = lists.get_list(admin(), import_id)
    try:
        lists.take_over(actor(), prepared)
    except Stale:
        raise
    except Conflict as refusal:
        return _page(prepared, errors={"file": str(refusal)}), refusal.status
    return redirect("/admin/people?done=saved", code=303)


def _harmless(cell: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _page(prepared: PeopleImport | None, **more: Any) -> str:
    rows = prepared.rows if prepared else []
    return render_template(
        "admin/people_import.html",
        prepared=prepared,
        added=sum(1 for row in rows if row["is_new"]),
        known=sum(1 for row in rows if not row["is_new"]),
        rows=rows[:SHOWN],
        problems=prepared.problems[:SHOWN] if prepared else [],
        columns=COLUMNS,
        **{"errors": {}, **more},
    )
