"""Gradient descent of an affine function from zero, done once more: is a history that of such a training?

A training by the formulas of the gradient computes none by autograd, so that no kernel has a record of it; but from
the first two losses the rest follows.
"""

from __future__ import annotations

import numpy as np

from grader.criteria.network import Floats, Form
from grader.criteria.trained import Points

RELATIVE = 1e-3
"""Of a loss: float32 against float64, over a whole training."""
LONGEST = 20_000
"""Steps that are done at most."""


def is_descent_from_zero(history: Floats, loss: float, points: Points, form: Form) -> bool:
    """Whether these are losses of full-batch descent from zero at one rate, which ends at weights of this loss."""
    if form.hidden or form.output != "none" or not 3 <= len(history) <= LONGEST:
        return False
    design = np.hstack([points.x, np.ones((len(points.x), 1))])[:, : points.x.shape[1] + form.biases[0]]
    start = np.zeros((design.shape[1], points.y.shape[1]))
    way = _gradient(start, design, points.y)
    before = float(np.mean(np.square(points.y)))
    curvature = float(np.mean(np.square(design @ way)))
    if curvature == 0:
        return False
    # The loss after the first step of the rate r is: before - r |way|^2 + r^2 curvature.
    slope = float(np.square(way).sum())
    rest = slope**2 - 4 * curvature * (before - history[1])
    if rest < 0:
        return False
    rates = [(slope + sign * np.sqrt(rest)) / (2 * curvature) for sign in (-1, 1)]
    return any(_fits(history, loss, _losses(rate, len(history), design, points.y)) for rate in rates)


def _gradient(weights: Floats, design: Floats, y: Floats) -> Floats:
    return np.asarray(2 * design.T @ (design @ weights - y) / y.size)


def _losses(rate: float, steps: int, design: Floats, y: Floats) -> Floats:
    """`[steps + 1]`, before each step and at the end."""
    weights = np.zeros((design.shape[1], y.shape[1]))
    losses = [float(np.mean(np.square(y)))]
    for _ in range(steps):
        weights = weights - rate * _gradient(weights, design, y)
        losses.append(float(np.mean(np.square(design @ weights - y))))
    return np.array(losses)


def _fits(history: Floats, loss: float, losses: Floats) -> bool:
    wanted = np.append(history, loss)
    return bool((np.abs(losses - wanted) <= RELATIVE * np.abs(wanted)).all())
