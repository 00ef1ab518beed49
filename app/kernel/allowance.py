from __future__ import annotations

import time
from collections.abc import Callable

FORGET_BEYOND = 10_000


class Allowance:
    """So many of something for each one in so many seconds, in this process: a bucket that fills evenly."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._clock = float(most), most / seconds, clock
        self._left: dict[int, tuple[float, float]] = {}

    def allows(self, who: int) -> bool:
        """Take one, if there is one left."""
        now = self._clock()
        left = self._filled(who, now)
        self._left[who] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > FORGET_BEYOND:
            self._forget_full(now)
        return left >= 1

    def _filled(self, who: int, now: float) -> float:
        left, at = self._left.get(who, (self._most, now))
        return min(self._most, left + (now - at) * self._rate)

    def _forget_full(self, now: float) -> None:
        self._left = {who: kept for who, kept in self._left.items() if self._filled(who, now) < self._most}
