"""The losses of the weights that a training went through, recomputed by our own forward pass.

What comes in: a training whose weights were recorded, in an order of its own, and the weights that were left, with the
network that they make. What goes out: the mean squared error at the data, for each of the recorded weights.
"""

from __future__ import annotations

import numpy as np

from grader.criteria.network import Floats, Places
from grader.criteria.recorded_trainings import EQUAL, Training
from grader.criteria.trained import Points, Trained

CHUNK = 2000
"""Weights whose losses are computed at once: memory, no more."""


def losses_on_the_way(training: Training, trained: Trained, points: Points) -> Floats | None:
    """`[k]`, float64; None where weights or network are not known, or the order of the weights cannot be told."""
    network, theta = trained.network, trained.theta
    if network is None or theta is None or not len(training.weights) or training.size != theta.size:
        return None
    order = _order(training.weights, theta)
    if order is None:
        return None
    ordered = network.signs * training.weights[:, order[network.places]]
    losses = [
        np.square(network.form.outputs(ordered[at : at + CHUNK], points.x) - points.y).mean(axis=(1, 2))
        for at in range(0, len(ordered), CHUNK)
    ]
    return np.concatenate(losses)


def _order(weights: Floats, theta: Floats) -> Places | None:
    """`[p]`: which of a set's values stands at each place of `theta`, judged by the recorded ones that are nearest."""
    in_order = np.sort(theta)
    gaps = np.abs(np.sort(weights, axis=1) - in_order).max(axis=1)
    nearest = int(np.argmin(gaps))
    apart = float(np.diff(in_order).min(initial=np.inf))
    if gaps[nearest] > max(apart / 2, EQUAL):
        return None
    order = np.empty(theta.size, np.intp)
    order[np.argsort(theta, kind="stable")] = np.argsort(weights[nearest], kind="stable")
    return order
