from __future__ import annotations

import time

from app.kernel.action import action
from app.kernel.jobs import job
from app.trials import actions, queries

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
