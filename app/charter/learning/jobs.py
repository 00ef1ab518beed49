"""Reminders: on working days, within the day, a few times and never at night."""

from __future__ import annotations

from datetime import timedelta

from app.charter import queries as charter
from app.charter.document.queries import zone
from app.charter.learning import actions
from app.charter.models import CharterVersion
from app.kernel import clock
from app.kernel.jobs import job

EVERY_SECONDS = 3_600
BETWEEN = timedelta(days=3)
MOST_TURNS = 10
FROM_HOUR, TO_HOUR = 9, 17


@job
def remind_of_acceptance() -> None:
    """Whoever has not accepted hears of it every third day, ten times at most; twice a turn is once."""
    version = charter.version_in_force()
    if version is not None and _is_working_time() and 0 < (turn := _turn(version)) <= MOST_TURNS:
        actions.remind(version, turn)


def _turn(version: CharterVersion) -> int:
    """How many times three days have passed since it took effect."""
    return (clock.now() - (version.effective_at or clock.now())) // BETWEEN


def _is_working_time() -> bool:
    local = clock.now().astimezone(zone())
    return local.weekday() < 5 and FROM_HOUR <= local.hour < TO_HOUR
