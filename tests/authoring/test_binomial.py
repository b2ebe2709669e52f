"""Bounds and intervals of probabilities: laws that Clopper and Pearson's have."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.binomial import Chance, chance, upper_bound

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def tail(successes: int, trials: int, p: float) -> float:
    """The chance of at most so many successes, with exact binomials."""
    return math.fsum(math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(successes + 1))


def test_the_bound_of_no_failure_in_300_is_a_hundredth() -> None:
    assert upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 400), st.data())
def test_the_bound_lies_above_the_share_seen_and_grows_with_it(trials: int, data: st.DataObject) -> None:
    failures = data.draw(st.integers(0, trials - 1))
    assert failures / trials <= upper_bound(failures, trials) <= upper_bound(failures + 1, trials) + 1e-9


@settings(deadline=None, max_examples=50)
@given(COUNTS)
def test_at_the_ends_of_the_interval_what_was_seen_is_as_unlikely_as_is_said(counts: tuple[int, int]) -> None:
    successes, trials = counts
    found = chance(successes, trials)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    if successes < trials:
        assert tail(successes, trials, found.high) == pytest.approx(0.025, rel=1e-6)
    if successes > 0:
        assert 1 - tail(successes - 1, trials, found.low) == pytest.approx(0.025, rel=1e-6)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.floats(0.0, 1.0))
def test_the_interval_holds_the_truth_at_least_as_often_as_it_says(trials: int, p: float) -> None:
    covered = 0.0
    for successes in range(trials + 1):
        found = chance(successes, trials)
        if found.low - 1e-12 <= p <= found.high + 1e-12:
            covered += math.comb(trials, successes) * p**successes * (1 - p) ** (trials - successes)
    assert covered >= 0.95 - 1e-9


@settings(deadline=None, max_examples=50)
@given(COUNTS, st.integers(1, 50))
def test_several_trials_all_or_any_complete_each_other(counts: tuple[int, int], trials: int) -> None:
    one = chance(*counts)
    any_ = one.of_any(trials)
    assert any_.estimate == pytest.approx(1 - (1 - one.estimate) ** trials)
    assert any_.low <= any_.estimate <= any_.high
    assert any_.not_at_all() == pytest.approx(one.not_at_all().of_all(trials), abs=1e-12)
    assert one.of_all(trials).high <= one.high


def test_without_a_trial_all_is_possible() -> None:
    found = chance(0, 0)
    assert math.isnan(found.estimate)
    assert (found.low, found.high) == (0.0, 1.0)
    assert Chance(0.5, 0.4, 0.6).of_all(1) == (0.5, 0.4, 0.6)
