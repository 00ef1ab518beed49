from __future__ import annotations

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel.errors import Invalid, Stale
from app.kernel.http import actor, heavy, is_fragment, refuse, settle, wants_json
from app.moderation import actions, queries
from app.moderation.acts import acts
from app.moderation.appealing import appealing
from app.moderation.keeping import keeping
from app.moderation.models import OUTCOMES, Decision
from app.moderation.reporting import reports
from app.moderation.screen import (
    back_to,
    desk_page,
    field,
    filters,
    following,
    is_number,
    listed,
    query,
    require_reviewer,
    ruling,
    sent_filters,
    typed_decision,
)

bp = Blueprint("moderation", __name__)
for part in (reports, acts, keeping, appealing):
    bp.register_blueprint(part)


@bp.get("/moderation")
def index() -> ResponseReturnValue:
    """The desk, with nothing chosen yet; as a fragment, a page of the queue."""
    require_reviewer()
    if is_fragment():
        return render_template("moderation/_list.html", **listed(filters(request.args), None))
    return desk_page(None)


@bp.get("/moderation/list")
def queue() -> ResponseReturnValue:
    """The queue alone, for the desk to stay up to date."""
    require_reviewer()
    wanted = filters(request.args)
    current = request.args.get("current", "")
    return render_template(
        "moderation/_list.html", **listed(wanted, int(current) if is_number(current) else None)
    )


@bp.get("/moderation/count")
def count() -> ResponseReturnValue:
    """What waits for the reader, for the badge."""
    require_reviewer()
    return jsonify(queries.counts(actor()))


@bp.get("/moderation/decided")
def decided() -> ResponseReturnValue:
    """What was decided where the reader reviews."""
    require_reviewer()
    outcome, mine = request.args.get("outcome", ""), bool(request.args.get("mine"))
    outcome = outcome if outcome in OUTCOMES else ""
    page = queries.decisions(actor(), outcome=outcome, mine=mine, after=request.args.get("after"))
    chosen = {"outcome": outcome, "mine": mine}
    template = "moderation/_decided.html" if is_fragment() else "moderation/decided.html"
    return render_template(template, decisions=page.items, next=page.next, filters=chosen)


@bp.get("/moderation/items/<int:item_id>")
def show(item_id: int) -> ResponseReturnValue:
    """One case beside the queue; as a fragment, the case alone."""
    return desk_page(item_id, "moderation/_detail.html" if is_fragment() else "moderation/index.html")


@bp.post("/moderation/next")
def take_next() -> ResponseReturnValue:
    """Take the most pressing item that nobody is on."""
    require_reviewer()
    item = actions.claim_next(actor())
    return back_to(item.id if item else None)


@bp.post("/moderation/items/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    """Take an item."""
    actions.claim(actor(), queries.get_item(actor(), item_id))
    return back_to(item_id)


@bp.post("/moderation/items/<int:item_id>/renew")
def renew(item_id: int) -> ResponseReturnValue:
    """Still on it; the desk says so each minute."""
    actions.renew(actor(), queries.get_item(actor(), item_id))
    return "", 204


@bp.post("/moderation/items/<int:item_id>/unclaim")
@bp.post("/moderation/items/<int:item_id>/let-go", endpoint="let_go")
def unclaim(item_id: int) -> ResponseReturnValue:
    """Give an item back."""
    actions.let_go(actor(), queries.get_item(actor(), item_id))
    return back_to(item_id)


@bp.post("/moderation/items/<int:item_id>/decisions")
@bp.post("/moderation/items/<int:item_id>/decision", endpoint="decide_one")
def decide(item_id: int) -> ResponseReturnValue:
    """Rule on an item, then go on with the queue."""
    item, typed = queries.get_item(actor(), item_id), typed_decision()
    try:
        made = actions.settle(actor(), item, **typed)
    except Invalid as refusal:
        return desk_page(item_id, form=typed, errors=_named(refusal)), 422
    return back_to(following(), done="decided" if isinstance(made, Decision) else "passed")


@bp.post("/moderation/items/<int:item_id>/reveal")
@heavy
def reveal(item_id: int) -> ResponseReturnValue:
    """Learn the names of a case, with a reason."""
    item = queries.get_item(actor(), item_id)
    try:
        actions.reveal(actor(), item, reason=field("why"))
    except Invalid as refusal:
        return desk_page(item_id, errors={"why": refusal.fields.get("reason", "")}), 422
    return back_to(item_id)


@bp.errorhandler(Stale)
def stale(error: Stale) -> ResponseReturnValue:
    """Somebody was faster: what stands now, and the words that were typed."""
    settle(error)
    item_id = (request.view_args or {}).get("item_id")
    if item_id is None or wants_json() or is_fragment():
        return refuse(error)
    item = queries.get_item(actor(), item_id)
    decision = queries.decision_of(item)
    row = queries.item_row(actor(), item)
    following = queries.items(actor(), "free", limit=1).items
    page = render_template(
        "moderation/stale.html",
        item=row,
        decision=ruling(decision) if decision else None,
        lease=row.lease,
        draft=field("reason") or field("saved"),
        next_id=following[0].id if following else None,
        query=query(sent_filters()),
    )
    return make_response(page, error.status)


def _named(refusal: Invalid) -> dict[str, str]:
    """Passing a case on is written in the same box as a decision."""
    return {"reason" if name == "why" else name: told for name, told in refusal.fields.items()}
