from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import queries, serial
from app.api.declare import PAGED, Given, endpoint, page_of
from app.kernel.http import actor
from app.kernel.openapi import number, ref, string
from app.kernel.policy import require
from app.people.policy import can_read_audit

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@endpoint(
    "The log, newest first (admins, auditors)",
    asks={**PAGED, "actor": number(1), "act": string(60), "subject": string(80)},
    gives={200: page_of(ref("AuditEntry"))},
    refuses=(403,),
)
def index(asked: Given) -> ResponseReturnValue:
    """Who did what to what."""
    require(can_read_audit(actor()))
    filters = {"actor_id": asked["actor"], "act": asked["act"], "subject": asked["subject"]}
    page = queries.audit(filters, after=asked["after"], limit=asked["limit"])
    return {"items": [serial.act(entry, data) for entry, data in page.items], "next": page.next}
