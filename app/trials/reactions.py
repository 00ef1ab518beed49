"""What is tried when rules and names change. INSIDE: written down with the fact."""

from __future__ import annotations

from app.charter.rulebook.events import BacktestAsked
from app.trials.jobs import run_backtest


def start_backtest(event: BacktestAsked) -> None:
    """A worker reads what was said."""
    run_backtest.later(backtest_id=event.backtest_id)
