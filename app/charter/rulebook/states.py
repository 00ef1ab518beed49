"""The life of a rule, as data: which move leads from where to where, and whose it is.

`draft → tested → dry_run → live_soft (capped at flag) → live`; aside from it `paused` and `tripped`;
at the end `retired` or `expired`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

DRAFT, TESTED, DRY_RUN, LIVE_SOFT, LIVE = "draft", "tested", "dry_run", "live_soft", "live"
PAUSED, TRIPPED, RETIRED, EXPIRED = "paused", "tripped", "retired", "expired"
STATES: Final = (DRAFT, TESTED, DRY_RUN, LIVE_SOFT, LIVE, PAUSED, TRIPPED, RETIRED, EXPIRED)
STANDING: Final = frozenset({LIVE_SOFT, LIVE, TRIPPED, PAUSED})  # what people meet, or did until a pause
ACTING: Final = frozenset({LIVE_SOFT, LIVE, TRIPPED})
OVER: Final = frozenset({RETIRED, EXPIRED})
STOPPING: Final = frozenset({"hold", "block"})
EMERGENCY: Final = timedelta(hours=72)
OWNER, SECOND, BREAKER, CLOCK = "owner", "second", "breaker", "clock"


@dataclass(frozen=True)
class Transition:
    """One move from any of `sources` to `target`: whose it is, and whether examples, a backtest or a measured
    precision come first.
    """

    name: str
    sources: frozenset[str]
    target: str
    whose: str = OWNER
    examples: bool = False
    backtest: bool = False
    measured: bool = False


def _move(name: str, *sources: str, to: str, **more: object) -> Transition:
    return Transition(name, frozenset(sources), to, **more)  # type: ignore[arg-type]  # named fields only


TRANSITIONS: Final = {
    one.name: one
    for one in (
        _move("test", DRAFT, to=TESTED, examples=True, backtest=True),
        _move("dry_run", TESTED, to=DRY_RUN, examples=True),
        _move("cap", DRY_RUN, to=LIVE_SOFT, examples=True),
        _move("ask", LIVE_SOFT, to=LIVE_SOFT, examples=True, measured=True),
        _move("go_live", LIVE_SOFT, to=LIVE, whose=SECOND, examples=True, measured=True),
        _move("emergency", DRAFT, TESTED, DRY_RUN, to=LIVE, examples=True),
        _move("lower", LIVE, to=LIVE_SOFT),
        _move("clear", TRIPPED, to=LIVE_SOFT),
        _move("pause", LIVE_SOFT, LIVE, TRIPPED, to=PAUSED),
        _move("resume", PAUSED, to=LIVE_SOFT, examples=True),
        _move("retire", DRAFT, TESTED, DRY_RUN, LIVE_SOFT, LIVE, TRIPPED, PAUSED, to=RETIRED),
        _move("trip", LIVE, to=TRIPPED, whose=BREAKER),
        _move("expire", LIVE_SOFT, LIVE, TRIPPED, PAUSED, to=EXPIRED, whose=CLOCK),
    )
}
