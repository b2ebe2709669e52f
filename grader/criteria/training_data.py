"""Draws the starts from which training loops are looked at, and the data that show which arguments are used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.criteria.loop_plans import Floats
from grader.criteria.walks import Problem

TRIES = 100
"""Starts drawn, of which the one is taken where no gradient is tiny."""
FAR_OFF = 3.0
"""Added to the output's bias where one epoch must show a descent: all samples agree which way it goes."""


def telling_start(at: Problem, rng: np.random.Generator, *, for_one_epoch: bool) -> Floats:
    """`[p]`: random weights whose gradients are all large enough to be seen; `at` holds data, form and rate."""
    best, most = at.start, -1.0
    for _ in range(TRIES):
        start = random_start(at, rng)
        if for_one_epoch:
            start[-at.form.layers[-1] :] += FAR_OFF
        start = start.astype(np.float32).astype(np.float64)
        each = at.sample_gradients(start)
        sizes = np.abs(each.mean(axis=0))
        agreement = sizes / np.maximum(np.abs(each).mean(axis=0), 1e-12)
        score = float(sizes.min() / max(sizes.max(), 1e-12))
        if for_one_epoch:
            score *= float(agreement.min()) / max(1.0, at.curvature(start)) ** 4
        elif _same_signs(at, start):
            score /= 10
        if score > most:
            best, most = start, score
    return best


def random_start(at: Problem, rng: np.random.Generator) -> Floats:
    """`[p]`: as float32 holds them."""
    return np.asarray(rng.uniform(-1.5, 1.5, at.form.parameters).astype(np.float32), dtype=np.float64)


def other_data(at: Problem, rng: np.random.Generator) -> dict[str, Floats]:
    """`x` and `y`, to be taken one at a time: with other inputs some gradients turn round, with other targets all.

    An optimizer that goes by the signs of gradients moves the weights elsewhere, too, if it is given these.
    """
    turned = 2 * at.form.outputs(at.start[None], at.x)[0] - at.y
    signs = np.sign(at.gradient(at.start))
    drawn = [rng.uniform(-2.0, 2.0, at.x.shape) for _ in range(TRIES)]
    changes = [int((np.sign(replace(at, x=x).gradient(at.start)) != signs).sum()) for x in drawn]
    return {"x": drawn[int(np.argmax(changes))], "y": turned}


def _same_signs(problem: Problem, theta: Floats) -> bool:
    """Whether a loss of shapes broadcast to [n, n] has a gradient of the same signs: Adam's first step hides that."""
    mean = np.broadcast_to(problem.y.mean(axis=0), problem.y.shape)
    other = replace(problem, y=mean).gradient(theta)
    return bool((np.sign(other) == np.sign(problem.gradient(theta))).all())
