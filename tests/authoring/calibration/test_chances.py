"""From starts to the chances of a grading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.binomial import chance
from grader.authoring.calibration.chances import finding, pooled, worst
from grader.criteria.loss_threshold import PROMISE
from grader.model.verdict import Verdict
from tests.authoring.calibration.samples import NOW, case, mixed, start, starts


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 204))
def test_a_grading_fails_when_all_its_starts_fail_with_the_interval_carried_through(learned: int) -> None:
    found = finding(case("reference", "reference"), mixed(learned, 204 - learned), NOW)
    one = chance(204 - learned, 204)
    assert found.one.not_at_all() == pytest.approx(one, abs=1e-12)
    assert found.fails == pytest.approx(one.of_all(12), abs=1e-12)
    assert sum(found.verdicts.values()) == 17


def test_four_in_five_keep_the_promise_with_twelve_starts_and_break_it_with_one() -> None:
    measured = mixed(160, 44)
    assert finding(case("v", "right"), measured, NOW).standing == "kept"
    assert finding(case("v", "right"), measured, NOW._replace(starts=1)).standing == "broken"


def test_what_is_never_seen_to_fail_is_not_thereby_shown() -> None:
    assert finding(case("v", "right"), mixed(204, 0), NOW._replace(starts=1)).standing == "open"


def test_a_few_unlucky_starts_break_no_promise() -> None:
    unlucky = finding(case("v", "right"), starts([1e-9, 0.2] * 3), NOW._replace(starts=6))
    assert unlucky.fails.estimate > PROMISE
    assert unlucky.standing == "open"
    assert finding(case("v", "right"), starts([0.2] * 60), NOW).standing == "broken"


def test_a_seed_in_the_code_leaves_no_chance_at_all() -> None:
    same = [start(1e-9, k, weights="w") for k in range(12)]
    found = finding(case("v", "right"), same, NOW)
    assert found.is_fixed
    assert found.fails == (0.0, 0.0, 0.0)
    assert found.standing == "kept"
    stuck = [start(0.2, k, weights="w") for k in range(12)]
    assert finding(case("v", "right"), stuck, NOW).standing == "broken"


def test_part_of_the_marks_is_not_full_marks() -> None:
    found = finding(case("v", "must_fail"), starts([0.02] * 204), NOW)
    assert found.full.estimate == 0
    assert found.some.estimate == 1
    assert found.verdicts == {Verdict.PARTIALLY_ACCEPTED: 17}


def test_starts_that_end_a_grading_are_counted_by_gradings() -> None:
    some_raise = starts([None if k % 12 == 0 else 1e-9 for k in range(204)])
    found = finding(case("v", "right"), some_raise, NOW)
    assert found.full == chance(0, 17)
    assert found.standing == "broken"


def test_a_verdict_that_varies_hangs_on_the_seed() -> None:
    rare = starts([1e-9 if k == 5 else 0.2 + k / 1e6 for k in range(204)])
    found = finding(case("v", "must_fail"), rare, NOW)
    assert found.hangs_on_the_seed
    assert found.verdicts == {Verdict.WRONG_ANSWER: 16, Verdict.ACCEPTED: 1}


def test_pooled_starts_leave_out_those_without_chance_and_the_worst_is_the_worst() -> None:
    good = finding(case("good", "right"), mixed(190, 14), NOW)
    bad = finding(case("bad", "right"), mixed(120, 84), NOW)
    same = finding(case("same", "right"), [start(1e-9, k, weights="w") for k in range(12)], NOW)
    assert pooled([good, bad, same]) == chance(310, 408)
    assert worst([good, bad, same]) == bad
