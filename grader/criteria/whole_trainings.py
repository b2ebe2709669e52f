"""Whole trainings by plain gradient descent: other data, sizes, scales and rates, and many epochs.

The first updates tell which loop it is (`loop_matching`); a rate that falls later, rows that are left out where there
are many, or large gradients that are cut, show in longer and larger trainings only. Where those end is computed here,
in float64; a training that ends elsewhere is compared with what mistakes would give.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from grader.criteria.loop_plans import Floats
from grader.criteria.walks import RELATIVE, Problem

Key = Literal[
    "stops",
    "first_rows",
    "last_rows",
    "mini_batches",
    "rate",
    "rows_later",
    "shorter",
    "late",
    "changes",
    "many_rows",
    "other",
]

BATCHES = (1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 256)
"""Sizes of mini-batches that are tried, in the order of the rows."""
ROUNDING = 2e-6
"""Of the weights: float32, over a whole training."""


@dataclass(frozen=True, eq=False)
class Training:
    """One training, and the weights `[p]` it ended in."""

    problem: Problem
    epochs: int
    after: Floats


@dataclass(frozen=True)
class Deviation:
    """How trainings differ from plain gradient descent: of one of them, where the mistake explains all that differ."""

    key: Key
    rows: int
    """How many the data had."""
    epochs: int
    """How many were asked for."""
    counted: int = 0
    """How many rows count."""
    epoch: int = 0
    """The last epoch that is right, or that is done at all."""
    batch: int = 0
    factor: float = 1.0
    """How long the update is, as a share of `lr` times the gradient."""
    distance: float = 0.0
    """Of the weights from where they should be, as a share of the way."""


def deviation_of(followed: Sequence[Training], whole: Sequence[Training]) -> Deviation | None:
    """None where all trainings end where plain gradient descent ends.

    `followed` are trainings of 1, 2, 3, … epochs from one start, with the same data and rate; `whole` are any others.
    """
    strays = [training for training in followed if not _is_plain(training)]
    if strays:
        return _first_change(followed, strays[0])
    strays = [training for training in whole if not _is_plain(training)]
    if not strays:
        return None
    strays.sort(key=lambda training: training.epochs)
    for explain in (_stops, _first_rows, _last_rows, _mini_batches):
        explained = list(itertools.takewhile(bool, map(explain, strays)))
        if len(explained) == len(strays):
            return max(filter(None, explained), key=lambda found: (found.rows, found.epochs))
    return _shorter(strays) or _unexplained(followed, whole, strays)


def descended(problem: Problem, epochs: int) -> Floats:
    """`[p]`: where plain gradient descent ends, in float64; equal problems are computed once."""
    return _path(problem, epochs)[-1]


def _path(problem: Problem, epochs: int) -> tuple[Floats, ...]:
    arrays = (problem.x, problem.y, problem.start)
    return _cached_path(
        _Known(problem, tuple(array.tobytes() for array in arrays), problem.lr, epochs),
    )


@dataclass(frozen=True, eq=False)
class _Known:
    problem: Problem
    content: tuple[bytes, ...]
    lr: float
    epochs: int

    def __hash__(self) -> int:
        return hash((self.content, self.lr, self.epochs, self.problem.form))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Known)
            and (self.content, self.lr, self.epochs) == (other.content, other.lr, other.epochs)
            and self.problem.form == other.problem.form
        )


@lru_cache(maxsize=200)
def _cached_path(known: _Known) -> tuple[Floats, ...]:
    states = [known.problem.start]
    for _ in range(known.epochs):
        states.append(states[-1] - known.lr * known.problem.gradient(states[-1]))
    return tuple(states)


def _allowed(start: Floats, wanted: Floats) -> float:
    way = float(np.abs(wanted - start).max())
    return RELATIVE * way + ROUNDING * float(np.maximum(np.abs(wanted), np.abs(start)).max()) + 1e-12


def _ends_at(training: Training, wanted: Floats) -> bool:
    allowed = _allowed(training.problem.start, wanted)
    return bool(np.isfinite(training.after).all() and np.abs(training.after - wanted).max() <= allowed)


def _is_plain(training: Training) -> bool:
    return _ends_at(training, descended(training.problem, training.epochs))


def _part(problem: Problem, rows: slice) -> Problem:
    return replace(problem, x=problem.x[rows], y=problem.y[rows])


def _found(key: Key, training: Training) -> Deviation:
    wanted = descended(training.problem, training.epochs)
    way = max(float(np.abs(wanted - training.problem.start).max()), 1e-12)
    distance = float(np.abs(training.after - wanted).max()) / way
    return Deviation(key, len(training.problem.x), training.epochs, distance=distance)


def _stops(training: Training) -> Deviation | None:
    path = _path(training.problem, training.epochs)
    for epoch in range(training.epochs):
        if _ends_at(training, path[epoch]):
            return replace(_found("stops", training), epoch=epoch)
    return None


def _first_rows(training: Training) -> Deviation | None:
    return _some_rows("first_rows", training, lambda count, _: slice(0, count))


def _last_rows(training: Training) -> Deviation | None:
    return _some_rows("last_rows", training, lambda count, rows: slice(rows - count, rows))


def _some_rows(key: Key, training: Training, part: Callable[[int, int], slice]) -> Deviation | None:
    """Whether the training is one on so many rows at the beginning, or at the end, of the data."""
    rows = len(training.problem.x)
    for count in _candidates(training, part):
        problem = _part(training.problem, part(count, rows))
        if _ends_at(training, descended(problem, training.epochs)):
            return replace(_found(key, training), counted=count)
    return None


def _candidates(training: Training, part: Callable[[int, int], slice]) -> Iterable[int]:
    """Numbers of rows: all of them after one epoch, when a mean of gradients tells; the usual ones of many rows."""
    rows = len(training.problem.x)
    if training.epochs == 1 or rows <= 20:
        return range(1, rows)
    shares = {int(rows * share) for share in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9)}
    usual = {*range(1, 13), *BATCHES, *range(15, rows, 5), rows // 2, rows - 1, *shares}
    return sorted(count for count in usual if 0 < count < rows)


def _mini_batches(training: Training) -> Deviation | None:
    problem = training.problem
    rows = len(problem.x)
    for batch in BATCHES:
        if batch >= rows:
            return None
        theta = problem.start
        for _ in range(training.epochs):
            for start in range(0, rows, batch):
                theta = theta - problem.lr * _part(problem, slice(start, start + batch)).gradient(theta)
        if _ends_at(training, theta):
            return replace(_found("mini_batches", training), batch=batch)
    return None


def _shorter(strays: Sequence[Training]) -> Deviation | None:
    """Whether single updates go along the gradient, but not so far."""
    single = [training for training in strays if training.epochs == 1]
    found = []
    for training in single:
        factor = _factor(training.after - training.problem.start, training.problem, training.problem.start)
        if factor is None or factor >= 1:
            return None
        found.append(replace(_found("shorter", training), factor=factor))
    return min(found, key=lambda one: one.factor) if found else None


def _factor(step: Floats, problem: Problem, before: Floats) -> float | None:
    """How many times `lr` times the gradient a step is; None where it does not go along the gradient."""
    wanted = -problem.lr * problem.gradient(before)
    factor = float(step @ wanted / max(float(wanted @ wanted), 1e-300))
    rounding = ROUNDING * float(np.maximum(np.abs(before), np.abs(before + step)).max())
    allowed = 1e-3 * abs(factor) * float(np.abs(wanted).max()) + rounding
    return factor if factor > 0 and bool((np.abs(step - factor * wanted) <= allowed).all()) else None


def _first_change(followed: Sequence[Training], stray: Training) -> Deviation:
    """What the updates are from the first that is not right to the last that was followed."""
    at = followed.index(stray)
    problem = stray.problem
    states = [problem.start if at == 0 else followed[at - 1].after, *(t.after for t in followed[at:])]
    steps = [(before, after - before) for before, after in itertools.pairwise(states)]
    found = replace(_found("changes", stray), epoch=stray.epochs - 1)
    if not any(np.abs(step).max() > _allowed(problem.start, before) / 10 for before, step in steps):
        return replace(found, key="stops", epochs=followed[-1].epochs)
    factors = [_factor(step, problem, before) for before, step in steps]
    if factors[0] is not None and None not in factors:
        return replace(found, key="rate", factor=factors[0])
    rows = len(problem.x)
    for count in range(1, rows):
        for part in (slice(0, count), slice(rows - count, rows)):
            of_part = _part(problem, part)
            if all(_is_near_one(_factor(step, of_part, before)) for before, step in steps):
                return replace(found, key="rows_later", counted=count)
    return found


def _is_near_one(factor: float | None) -> bool:
    return factor is not None and abs(factor - 1) < 2e-3


def _unexplained(
    followed: Sequence[Training], whole: Sequence[Training], strays: Sequence[Training]
) -> Deviation:
    if all(training.epochs > len(followed) for training in strays):
        return replace(_found("late", strays[0]), epoch=len(followed))
    least = min(len(training.problem.x) for training in strays)
    right = [len(t.problem.x) for t in (*followed, *whole) if not any(t is stray for stray in strays)]
    if max(right) < least:
        return replace(_found("many_rows", strays[0]), counted=max(right))
    return max((_found("other", training) for training in strays), key=lambda found: found.distance)
