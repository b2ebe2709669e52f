"""Recognises plain gradient descent where the gradients of some parameters are cleared, and those of others not."""

from __future__ import annotations

import itertools

import numpy as np

from grader.criteria.walks import Finding, Problem, Walk


def fit_partial_clearing(problem: Problem, walk: Walk) -> Finding | None:
    """The finding when each number moves by its gradient, or by the sum of its gradients so far, and both are met.

    The gradients are taken at the weights that the walk itself went through, so that the numbers need not be simulated.
    """
    if len(walk.after) < 3:
        return None
    thetas = (problem.start, *walk.after[:3])
    steps = np.stack([(after - before) / -problem.lr for before, after in itertools.pairwise(thetas)])
    fresh = np.stack([problem.gradient(theta) for theta in thetas[:3]])
    summed = np.cumsum(fresh, axis=0)
    noise = 1e-6 * (1.0 + max(float(np.abs(theta).max()) for theta in thetas)) / problem.lr
    allowed = noise + 2e-3 * np.abs(fresh).max()
    is_cleared = (np.abs(steps - fresh) <= allowed).all(axis=0)
    is_summed = (np.abs(steps - summed) <= allowed).all(axis=0)
    known = is_cleared | is_summed
    if not known.all() or not (is_cleared & ~is_summed).any() or not (is_summed & ~is_cleared).any():
        return None
    return Finding("partly_accumulated", "SGD")
