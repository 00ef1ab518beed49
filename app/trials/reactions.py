"""What is tried when rules and names change. INSIDE: written down with the fact."""

from __future__ import annotations

from datetime import timedelta

from app.charter.rulebook.events import BacktestAsked, RuleMoved
from app.charter.rulebook.states import ACTING
from app.kernel import clock
from app.organisations.events import RegistryChanged
from app.trials import rescans
from app.trials.jobs import read_again, run_backtest

SOON = timedelta(seconds=30)  # names are often changed several in a row: one reading for all


def start_backtest(event: BacktestAsked) -> None:
    """A worker reads what was said."""
    run_backtest.later(backtest_id=event.backtest_id)


def read_again_for_rule(event: RuleMoved) -> None:
    """What was said before a rule acts is looked at once."""
    if event.after in ACTING and event.before not in ACTING:
        _plan(event.rule)


def read_again_for_names(_event: RegistryChanged) -> None:
    """A name that was added may stand somewhere already."""
    _plan(None)


def _plan(rule: str | None) -> None:
    planned = rescans.plan(rule)
    if planned is not None:
        read_again.later(due=clock.now() + SOON, rescan_id=planned.id)
