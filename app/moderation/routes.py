from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import clock
from app.kernel.errors import Invalid, NotFound, Stale
from app.kernel.http import actor, form, is_fragment, refuse, wants_json
from app.moderation import actions, case, queries, view
from app.moderation.models import OUTCOMES
from app.moderation.policy import is_reviewer, why_not
from app.moderation.reporting import reports

bp = Blueprint("moderation", __name__)
bp.register_blueprint(reports)
SHOWN = {"state": ("open", "free", "mine", "escalated"), "kind": ("", "hold", "report", "watch")}


@bp.get("/moderation")
def index() -> ResponseReturnValue:
    """The desk, with nothing chosen yet; as a fragment, a page of the queue."""
    _require_reviewer()
    if is_fragment():
        return render_template("moderation/_list.html", **_list(_filters(request.args), None))
    return _desk(None)


@bp.get("/moderation/list")
def queue() -> ResponseReturnValue:
    """The queue alone, for the desk to stay up to date."""
    _require_reviewer()
    filters = _filters(request.args)
    current = request.args.get("current", "")
    return render_template(
        "moderation/_list.html", **_list(filters, int(current) if _is_number(current) else None)
    )


@bp.get("/moderation/count")
def count() -> ResponseReturnValue:
    """What waits for the reader, for the badge."""
    _require_reviewer()
    return jsonify(queries.counts(actor()))


@bp.get("/moderation/decided")
def decided() -> ResponseReturnValue:
    """What was decided where the reader reviews."""
    _require_reviewer()
    outcome, mine = request.args.get("outcome", ""), bool(request.args.get("mine"))
    outcome = outcome if outcome in OUTCOMES else ""
    page = queries.decisions(actor(), outcome=outcome, mine=mine, after=request.args.get("after"))
    filters = {"outcome": outcome, "mine": mine}
    template = "moderation/_decided.html" if is_fragment() else "moderation/decided.html"
    return render_template(template, decisions=page.items, next=page.next, filters=filters)


@bp.get("/moderation/items/<int:item_id>")
def show(item_id: int) -> ResponseReturnValue:
    """One case beside the queue; as a fragment, the case alone."""
    return _desk(item_id, "moderation/_detail.html" if is_fragment() else "moderation/index.html")


@bp.post("/moderation/next")
def take_next() -> ResponseReturnValue:
    """Take the most pressing item that nobody is on."""
    _require_reviewer()
    item = actions.claim_next(actor())
    return _back_to(item.id if item else None)


@bp.post("/moderation/items/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    """Take an item."""
    actions.claim(actor(), queries.get_item(actor(), item_id))
    return _back_to(item_id)


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
    return _back_to(item_id)


@bp.post("/moderation/items/<int:item_id>/decisions")
@bp.post("/moderation/items/<int:item_id>/decision", endpoint="decide_one")
def decide(item_id: int) -> ResponseReturnValue:
    """Rule on an item, then go on with the queue."""
    item, typed = queries.get_item(actor(), item_id), _decision()
    try:
        actions.decide(actor(), item, **typed)
    except Invalid as refusal:
        return _desk(item_id, form=typed, errors=refusal.fields), 422
    return _back_to(_following(), done="decided")


@bp.post("/moderation/items/<int:item_id>/reveal")
def reveal(item_id: int) -> ResponseReturnValue:
    """Learn the names of a case, with a reason."""
    item = queries.get_item(actor(), item_id)
    try:
        actions.reveal(actor(), item, reason=_field("why"))
    except Invalid as refusal:
        return _desk(item_id, errors={"why": refusal.fields.get("reason", "")}), 422
    return _back_to(item_id)


@bp.errorhandler(Stale)
def stale(error: Stale) -> ResponseReturnValue:
    """Somebody was faster: what stands now, and the words that were typed."""
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
        decision=_ruling(decision) if decision else None,
        lease=row.lease,
        draft=_field("reason") or _field("saved"),
        next_id=following[0].id if following else None,
        query=_query(_sent_filters()),
    )
    return make_response(page, error.status)


def _require_reviewer() -> None:
    if not is_reviewer(actor()):
        raise NotFound


def _desk(item_id: int | None, template: str = "moderation/index.html", **typed: Any) -> str:
    """The page: queue, and the case chosen with what was typed about it."""
    chosen = case.read(actor(), queries.get_item(actor(), item_id)) if item_id is not None else None
    filters = _filters(request.args) if request.method == "GET" else _sent_filters()
    proposed = {
        "outcome": None,
        "clause": chosen.clause.number if chosen and chosen.clause else "",
        "reason": "",
    }
    return render_template(
        template,
        **_list(filters, item_id),
        counts=view.counts(actor()),
        filters=filters,
        spaces=[(str(row.id), row.name) for row in queries.spaces_waiting(actor())],
        item=chosen,
        form=typed.get("form") or proposed,
        errors=typed.get("errors", {}),
    )


def _list(filters: dict[str, str], current_id: int | None) -> dict[str, Any]:
    page = queries.items(
        actor(),
        filters["state"],
        filters["kind"] or None,
        int(filters["space"]) if filters["space"] else None,
        request.args.get("after"),
    )
    return {
        "items": page.items,
        "next": page.next,
        "query": _query(filters),
        "current_id": current_id,
        "now": clock.now(),
    }


def _following() -> int | None:
    """The most pressing item left that the reader may decide."""
    filters = _sent_filters()
    space_id = int(filters["space"]) if filters["space"] else None
    rows = queries.items(actor(), "free", filters["kind"] or None, space_id, limit=5).items
    for row in rows:
        if why_not(actor(), queries.get_item(actor(), row.id)) is None:
            return row.id
    return None


def _filters(source: Any) -> dict[str, str]:
    """The filters asked for; what isn't one of ours is left out."""
    state, kind, space = source.get("state", ""), source.get("kind", ""), source.get("space", "")
    return {
        "state": state if state in SHOWN["state"] else "open",
        "kind": kind if kind in SHOWN["kind"] else "",
        "space": space if _is_number(space) else "",
    }


def _sent_filters() -> dict[str, str]:
    return _filters(dict(parse_qsl(_field("query")[:200])))


def _query(filters: dict[str, str]) -> str:
    return urlencode({k: v for k, v in filters.items() if v and (k, v) != ("state", "open")})


def _back_to(item_id: int | None, *, done: str = "") -> ResponseReturnValue:
    query = _query(_sent_filters())
    if done:
        query = f"{query}&done={done}" if query else f"done={done}"
    place = f"/moderation/items/{item_id}" if item_id is not None else "/moderation"
    return redirect(f"{place}?{query}" if query else place, code=303)


def _decision() -> dict[str, Any]:
    version = _field("version")
    return {
        "outcome": _field("outcome"),
        "clause": _field("clause"),
        "reason": _field("reason").strip() or _field("saved"),
        "version": int(version) if _is_number(version) else 0,
    }


def _is_number(typed: str) -> bool:
    return typed.isdecimal() and len(typed) < 19


def _field(name: str) -> str:
    value = form().get(name, "")
    return value if isinstance(value, str) else ""


def _ruling(decision: Any) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "clause": decision.clause,
        "reason": decision.reason,
        "decider": queries.name_of(decision.decider_id),
        "at": decision.created_at,
    }
