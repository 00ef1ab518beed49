from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate.hours import read_minute, write_minute
from app.kernel.errors import Invalid
from app.kernel.http import actor, form
from app.kernel.inputs import day, parse, text, whole
from app.moderation.duty import actions, policy, queries

bp = Blueprint("duty", __name__)


@bp.get("/moderation/duty")
def index() -> ResponseReturnValue:
    """Who is on duty, and when."""
    return _page()


@bp.post("/moderation/duty")
def add() -> ResponseReturnValue:
    """Put somebody on duty."""
    queries.roster(actor())  # hidden from whom it doesn't concern
    try:
        given = parse(
            form(),
            person_id=whole(),
            day=whole(largest=6),
            begin=text(longest=5, lines=False),
            end=text(longest=5, lines=False),
        )
        actions.add_slot(
            actor(),
            person_id=given["person_id"],
            day=given["day"],
            begin=_minute("begin", given["begin"]),
            end=_minute("end", given["end"]),
        )
    except Invalid as refusal:
        return _page(refusal.fields), 422
    return redirect("/moderation/duty?done=saved", code=303)


@bp.post("/moderation/duty/<int:slot_id>/removal")
def drop(slot_id: int) -> ResponseReturnValue:
    """Take a slot from the roster."""
    actions.drop_slot(actor(), queries.get_slot(actor(), slot_id))
    return redirect("/moderation/duty?done=deleted", code=303)


@bp.post("/moderation/duty/<int:slot_id>/replacement")
def stand_in(slot_id: int) -> ResponseReturnValue:
    """Somebody else takes it on a date."""
    slot = queries.get_slot(actor(), slot_id)
    try:
        given = parse(form(), on=day(), person_id=whole())
        actions.stand_in(actor(), slot, **given)
    except Invalid as refusal:
        return _page({f"{name}_{slot_id}": told for name, told in refusal.fields.items()}), 422
    return redirect("/moderation/duty?done=saved", code=303)


def _minute(name: str, written: str) -> int:
    """The minute of the day; midnight at the end is the end of the day."""
    try:
        minute = read_minute(written)
    except ValueError:
        raise Invalid(fields={name: _("Give a time such as 08:30.")}) from None
    return actions.DAY if name == "end" and minute == 0 else minute


def _page(errors: dict[str, str] | None = None) -> str:
    turns = queries.roster(actor())
    return render_template(
        "moderation/duty/index.html",
        turns=[
            (turn, write_minute(turn.slot.begin), write_minute(turn.slot.end),
             policy.can_replace(actor(), turn.slot))
            for turn in turns
        ],
        now=[turn.stand_in or turn.name for turn in turns if turn.is_now],
        moderators=[(str(person_id), name) for person_id, name in queries.moderators()],
        keeps=policy.can_keep_roster(actor()),
        form=form() if errors else {},
        errors=errors or {},
    )  # fmt: skip
