"""Recognises gradient descent whose numbers nobody told: momentum, weight decay, a schedule, a factor.

Each step of such a loop is `-lr` times a sum of the gradients met so far, so that the unknown numbers follow from the
first two steps by least squares; the third step is the proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from grader.criteria.loop_plans import Floats
from grader.criteria.walks import Finding, Problem, Walk

NOT_ZEROED = 0.9985
"""A momentum this near to 1 is the sum of all gradients: they were never set to zero."""


def fit_descent(problem: Problem, walk: Walk) -> Finding | None:
    """The finding when the full-batch gradients met explain the first three steps; else None."""
    if len(walk.after) < 3:
        return None
    thetas = (problem.start, *walk.after[:3])
    steps = [(after - before) / -problem.lr for before, after in itertools.pairwise(thetas)]
    gradients = [problem.gradient(theta) for theta in thetas[:3]]
    noise = 1e-6 * (1.0 + max(float(np.abs(theta).max()) for theta in thetas)) / problem.lr
    for decay in _decays(steps[0], gradients[0], problem.start, noise):
        found = _without_decay(steps, [g + decay * t for g, t in zip(gradients, thetas, strict=False)], noise)
        if found is not None and decay and found.key == "right" and found.family == "SGD":
            return replace(found, family="SGD with weight decay")
        if found is not None:
            return found
    return None


def _decays(step: Floats, gradient: Floats, start: Floats, noise: float) -> Iterator[float]:
    """Weight decays that may be: none, or the one that explains the first step."""
    yield 0.0
    if np.abs(start).max() > 0.1:
        solution = np.linalg.lstsq(np.stack([gradient, start], axis=1), step, rcond=None)[0]
        if abs(solution[0] - 1.0) < 1e-3 and 1e-6 < solution[1] <= 0.2:
            yield float(solution[1])


def _without_decay(steps: Sequence[Floats], d: Sequence[Floats], noise: float) -> Finding | None:
    first = _coefficient(steps[0], d[0])
    if not _near(steps[0], first * d[0], noise):
        return None
    second = _coefficient(steps[1], d[1])
    third = _coefficient(steps[2], d[2])
    factors = (first, second, third)
    is_along = _near(steps[1], second * d[1], noise) and _near(steps[2], third * d[2], noise)
    if is_along:
        is_steady = abs(first - second) < 2e-3 * abs(first) and abs(first - third) < 2e-3 * abs(first)
        if is_steady and abs(first - 1) >= 2e-3:
            return _factor(first)
        if abs(first - 1) < 2e-3 and 0 < second <= 1.002 and 0 < third <= 1.002:
            return Finding("right", "SGD", factors=factors)
    for name, momentum, guesses in _with_momentum(steps, d, first):
        if -1e-3 < momentum < 1.5 and all(_near(s, g, noise) for s, g in zip(steps, guesses, strict=True)):
            if abs(momentum - 1) < 1 - NOT_ZEROED:
                return Finding("accumulated", "SGD")
            if momentum < 1 and name == "momentum":
                return Finding("right", "momentum")
            return _factor(first)
    return Finding("rate_changes", "SGD", factors=factors) if is_along and min(factors) > 0 else None


def _with_momentum(
    steps: Sequence[Floats], d: Sequence[Floats], first: float
) -> Iterator[tuple[str, float, list[Floats]]]:
    """Kinds of momentum: name, its number, and the three steps that it would take."""
    if abs(first - 1) < 2e-3:
        yield _heavy_ball("momentum", 1.0, 1.0, _coefficient(steps[1] - d[1], d[0]), d)
        (fresh, m), *_ = np.linalg.lstsq(np.stack([d[1], d[0]], axis=1), steps[1], rcond=None)
        if 0 < fresh < 1:
            yield _heavy_ball("momentum", 1.0, float(fresh), float(m), d)
    elif 1 < first < 2:
        m = first - 1
        speed = [d[0], m * d[0] + d[1], m**2 * d[0] + m * d[1] + d[2]]
        yield "momentum", m, [g + m * v for g, v in zip(d, speed, strict=True)]
    if 0 < first < 1:
        yield _heavy_ball("momentum", first, first, 1 - first, d)
    yield _heavy_ball("scaled", first, first, _coefficient(steps[1] - first * d[1], first * d[0]), d)


def _heavy_ball(
    name: str, first: float, fresh: float, momentum: float, d: Sequence[Floats]
) -> tuple[str, float, list[Floats]]:
    one = first * d[0]
    two = momentum * one + fresh * d[1]
    return name, momentum, [one, two, momentum * two + fresh * d[2]]


def _factor(factor: float) -> Finding:
    return Finding("ascent" if factor < 0 else "factor", "SGD", factor=factor)


def _coefficient(vector: Floats, along: Floats) -> float:
    return float(vector @ along / max(float(along @ along), 1e-300))


def _near(got: Floats, wanted: Floats, noise: float) -> bool:
    return bool(np.all(np.abs(got - wanted) <= noise + 1e-3 * np.abs(wanted).max()))
