"""For machines that watch over this one; the wall lets in the monitoring networks only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import redis
from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.admin import metrics
from app.admin.queries import is_late, jobs_state
from app.kernel.db import db
from app.kernel.http import any_host, public

bp = Blueprint("monitoring", __name__)


@bp.get("/healthz")
@public
@any_host
def healthz() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@public
@any_host
def readyz() -> ResponseReturnValue:
    """Ready when the database answers at its newest migration; 503 otherwise. The rest is only reported."""
    checks = _database()
    if checks["database"] == "ok":
        checks["jobs"] = _jobs()
    if current_app.config["SETTINGS"].redis_url:
        checks["redis"] = _redis()
    is_ready = checks["database"] == "ok" and checks.get("migrations") == "ok"
    return jsonify(
        {"status": "ok" if is_ready else "unavailable", "checks": checks}
    ), 200 if is_ready else 503


@bp.get("/metrics")
@public
@any_host
def numbers() -> ResponseReturnValue:
    """Figures for Prometheus."""
    return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database() -> dict[str, Any]:
    try:
        applied = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        db.session.rollback()
        return {"database": "away"}
    return {"database": "ok", "migrations": "ok" if applied == newest() else "behind"}


def _jobs() -> str:
    try:
        return "late" if is_late(jobs_state()) else "ok"
    except SQLAlchemyError:
        db.session.rollback()
        return "unknown"


def _redis() -> str:
    url = current_app.config["SETTINGS"].redis_url
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return "away"
    return "ok"


@cache
def newest() -> set[str]:
    """The migrations that this version of the product needs."""
    from alembic.config import Config  # noqa: PLC0415  serving needs it for this alone
    from alembic.script import ScriptDirectory  # noqa: PLC0415  as above

    config = Config()
    folder = Path(current_app.root_path).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return set(ScriptDirectory.from_config(config).get_heads())
