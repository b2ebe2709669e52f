"""Judges the steps of optimizers that evaluate the loss several times in each, as LBFGS does with its closure.

Their numbers depend on rounding too much to be simulated. But until as many gradients were met as there are parameters,
all that such an optimizer can do is to move along sums of these gradients: that shows which loss they are of.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from grader.criteria.loop_plans import Floats
from grader.criteria.walks import Finding, Problem, Walk

LEAST = 3
"""States at which the loss was evaluated in one epoch: fewer need no closure."""
LEFT = 1e-2
"""Of each move, what may lie outside of the sums of gradients: float32."""


def find_closure_steps(problem: Problem, walk: Walk) -> Finding | None:
    """The finding where one epoch evaluates the loss several times and moves along its gradients; else None."""
    if walk.visited is None or walk.visited.shape[1:] != problem.start.shape:
        return None
    states = _distinct(np.vstack([walk.visited, walk.after[0]]))
    if len(states) <= LEAST or not np.allclose(states[0], problem.start, atol=1e-6):
        return None
    if not np.isfinite(states).all() or problem.loss(walk.after[-1]) >= problem.loss(problem.start):
        return None
    if _along_gradients(problem, states):
        if walk.other_lr is not None and np.array_equal(walk.other_lr, walk.after[0]):
            return Finding("lr_ignored", "closure")
        return Finding("right", "closure")
    rows = range(len(problem.x))
    if len(rows) > 12:
        return None
    parts = itertools.chain.from_iterable(itertools.combinations(rows, size) for size in rows if size)
    for part in parts:
        some = replace(problem, x=problem.x[list(part)], y=problem.y[list(part)])
        if _along_gradients(some, states):
            return Finding("part_of_data", "closure")
    return None


def _distinct(states: Floats) -> Floats:
    """`[k, p]`: without those that repeat the one before."""
    moved = np.abs(np.diff(states, axis=0)).max(axis=1) > 0
    return np.asarray(states[np.concatenate([[True], moved])])


def _along_gradients(problem: Problem, states: Floats) -> bool:
    """Whether the first states lie where sums of the gradients met before lead; half as many as parameters."""
    gradients: list[Floats] = []
    for before, after in itertools.islice(itertools.pairwise(states), max(2, states.shape[1] // 2)):
        gradient = problem.gradient(before)
        gradients.append(gradient / max(float(np.linalg.norm(gradient)), 1e-300))
        basis = np.stack(gradients, axis=1)
        way = after - problem.start
        left = way - basis @ np.linalg.lstsq(basis, way, rcond=1e-9)[0]
        if np.linalg.norm(left) > LEFT * np.linalg.norm(way) + 1e-6:
            return False
    return True
