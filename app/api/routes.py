"""Version 1 of the API: every group of endpoints below one address, and what all their answers share."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, g, request

from app.api import (
    audit,
    cases,
    casework,
    changes,
    charter,
    comments,
    docs,
    feed,
    files,
    gate,
    me,
    members,
    moderation,
    notifications,
    people,
    posts,
    reports,
    rules,
    search,
    signs,
    spaces,
)

bp = Blueprint("api", __name__, url_prefix="/api")
bp.register_blueprint(docs.pages)
for group in (
    me, spaces, members, feed, posts, comments, signs, reports, files, people, search, notifications,
    moderation, cases, casework, charter, rules, gate, audit, changes, docs,
):  # fmt: skip
    bp.register_blueprint(group.bp, url_prefix="/v1")


@bp.after_request
def finish(response: Response) -> Response:
    """An ETag over what this reader sees, and no copy kept by anyone between us."""
    response.vary.add("Authorization")
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)
    if response.status_code == 304 and "digest" in g:
        response.set_etag(g.digest, weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
    if (
        request.method in {"GET", "HEAD"}
        and response.status_code == 200
        and response.mimetype == "application/json"
    ):
        digest = g.get("digest") or hashlib.sha256(response.get_data()).hexdigest()[:20]
        version = g.get("version")
        response.set_etag(digest if version is None else f"{version}-{digest}", weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response
