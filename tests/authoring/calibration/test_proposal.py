"""Thresholds and starts that are proposed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.calibration.chances import finding
from grader.authoring.calibration.proposal import MOST_STARTS, propose, starts_needed
from grader.authoring.calibration.starts import Start, Thresholds
from grader.criteria.loss_threshold import PROMISE
from tests.authoring.calibration.samples import NOW, case, mixed, start, starts

RIGHT, WRONG = case("reference", "reference"), case("wrong", "must_fail")


def proposed(right: list[Start], wrong: list[Start], now: Thresholds = NOW):
    return propose([RIGHT, WRONG], {"reference": right, "wrong": wrong}, now)


def test_what_serves_stays() -> None:
    found = proposed(mixed(164, 40), starts([0.24] * 204))
    assert not found.is_change
    assert found.needed is not None
    assert found.needed < 12
    assert found.right is not None
    assert found.right.standing == "kept"


def test_a_threshold_below_what_right_ones_reach_is_raised_and_one_that_pays_a_wrong_one_lowered() -> None:
    right, wrong = mixed(164, 40, low=1e-4), starts([0.02 + k / 1e6 for k in range(204)])
    low = proposed(right, wrong, Thresholds(1e-6, 1e-5, 12))
    assert 1e-4 <= low.proposed.full_marks < 0.02
    high = proposed(right, wrong, Thresholds(0.03, 0.05, 12))
    assert 1e-4 <= high.proposed.full_marks < 0.02
    assert high.proposed.full_marks < high.proposed.no_marks <= 0.02
    assert high.wrong is not None
    assert high.wrong.some.estimate == 0


def test_too_few_starts_become_enough_and_the_rest_stays() -> None:
    found = proposed(mixed(164, 40), starts([0.24] * 204), NOW._replace(starts=2))
    assert found.proposed == NOW._replace(starts=found.needed)
    assert found.right is not None
    assert found.right.fails.high <= PROMISE


def test_starts_are_taken_away_where_a_wrong_one_gains_by_them() -> None:
    lucky = mixed(10, 194)
    found = proposed(mixed(184, 20), lucky, NOW._replace(starts=40))
    assert found.needed is not None
    assert found.proposed.starts == found.needed < 40


def test_a_right_one_that_always_fails_has_no_remedy() -> None:
    diverged = [start(float("nan"), k, weights="w") for k in range(12)]
    found = proposed(diverged, starts([0.24] * 204))
    assert found.needed is None
    assert not found.is_change


@settings(deadline=None, max_examples=25)
@given(st.integers(60, 204))
def test_the_starts_needed_are_enough_and_one_less_is_not(learned: int) -> None:
    found = finding(RIGHT, mixed(learned, 204 - learned), NOW)
    needed = starts_needed([found], MOST_STARTS)
    fails = found.one.not_at_all().high
    if needed is None:
        assert fails**MOST_STARTS > PROMISE
    else:
        assert fails**needed <= PROMISE < fails ** (needed - 1)
