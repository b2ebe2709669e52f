"""A student's training loop as seen from outside: from where, over which loss, where it went, and what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from grader.criteria.loop_plans import Floats
from grader.criteria.network import Form, mse

RELATIVE = 2e-4
"""Of the way gone: float32 against float64, over a few steps."""
ABSOLUTE = 3e-6
"""Of the weights themselves: rounding in float32."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is minimised, and from where: the mean squared error of a small network."""

    form: Form
    x: Floats
    """`[n, in]`"""
    y: Floats
    """`[n, out]`"""
    start: Floats
    """`[p]`"""
    lr: float

    def loss(self, theta: Floats) -> float:
        """The loss of one parameter vector."""
        return mse(self.form.outputs(theta[None], self.x)[0], self.y)

    def gradient(self, theta: Floats) -> Floats:
        """`[p]`: by central differences in float64."""
        return np.asarray(self.sample_gradients(theta).mean(axis=0), dtype=np.float64)

    def curvature(self, theta: Floats) -> float:
        """The second derivative of the loss along its gradient, for a step of length 1."""
        gradient = self.gradient(theta)
        way = gradient / max(float(np.linalg.norm(gradient)), 1e-12)
        return float(way @ (self.gradient(theta + 1e-3 * way) - gradient)) / 1e-3

    def sample_gradients(self, theta: Floats) -> Floats:
        """`[n, p]`: of each sample's own loss."""
        step = 1e-6 * (1.0 + np.abs(theta))
        shifts = np.diag(step)
        errors = [
            np.square(self.form.outputs(theta + sign * shifts, self.x) - self.y).mean(axis=-1)
            for sign in (1, -1)
        ]
        return np.asarray((errors[0] - errors[1]).T / (2 * step), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """One epoch on other data."""

    problem: Problem
    after: Floats
    """`[p]`"""


@dataclass(frozen=True, eq=False)
class Walk:
    """Where a student's loop went."""

    after: tuple[Floats, ...]
    """`[p]` after 1, 2, 3, … epochs, each asked afresh from the same start."""
    other_lr: Floats | None = None
    """`[p]` after one epoch with another learning rate."""
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    """By argument, `x` or `y`: one epoch with other values of it, for which the gradient has other signs."""
    visited: Floats | None = None
    """`[k, p]` where the model was evaluated in the first epoch, where the question could see it."""


@dataclass(frozen=True)
class Finding:
    """What a student's loop is."""

    key: str
    """`right`, a mistake's key, or `unknown`."""
    family: str = ""
    """The optimizer, as rubrics name it."""
    batch: int | None = None
    """Size of the mini-batches; None for the full batch."""
    frozen: tuple[int, ...] = ()
    """Places in the parameter vector that never move although they have a gradient."""
    factor: float = 1.0
    """How many times too long each step is, where it is that."""
    factors: tuple[float, ...] = ()
    """Of a rate that changes: how long the first updates are, as shares of `lr` times the gradient."""
    ignored: tuple[str, ...] = ()
    """Arguments that change nothing."""
    descends: bool = True
    """Whether the first epoch goes down the loss."""


def moved(before: Floats, after: Floats) -> npt.NDArray[np.bool_]:
    """`[p]` of bool: which numbers changed by more than rounding."""
    return np.asarray(np.abs(after - before) > ABSOLUTE / 10 * (1.0 + np.abs(before)))


def same(problem: Problem, got: Floats, wanted: Floats) -> bool:
    """Whether two parameter vectors are equal within float32's rounding."""
    way = float(np.max(np.abs(wanted - problem.start), initial=0.0))
    return bool(np.all(np.abs(got - wanted) <= ABSOLUTE * (1.0 + np.abs(wanted)) + RELATIVE * way))


def goes_down(problem: Problem, after: Floats) -> bool:
    """Whether a walk set out down the loss, or ended lower than it began."""
    if not np.isfinite(after).all():
        return False
    slope = float(problem.gradient(problem.start) @ (after - problem.start))
    return slope < 0 or problem.loss(after) < problem.loss(problem.start)
