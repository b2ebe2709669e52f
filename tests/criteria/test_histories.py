"""Where a history may end: the loss behind the last one, of the full batch and of mini-batches."""

from __future__ import annotations

import numpy as np
import pytest

from grader.criteria.histories import ends_at


def descent(seed: int) -> tuple[np.ndarray, float]:
    """Losses before each step, and at the end, of a line fitted by gradient descent at a rate that may be too large."""
    rng = np.random.default_rng(seed)
    rows, epochs = int(rng.choice([2, 3, 10, 100])), int(rng.choice([2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 300]))
    x = rng.uniform(-1.0, 2.0, (rows, 1))
    y = 2 * x - 1 + 0.5 * rng.normal(size=(rows, 1))
    design = np.hstack([x, np.ones((rows, 1))])
    steepest = 2 * np.linalg.eigvalsh(design.T @ design / rows)[-1]
    rate = rng.choice([0.001, 0.01, 0.1, 0.3, 0.6, 0.9, 0.99, 1.02]) * 2 / steepest
    theta, losses = np.zeros((2, 1), np.float32), []
    for _ in range(epochs + 1):
        residual = design @ theta - y
        losses.append(float(np.float32(np.square(residual).mean())))
        theta = (theta - rate * 2 * design.T @ residual / rows).astype(np.float32)
    return np.array(losses[:-1]), losses[-1]


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_the_next_loss_of_gradient_descent_is_one_that_its_history_may_end_with(first: int) -> None:
    for seed in range(first, first + 100):
        losses, end = descent(seed)
        assert ends_at(losses, end, 1.0, full=True), f"seed {seed}: {losses[-4:]} and then {end}"


@pytest.mark.parametrize("factor", [0.5, 0.7, 0.9, 0.97, 1.03, 1.1, 1.4, 2.0])
def test_another_loss_is_not_where_descent_has_come_to_rest(factor: float) -> None:
    losses = 0.25 + 3.0 * 0.8 ** np.arange(100)
    assert ends_at(losses, 0.25, 1.0, full=True)
    assert not ends_at(losses, 0.25 * factor, 1.0, full=True)


@pytest.mark.parametrize("factor", [0.7, 0.97, 1.03, 1.4])
def test_the_same_may_lie_apart_where_means_over_mini_batches_are_recorded(factor: float) -> None:
    losses = 0.25 + 3.0 * 0.8 ** np.arange(100)
    assert ends_at(losses, 0.25 * factor, 1.0)
    assert not ends_at(losses, 3.0 * 0.25, 1.0)


def test_rounded_losses_of_full_batches_end_where_they_should() -> None:
    losses = np.round(0.2513 + 3.0 * 0.8 ** np.arange(100), 2)
    assert ends_at(losses, 0.2513, 1.0, full=True)
    assert not ends_at(losses, 0.27, 1.0, full=True)
