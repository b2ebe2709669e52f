from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.criteria.history_matching import holds, holds_recomputed, resembles
from grader.criteria.network import Floats

SEEDS = st.integers(0, 10**6)


def course(seed: int, length: int, *, noise: float = 0.1) -> Floats:
    """Losses as a training has them: they fall, with noise, to a floor."""
    rng = np.random.default_rng(seed)
    falling = rng.uniform(0.5, 5) * np.exp(-np.arange(length) * rng.uniform(1, 8) / length) + rng.uniform(
        0, 0.3
    )
    return np.asarray(falling * np.exp(noise * rng.normal(size=length)))


@settings(max_examples=60)
@given(SEEDS, st.integers(5, 200), st.integers(1, 4), st.sampled_from([1.0, 4.0, 0.25, 100.0]))
def test_all_that_loops_record_is_found(seed: int, epochs: int, batches: int, factor: float) -> None:
    losses = course(seed, epochs * batches + 7)
    each = losses[3 : 3 + epochs * batches].reshape(epochs, batches)
    assert holds(losses[:epochs], losses)
    assert holds(factor * each.mean(axis=1), losses)
    assert holds(each[:, -1], losses), "the last batch's"
    assert holds(np.round(each[:, 0], 4), losses)
    assert holds(np.append(losses[1:], 0.0), losses), "after each step, the last one of the trained weights"


@settings(max_examples=60)
@given(SEEDS, st.integers(6, 200), st.integers(2, 4))
def test_a_last_batch_that_is_smaller_may_weigh_less(seed: int, epochs: int, batches: int) -> None:
    losses = course(seed, epochs * batches)
    each = losses.reshape(epochs, batches)
    sizes = np.array([16] * (batches - 1) + [5])
    assert holds(each @ sizes / sizes.sum(), losses)


@settings(max_examples=60)
@given(SEEDS, st.integers(8, 200))
def test_what_was_not_recorded_is_not_found(seed: int, length: int) -> None:
    losses = course(seed, length)
    assert not holds(course(seed + 1, length), losses)
    assert not holds(losses[::-1], losses)
    changed = losses.copy()
    changed[length // 2] *= 1.01
    assert not holds(changed, losses)
    assert not holds(losses, losses[: length // 2]), "a longer training with the same beginning"


def test_closures_that_are_called_several_times_a_step_are_found() -> None:
    losses = course(3, 60)
    assert holds(losses[[0, 4, 9, 10, 11, 30, 59]], losses)


@settings(max_examples=40)
@given(SEEDS, st.integers(5, 100))
def test_losses_recomputed_in_float64_are_those_recorded_in_float32(seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    roots = np.exp(-np.arange(length) * 0.4)
    rounded = np.square(roots * (1 + 1e-8 * rng.normal(size=length)) + 2e-7 * rng.uniform(0, 1, length))
    assert holds_recomputed(rounded, np.square(roots))
    assert holds_recomputed(np.append(rounded[1:], 0.0), np.square(roots))
    assert not holds_recomputed(1.01 * rounded, np.square(roots))


def test_courses_resemble_each_other_where_only_noise_is_between() -> None:
    losses = course(5, 400)
    assert resembles(1.3 * course(5, 400, noise=0.3), losses)
    assert resembles(losses.reshape(100, 4).mean(axis=1), losses)
    assert not resembles(np.geomspace(5, 0.3, 400), losses)
    assert not resembles(np.array([4.0, 2.0, 1.0, 0.5, 0.26]), losses)


@pytest.mark.parametrize("values", [[np.nan, 1.0, 1.0, 1.0, 1.0], [np.inf] * 5, []])
def test_losses_that_are_no_numbers_hold_nothing(values: list[float]) -> None:
    history = np.array([3.0, 2.0, 1.5, 1.2, 1.0])
    losses = np.array(values)
    assert not holds(history, losses)
    assert not resembles(history, losses)
