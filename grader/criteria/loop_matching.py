"""Finds which training loop took the steps that a student's loop took: numpy only, no torch.

What comes in: the weights after one, two, three epochs, the simulated loops with their weights, and the loss. What
goes out: a `Finding`, which names the loop, or the mistake, or says that the loop is unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from grader.criteria.closure_steps import find_closure_steps
from grader.criteria.loop_plans import Floats, Plan
from grader.criteria.partial_clearing import fit_partial_clearing
from grader.criteria.plain_descent import fit_descent
from grader.criteria.walks import ABSOLUTE, RELATIVE, Finding, Problem, Walk, goes_down, moved, same

LAST = ("factor", "rate_changes")
"""What updates along the gradient are said to be only where no mistake with a name explains them."""


def find(problem: Problem, walk: Walk, plans: Sequence[Plan], states: Sequence[Floats]) -> Finding:
    """What loop went this walk; the first explanation that fits all epochs."""
    descends = goes_down(problem, walk.after[0])
    if not all(np.isfinite(theta).all() for theta in walk.after):
        return Finding("not_finite", descends=False)
    if not any(moved(problem.start, theta).any() for theta in walk.after):
        return Finding("still", descends=False)
    simulated = list(zip(plans, states, strict=True))
    right = [s for s in simulated if s[0].mistake is None]
    fitted = fit_descent(problem, walk)
    ignored = _data_ignored(problem, walk)
    found = (
        _simulated(problem, walk, right)
        or find_closure_steps(problem, walk)
        or _lr_ignored(problem, walk)
        # Targets turned round turn every gradient: no mistake of a loop that reads them leads to the same weights.
        or (ignored if ignored and "y" in ignored.ignored else None)
        or (fitted if fitted and fitted.key not in LAST else None)
        or _simulated(problem, walk, [s for s in simulated if s[0].mistake is not None])
        or (fitted if fitted and fitted.key == "factor" else None)
        or fit_partial_clearing(problem, walk)
        or _frozen(problem, walk, right)
        or ignored
        or _shifted(problem, walk, right)
        or _other_start(problem, walk)
        or _scheduled(problem, walk, simulated)
        or fitted
        or Finding("unknown")
    )
    return replace(found, descends=descends)


def _simulated(
    problem: Problem, walk: Walk, simulated: Sequence[tuple[Plan, Floats]], shift: int = 0
) -> Finding | None:
    wanted = walk.after[max(0, -shift) :]
    for plan, runs in simulated:
        seen = runs[:, max(0, shift) :]
        epochs = min(seen.shape[1], len(wanted))
        if epochs == 0:
            continue
        fits = np.ones(len(seen), dtype=bool)
        for epoch in range(epochs):
            way = np.abs(seen[:, epoch] - problem.start).max(axis=1, keepdims=True)
            allowed = ABSOLUTE * (1.0 + np.abs(seen[:, epoch])) + RELATIVE * way
            fits &= (np.abs(seen[:, epoch] - wanted[epoch]) <= allowed).all(axis=1)
        if fits.any():
            return Finding(plan.mistake or "right", plan.optimizer.family, plan.batch)
    return None


def _lr_ignored(problem: Problem, walk: Walk) -> Finding | None:
    if walk.other_lr is None or not moved(problem.start, walk.after[0]).any():
        return None
    return Finding("lr_ignored") if same(problem, walk.other_lr, walk.after[0]) else None


def _data_ignored(problem: Problem, walk: Walk) -> Finding | None:
    """Other inputs or targets lead to the same weights, although the gradient of one that moves turns round with them.

    An optimizer may go by the signs of gradients alone: what turns none of them round shows nothing.
    """
    signs = np.sign(problem.gradient(problem.start))
    names = [
        name
        for name, other in walk.elsewhere.items()
        if same(problem, other.after, walk.after[0])
        and (
            moved(problem.start, walk.after[0]) & (np.sign(other.problem.gradient(problem.start)) != signs)
        ).any()
    ]
    return Finding("data_ignored", ignored=tuple(names)) if names else None


def _shifted(problem: Problem, walk: Walk, right: Sequence[tuple[Plan, Floats]]) -> Finding | None:
    """The number of epochs is not the one asked for, though each is right."""
    if len(walk.after) < 2:
        return None
    if not moved(problem.start, walk.after[0]).any():
        found = _simulated(problem, walk, right, shift=-1)
        return replace(found, key="one_too_few") if found else None
    if all(same(problem, theta, walk.after[0]) for theta in walk.after[1:]):
        first = _simulated(problem, Walk(walk.after[:1]), right)
        return replace(first or Finding(""), key="epochs_ignored")
    found = _simulated(problem, walk, right, shift=1)
    return replace(found, key="one_too_many") if found else None


def _other_start(problem: Problem, walk: Walk) -> Finding | None:
    """From the first epoch's end on it is plain descent; so the first epoch began elsewhere."""
    if len(walk.after) < 3:
        return None
    for before, after in itertools.pairwise(walk.after):
        wanted = before - problem.lr * problem.gradient(before)
        allowed = 2 * ABSOLUTE * (1.0 + np.abs(after)) + 2 * RELATIVE * np.abs(wanted - before).max()
        if not moved(before, after).any() or not np.all(np.abs(after - wanted) <= allowed):
            return None
    return Finding("other_start", "SGD")


def _frozen(problem: Problem, walk: Walk, right: Sequence[tuple[Plan, Floats]]) -> Finding | None:
    """Some numbers never move, although the loss depends on them.

    A single one may be still by chance with a loss of another kind: there, the others must take a known first step.
    """
    gradients = np.abs([problem.gradient(theta) for theta in (problem.start, *walk.after[:-1])]).max(axis=0)
    still = ~np.any([moved(problem.start, theta) for theta in walk.after], axis=0)
    places = np.flatnonzero(still & (gradients > 1e-4 * gradients.max()))
    if len(places) == 1:
        partly = [np.where(still, problem.start, runs[0, 0]) for plan, runs in right if plan.batch is None]
        if not any(same(problem, walk.after[0], wanted) for wanted in partly):
            return None
    return Finding("frozen", frozen=tuple(int(p) for p in places)) if len(places) else None


def _scheduled(problem: Problem, walk: Walk, simulated: Sequence[tuple[Plan, Floats]]) -> Finding | None:
    """The first epoch is right, and the second goes the same way but less far: a scheduler lowers the rate."""
    if len(walk.after) < 2:
        return None
    for plan, runs in simulated:
        if plan.mistake or plan.batch or plan.epochs < 2 or not same(problem, walk.after[0], runs[0, 0]):
            continue
        step, wanted = walk.after[1] - walk.after[0], runs[0, 1] - runs[0, 0]
        rate = float(step @ wanted / max(float(wanted @ wanted), 1e-300))
        allowed = 2 * ABSOLUTE * (1.0 + np.abs(walk.after[1])) + 2 * RELATIVE * np.abs(wanted).max()
        if 0.01 < rate < 1.0 and bool(np.all(np.abs(step - rate * wanted) <= allowed)):
            return Finding("right", plan.optimizer.family, factors=(1.0, rate))
    return None
