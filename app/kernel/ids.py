"""Public numbers that tell nothing: made from the time, so that no gap betrays what one may not see."""

from __future__ import annotations

import random
import time

_SINCE_2020_US = 1_577_836_800_000_000
_SPREAD = 8
_random = random.SystemRandom()
_last = 0


def new_id() -> int:
    """A number never given before by this process, below 2**53 so that every JSON reader keeps it whole.

    Two processes may meet once in many million; the action then simply runs again.
    """
    global _last  # one writer a process; greenlets don't switch here
    fresh = (time.time_ns() // 1000 - _SINCE_2020_US) * _SPREAD + _random.randrange(_SPREAD)
    _last = max(_last + 1, fresh)
    return _last


def id_at(micros: int, spread: int = 0) -> int:
    """The number an object made at that microsecond (since 1970) would have; for generators and bounds."""
    return (micros - _SINCE_2020_US) * _SPREAD + spread % _SPREAD
