"""What is made of several starts is what the criterion itself says of the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.calibration.starts import FEW, Thresholds, is_fixed, is_hopeless, verdict
from grader.criteria.loss_threshold import LossThreshold, same_weights
from grader.model.probe import Observation, RaisedError
from grader.model.verdict import Verdict
from tests.authoring.calibration.samples import NOW, start
from tests.criteria.builders import answered, evidence, make

XOR = {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}
SOLVED = np.array([20.0, 20.0, 20.0, 20.0, -10.0, -30.0, 1.0, -1.0, 0.0])
QUERY = np.random.default_rng(0).uniform(-2, 2, (24, 2)).astype(np.float32)
KINDS = ("learned", "partial", "stuck", "diverged", "raised", "unknown")


def criterion(**more: object) -> LossThreshold:
    return make(LossThreshold, call="return 0", layers=[2, 2, 1], data=XOR, starts=6, **more)


def answer(kind: str, number: int, suffix: str | None = None) -> Observation:
    """One training's answer, no two alike."""
    name = f"task.word/{suffix or number}"
    if kind == "raised":
        error = RaisedError(name="ValueError", message="no")
        return Observation(probe=name, outcome="raised", error=error)
    theta = SOLVED + {"partial": np.sqrt(0.02), "stuck": 0.5}.get(kind, 0.0) * (np.arange(9) == 8)
    theta[8] += 1e-6 * number
    if kind == "diverged":
        theta[number % 9] = np.nan
    hidden = 1 / (1 + np.exp(-(QUERY @ theta[:4].reshape(2, 2).T + theta[4:6])))
    out = hidden @ theta[6:8] + theta[8]
    if kind == "unknown":
        return answered(name, {"theta": theta.astype(np.float32)})
    return answered(name, {"theta": theta.astype(np.float32), "out": out.astype(np.float32)})


REFERENCE = answered("task.word/drawn", {"query": QUERY})


def judged(spec: LossThreshold, kinds: list[str], early: str | None) -> Verdict:
    """As a grading goes: asked until it is settled, then judged."""
    reference = {REFERENCE.probe: REFERENCE}
    asked = [answer(early, 0, "early")] if early else []
    for number, kind in enumerate(kinds):
        if spec.is_settled(asked, reference):
            break
        asked.append(answer(kind, number))
    return spec.judge(evidence(student=asked, reference=[REFERENCE])).verdict


def derived(spec: LossThreshold, kinds: list[str], early: str | None) -> Verdict:
    """As it is derived from what `sitting` keeps of the same answers."""
    reference = {REFERENCE.probe: REFERENCE}
    first = answer(early, 0, "early") if early else None
    kept = []
    for number, kind in enumerate(kinds):
        observation = answer(kind, number)
        loss = spec.loss_of(observation, reference) if kind != "raised" else None
        alone = spec.judge(evidence(student=[observation], reference=[REFERENCE])).verdict
        kept.append(
            start(
                loss,
                number,
                fault=alone if loss is None else None,
                early_loss=None if first is None else spec.loss_of(first, reference),
                is_near_early=first is not None and same_weights(first, observation),
            )
        )
    return verdict(kept, Thresholds(spec.full_marks, spec.no_marks, spec.starts))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(KINDS), min_size=6, max_size=6), st.sampled_from([None, "learned", "stuck"]))
def test_the_verdict_derived_from_starts_is_the_criterions_own(kinds: list[str], early: str | None) -> None:
    assert derived(criterion(), kinds, early) == judged(criterion(), kinds, early)


def test_a_network_that_nobody_knows_waits_for_a_person_as_in_a_grading() -> None:
    kinds = ["stuck", "unknown", "learned"]
    assert derived(criterion(), kinds, None) is judged(criterion(), kinds, None) is Verdict.NEEDS_REVIEW


def test_equal_weights_three_times_end_a_grading() -> None:
    same = [start(0.2, k, weights="w") for k in range(3)]
    assert verdict([*same, start(1e-9, 3)], NOW) is Verdict.WRONG_ANSWER
    assert verdict([*same[:2], start(1e-9, 2)], NOW) is Verdict.ACCEPTED


def test_weights_that_were_there_at_once_never_pass() -> None:
    ready = start(1e-9, early_loss=1e-9, is_near_early=True)
    assert not ready.passes(0.01)
    assert ready.passes(1e-9 / 2) is False
    assert verdict([ready], NOW) is Verdict.WRONG_ANSWER


@pytest.mark.parametrize("count", [FEW - 1, FEW])
def test_few_starts_with_the_same_weights_show_that_no_chance_is_in_them(count: int) -> None:
    same = [start(0.2, k, weights="w") for k in range(count)]
    assert is_fixed(same) == (count == FEW)
    assert not is_fixed([*same, start(0.2, 11)])


def test_only_starts_that_all_time_out_are_given_up() -> None:
    slow = [start(None, k, fault=Verdict.TIME_LIMIT_EXCEEDED) for k in range(FEW)]
    assert is_hopeless(slow)
    assert not is_hopeless([*slow[1:], start(None, 0)])
    assert not is_fixed(slow)
