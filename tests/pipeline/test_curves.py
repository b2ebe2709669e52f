"""Loss curves for the instructor's report, out of what kernels answered."""

from __future__ import annotations

import math

import numpy as np

from grader.grading.curves import MOST, curve_probes, curves_of, losses_of, thinned
from grader.model.exercise import Exercise
from grader.model.probe import Entries, Leaf, Nothing, Observation
from tests.conftest import ReferenceOf

REGRESSION = "01_regression_lineaire"


def answer(probe: str, losses: list[float]) -> Observation:
    leaf = Leaf(array=np.array(losses), made_of="list of float")
    return Observation(probe=probe, outcome="answered", value=Entries(entries={"losses": leaf}))


def test_long_histories_are_thinned_with_first_and_last() -> None:
    few = thinned(np.linspace(1, 0.123456, 1000))
    assert (len(few), few[0], few[-1]) == (MOST, 1.0, 0.1235)
    assert thinned([1.0, 0.5]) == (1.0, 0.5)


def test_curve_of_the_notebooks_own_training_stands_beside_the_references(
    exercises: dict[str, Exercise],
) -> None:
    probes = curve_probes(exercises[REGRESSION], 0)
    ((criterion, probe),) = probes.items()
    (curve,) = curves_of(probes, {probe.id: answer(probe.id, [2.0, 1.0, math.nan])}, {criterion: (2.0, 0.5)})
    assert (curve.criterion, curve.length, curve.reference) == (criterion, 3, (2.0, 0.5))
    assert math.isnan(curve.values[-1])


def test_what_is_no_history_gives_no_curve(exercises: dict[str, Exercise]) -> None:
    probes = curve_probes(exercises[REGRESSION], 0)
    (probe,) = probes.values()
    nothing = Observation(probe=probe.id, outcome="answered", value=Nothing())
    for answers in ({}, {probe.id: nothing}, {probe.id: answer(probe.id, [1.0])}):
        assert curves_of(probes, answers, {}) == ()
    assert losses_of(None) == ()


def test_the_reference_brings_its_own_curve(reference_of: ReferenceOf) -> None:
    ((_, losses),) = reference_of(REGRESSION).curves.items()
    assert len(losses) > 10
    assert losses[-1] < losses[0]
