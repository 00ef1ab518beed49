from __future__ import annotations

import time

from app.kernel.action import action
from app.kernel.jobs import job
from app.trials import actions, queries, rescans, watching

SLICE_SECONDS = 2.0
WATCH_SECONDS = 60


@job
def run_backtest(backtest_id: int) -> None:
    """Go on with a trial for a moment, then queue behind others; after a crash it goes on where it was."""
    trial = queries.by_id(backtest_id)
    if trial is None:
        return
    until = time.monotonic() + SLICE_SECONDS
    while actions.advance(trial):
        if time.monotonic() >= until:
            _go_on(backtest_id)
            return


@action
def _go_on(backtest_id: int) -> None:
    run_backtest.later(backtest_id=backtest_id)


@job
def read_again(rescan_id: int) -> None:
    """Look at what stands with a new rule or new names; goes on as a trial does."""
    again = queries.rescan_by_id(rescan_id)
    if again is None:
        return
    until = time.monotonic() + SLICE_SECONDS
    while rescans.advance(again):
        if time.monotonic() >= until:
            _read_on(rescan_id)
            return


@action
def _read_on(rescan_id: int) -> None:
    read_again.later(rescan_id=rescan_id)


@job
def find_quiet_rules() -> None:
    """Tell of what found something regularly and finds nothing any more."""
    watching.find_quiet()


@job
def watch_rules() -> None:
    """Cap what hits too often, tell of what is silent, end emergencies."""
    watching.watch()
