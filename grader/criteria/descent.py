"""Judges one epoch of a loop whose optimizer and learning rate nobody knows: does each weight go down the loss?"""

from __future__ import annotations

import numpy as np

from grader.criteria.loop_plans import Floats
from grader.criteria.walks import Finding, Problem, goes_down, moved

SMALL = 0.02
"""Weights whose gradient is less than this share of the largest may do as they like."""


def find_descent(problem: Problem, after: Floats, *, batches: bool) -> Finding:
    """`right`, or which mistake; `unknown` where some weights go the wrong way and nothing tells why.

    With mini-batches single weights may go either way, and a large rate may end higher than it began.
    """
    if not np.isfinite(after).all():
        return Finding("not_finite", descends=False)
    way = after - problem.start
    changed = moved(problem.start, after)
    if not changed.any():
        return Finding("still", descends=False)
    gradient = problem.gradient(problem.start)
    counts = np.abs(gradient) > SMALL * np.abs(gradient).max()
    if (way * gradient > 0)[counts].all() and not batches:
        return Finding("ascent", descends=False)
    still = np.flatnonzero(counts & ~changed)
    if len(still):
        return Finding("frozen", frozen=tuple(int(place) for place in still))
    if not goes_down(problem, after):
        return Finding("unclear" if batches else "unknown", descends=False)
    return Finding("right" if batches or (way * gradient < 0)[counts].all() else "unknown")
