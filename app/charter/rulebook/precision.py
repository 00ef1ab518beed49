"""How right a rule is, from a sample that people labelled, and how sure one may be of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

FEWEST: Final = 20
QUIET_ENOUGH: Final = 200
LEAST: Final = {"hold": 0.5, "block": 0.7}
_Z: Final = 1.959963984540054  # 95 % both sides


@dataclass(frozen=True)
class Precision:
    """`right` of `labelled` hits of a population of `hits` in `read` texts."""

    read: int
    hits: int
    right: int
    labelled: int

    @property
    def value(self) -> float | None:
        """The share of labelled hits that are right; None before the first label."""
        return self.right / self.labelled if self.labelled else None

    @property
    def bound(self) -> float | None:
        """What it is at least, with 95 % confidence; the share itself when every hit was labelled."""
        if not self.labelled:
            return None
        return self.right / self.labelled if self.is_whole else wilson(self.right, self.labelled)

    @property
    def is_whole(self) -> bool:
        return self.labelled >= self.hits

    @property
    def wanted(self) -> int:
        """How many labels it takes to be measured."""
        return min(FEWEST, self.hits)

    @property
    def is_measured(self) -> bool:
        """Labelled enough; or never wrong because it never spoke, in enough texts."""
        return self.labelled >= self.wanted if self.hits else self.read >= QUIET_ENOUGH

    def allows(self, action: str) -> bool:
        """Whether a rule of this action may stop texts."""
        if action not in LEAST:
            return True
        return self.is_measured and (self.bound is None or self.bound >= LEAST[action])


def wilson(right: int, n: int) -> float:
    """The lower end of Wilson's interval of a share (1927): honest for small samples."""
    share, square = right / n, _Z * _Z
    middle = share + square / (2 * n)
    half = _Z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return min(share, max(0.0, (middle - half) / (1 + square / n))) if right else 0.0
