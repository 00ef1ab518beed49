"""Who may do what, and how much the hours of work are kept: two tables to read."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.admin import abilities, rest
from app.admin.pages.guard import admin
from app.gate.queries import present
from app.kernel import clock
from app.kernel.http import actor

bp = Blueprint("roles", __name__)
_FIRST_YEAR = 2000


@bp.get("/roles")
def roles() -> ResponseReturnValue:
    """Roles and abilities, as the policies answer."""
    admin()
    return render_template("admin/roles.html", kinds=abilities.kinds(), lines=list(abilities.table()))


@bp.get("/rest")
def rest_page() -> ResponseReturnValue:
    """What was written outside of working hours in a year."""
    this = clock.now().astimezone(present().zone).year
    typed = request.args.get("year", "")
    year = (
        int(typed) if typed.isascii() and typed.isdigit() and _FIRST_YEAR <= int(typed[:5]) <= this else this
    )
    groups = rest.yearly(actor(), year)
    return render_template(
        "admin/rest.html", year=year, this=this, groups=groups, has_hours=present().access.hours is not None,
        fewest=rest.FEWEST,
    )  # fmt: skip
