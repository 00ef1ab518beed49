from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.charter.watch import actions, queries
from app.charter.watch.inputs import Watched
from app.charter.watch.models import LANGUAGES, ROLES
from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.http import actor, form

bp = Blueprint("watch", __name__)


@bp.get("/moderation/watch")
def index() -> ResponseReturnValue:
    """What is watched, and room for more."""
    return _page()


@bp.post("/moderation/watch")
def keep() -> ResponseReturnValue:
    """Watch for words."""
    queries.words(actor())  # hidden from whom it doesn't concern
    try:
        actions.keep(actor(), Watched.parse(form()))
    except Invalid as refusal:
        return _page(refusal.fields), 422
    return redirect("/moderation/watch?done=saved", code=303)


@bp.post("/moderation/watch/<int:word_id>/end")
def end(word_id: int) -> ResponseReturnValue:
    """Watch for it no longer."""
    actions.end(actor(), queries.get_word(actor(), word_id))
    return redirect("/moderation/watch?done=saved", code=303)


def _page(errors: dict[str, str] | None = None) -> str:
    typed = form() if errors else {f"language_{code}": "1" for code in LANGUAGES}
    return render_template(
        "charter/watch/index.html",
        watched=queries.words(actor()),
        now=clock.now(),
        languages=LANGUAGES,
        roles=ROLES,
        form=typed,
        errors=errors or {},
    )
