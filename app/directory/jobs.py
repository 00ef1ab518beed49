"""The synchronisation that comes back by itself; the wiring says how often to look whether it is due."""

from __future__ import annotations

import logging

from flask import current_app

from app.auth.directory.trouble import Trouble
from app.directory import queries
from app.kernel.errors import Conflict
from app.kernel.jobs import job
from app.people.actor import of_person

LOOK_SECONDS = 60
_log = logging.getLogger(__name__)


@job
def synchronise_when_due() -> None:
    """Once in as many minutes as the operator said; nothing without a directory."""
    company = current_app.config["DIRECTORY"]
    if company is not None and queries.is_due(company.directory.every_minutes):
        _synchronise(None)


@job
def synchronise_now(by_id: int) -> None:
    """Because an admin asked for it; nothing when they aren't one any more, or one goes on already."""
    by = of_person(by_id)
    if current_app.config["DIRECTORY"] is not None and by is not None and by.is_admin:
        _synchronise(by_id)


def _synchronise(by_id: int | None) -> None:
    from app.directory.synchronising import synchronise

    by = of_person(by_id) if by_id is not None else None
    try:
        outcome = synchronise(current_app.config["DIRECTORY"], by=by)
        _log.info("the directory was synchronised: %s, %s", outcome.outcome, outcome.plan.counts)
    except Conflict:
        _log.info("a synchronisation is going on already")
    except Trouble as problem:
        _log.warning("the directory couldn't be synchronised: %s", problem)
