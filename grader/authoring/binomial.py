"""Chances from counts: what so many successes in so many trials say of a probability, and of several trials together.

Bounds are Clopper and Pearson's: exact, never too narrow, found by bisection on the binomial tail.
Source: Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

CONFIDENCE = 0.95
"""Of all intervals and bounds."""


class Chance(NamedTuple):
    """A probability, with its interval."""

    estimate: float
    low: float
    high: float

    def of_all(self, trials: int) -> Chance:
        """That it happens in every one of several independent trials: the interval is carried through."""
        return Chance(*(p**trials for p in self))

    def of_any(self, trials: int) -> Chance:
        """That it happens in at least one of several independent trials."""
        return self.not_at_all().of_all(trials).not_at_all()

    def not_at_all(self) -> Chance:
        """That it does not happen."""
        return Chance(1 - self.estimate, 1 - self.high, 1 - self.low)


def chance(successes: int, trials: int, confidence: float = CONFIDENCE) -> Chance:
    """The share seen, with a two-sided interval; all is possible where there was no trial."""
    if trials == 0:
        return Chance(math.nan, 0.0, 1.0)
    each_side = (1 + confidence) / 2
    low = 1 - upper_bound(trials - successes, trials, each_side)
    return Chance(successes / trials, low, upper_bound(successes, trials, each_side))


@cache
def upper_bound(successes: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """One-sided upper bound of a probability."""
    if successes == trials:
        return 1.0
    ways = [
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        for k in range(successes + 1)
    ]
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        log_p, log_q = math.log(middle), math.log1p(-middle)
        tail = math.fsum(math.exp(w + k * log_p + (trials - k) * log_q) for k, w in enumerate(ways))
        low, high = (middle, high) if tail > 1 - confidence else (low, middle)
    return high
