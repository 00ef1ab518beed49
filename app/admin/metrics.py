"""Figures for Prometheus: what this process counts, and what the database knows.

With several web processes the server names a folder (PROMETHEUS_MULTIPROC_DIR) where each keeps its counts,
so that whichever answers speaks for all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.admin.queries import jobs_state
from app.kernel import sockets
from app.kernel.changes import Change
from app.kernel.db import db
from app.moderation.models import OPEN_STATES, ReviewItem

_own = CollectorRegistry()
REQUESTS = Counter("parvis_requests", "Requests answered.", ["endpoint", "method", "status"], registry=_own)
SECONDS = Histogram(
    "parvis_request_seconds",
    "How long they took.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_own,
)
SOCKETS = Gauge("parvis_sockets", "Open sockets.", registry=_own, multiprocess_mode="livesum")


class _FromDatabase(Collector):
    """Read when asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = jobs_state()
        queue = select(func.count()).where(ReviewItem.state.in_(OPEN_STATES))
        last = db.session.scalar(select(func.max(Change.id)))
        yield _gauge("parvis_jobs_waiting", "Jobs that are due.", state.waiting)
        yield _gauge("parvis_jobs_troubled", "Jobs that failed.", state.troubled)
        yield _gauge(
            "parvis_jobs_lag_seconds", "How long the oldest due job waits.", state.lag.total_seconds()
        )
        yield _gauge(
            "parvis_review_items_open", "Review items nobody decided yet.", db.session.scalar(queue) or 0
        )
        yield _gauge("parvis_changes_last", "Number of the last change in the outbox.", last or 0)


def install(app: Flask) -> None:
    """Count every answer."""
    app.before_request(_begin)
    app.after_request(_count)


def text() -> bytes:
    """Everything, in the format that Prometheus reads."""
    SOCKETS.set(len(sockets.seats))
    counted = _own
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library has no types
    known = CollectorRegistry(auto_describe=False)
    known.register(_FromDatabase())
    return generate_latest(counted) + generate_latest(known)


def _begin() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    began = g.pop("began", None)
    REQUESTS.labels(request.endpoint or "none", request.method, response.status_code).inc()
    if began is not None:
        SECONDS.observe(time.perf_counter() - began)
    SOCKETS.set(len(sockets.seats))
    return response


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
