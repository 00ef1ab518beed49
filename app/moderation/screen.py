"""The desk as a page, and the way back to it after an act: shared by all that happens there."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.charter.queries import clauses_in_force
from app.charter.watch.policy import can_keep_watch
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.http import actor, form
from app.moderation import case, ground, queries, view
from app.moderation.duty.policy import can_see_roster
from app.moderation.policy import can_keep_replies, can_see_health, is_reviewer, why_not
from app.moderation.priority import BANDS

SHOWN = {
    "state": ("open", "free", "mine", "escalated", "awaiting_second", "deferred"),
    "kind": ("", "hold", "report", "watch", "appeal"),
    "band": ("", *(str(hours) for _least, hours in BANDS)),
}
LONGEST_SEARCH = 80


def require_reviewer() -> None:
    """Nobody else learns that there is a desk."""
    if not is_reviewer(actor()):
        raise NotFound


def desk_page(item_id: int | None, template: str = "moderation/index.html", **typed: Any) -> str:
    """The page: queue, and the case chosen with what was typed about it."""
    chosen = case.read(actor(), queries.get_item(actor(), item_id)) if item_id is not None else None
    chosen_filters = filters(request.args) if request.method == "GET" else sent_filters()
    proposed = {
        "outcome": None,
        "clause": chosen.clause.number if chosen and chosen.clause else "",
        "reason": "",
    }
    return render_template(
        template,
        **listed(chosen_filters, item_id),
        counts=view.counts(actor()),
        filters=chosen_filters,
        views=ground.views(actor()),
        clauses=[(c.number, c.number) for c in clauses_in_force()],
        keeps_replies=can_keep_replies(actor()),
        sees_health=can_see_health(actor()),
        sees_roster=can_see_roster(actor()),
        keeps_watch=can_keep_watch(actor()),
        spaces=_spaces(chosen_filters["space"]),
        item=chosen,
        form=typed.get("form") or proposed,
        errors=typed.get("errors", {}),
    )


def _spaces(chosen: str) -> list[tuple[str, str]]:
    rows = queries.spaces_waiting(actor(), chosen=int(chosen) if chosen else None)
    return [(str(row.id), row.name) for row in rows]


def listed(filters: dict[str, str], current_id: int | None) -> dict[str, Any]:
    """A page of the queue, for its template."""
    page = queries.items(
        actor(),
        filters["state"],
        filters["kind"] or None,
        int(filters["space"]) if filters["space"] else None,
        request.args.get("after"),
        clause=filters["clause"],
        band=int(filters["band"]) if filters["band"] else None,
        words=filters["q"].strip(),
    )
    return {
        "items": page.items,
        "next": page.next,
        "query": query(filters),
        "current_id": current_id,
        "now": clock.now(),
    }


def following() -> int | None:
    """The most pressing item left that the reader may decide."""
    sent = sent_filters()
    space_id = int(sent["space"]) if sent["space"] else None
    rows = queries.items(
        actor(), "free", sent["kind"] or None, space_id, clause=sent["clause"], limit=5
    ).items
    for row in rows:
        if why_not(actor(), queries.get_item(actor(), row.id)) is None:
            return row.id
    return None


def filters(source: Any) -> dict[str, str]:
    """The filters asked for; what isn't one of ours is left out."""
    state, space, clause = source.get("state", ""), source.get("space", ""), source.get("clause", "")
    return {
        "state": state if state in SHOWN["state"] else "open",
        **{name: _one_of(source.get(name, ""), SHOWN[name]) for name in ("kind", "band")},
        "clause": _one_of(clause, queries.clause_numbers()),
        "space": space if is_number(space) else "",
        "q": source.get("q", "").strip()[:LONGEST_SEARCH],
    }


def is_number(typed: str) -> bool:
    """What fits a column, and nothing else."""
    return typed.isdecimal() and len(typed) < 19


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def sent_filters() -> dict[str, str]:
    """The filters that an act came from."""
    return filters(dict(parse_qsl(field("query")[:300])))


def query(filters: dict[str, str]) -> str:
    """The filters as an address carries them."""
    return urlencode({k: v for k, v in filters.items() if v and (k, v) != ("state", "open")})


def back_to(item_id: int | None, *, done: str = "") -> ResponseReturnValue:
    """On to an item, or to the queue, with the filters that one came from."""
    kept = query(sent_filters())
    if done:
        kept = f"{kept}&done={done}" if kept else f"done={done}"
    place = f"/moderation/items/{item_id}" if item_id is not None else "/moderation"
    return redirect(f"{place}?{kept}" if kept else place, code=303)


def typed_decision() -> dict[str, Any]:
    """What was chosen and written in the decision bar."""
    version = field("version")
    return {
        "outcome": field("outcome"),
        "clause": field("clause"),
        "reason": field("reason").strip() or field("saved"),
        "version": int(version) if is_number(version) else 0,
    }


def field(name: str) -> str:
    """A field of the form, once."""
    value = form().get(name, "")
    return value if isinstance(value, str) else ""


def ruling(decision: Any) -> dict[str, Any]:
    """A decision for somebody who was too late."""
    return {
        "outcome": decision.outcome,
        "clause": decision.clause,
        "reason": decision.reason,
        "decider": queries.name_of(decision.decider_id),
        "at": decision.created_at,
    }
