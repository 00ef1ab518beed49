"""What is tried when rules and names change. INSIDE: written down with the fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from app.charter.rulebook.events import BacktestAsked, RuleMoved
from app.charter.rulebook.states import ACTING
from app.kernel import clock
from app.organisations.events import RegistryChanged
from app.trials import lessons, rescans
from app.trials.jobs import read_again, run_backtest

SOON = timedelta(seconds=30)  # names are often changed several in a row: one reading for all


class Overturned(Protocol):
    """A decision that an appeal overturned, and the rules that had noticed something."""

    @property
    def decision_id(self) -> int: ...
    @property
    def entry_id(self) -> int: ...
    @property
    def revision_id(self) -> int: ...
    @property
    def rules(self) -> Sequence[str]: ...
    @property
    def were_wrong(self) -> bool: ...


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


def learn_from_overturning(event: Overturned) -> None:
    """Each rule that had noticed something in the text learns from it."""
    for rule in event.rules:
        lessons.learn(
            rule,
            entry_id=event.entry_id,
            revision_id=event.revision_id,
            decision_id=event.decision_id,
            was_wrong=event.were_wrong,
        )


def _plan(rule: str | None) -> None:
    planned = rescans.plan(rule)
    if planned is not None:
        read_again.later(due=clock.now() + SOON, rescan_id=planned.id)
