"""Takes the loss curves out of what kernels answered, for the instructor's report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from grader.criteria.histories import read_history
from grader.criteria.loss_history import LossHistory
from grader.grading.questions import probes_of
from grader.model.curve import Curve
from grader.model.exercise import Exercise
from grader.model.probe import Entries, Observation, Probe

MOST = 80
"""Points of a curve that are kept."""


def curve_probes(exercise: Exercise, seed: int) -> dict[str, Probe]:
    """By criterion, the question that asks for the history of the notebook's own training."""
    return {
        criterion.id: probes_of(criterion, exercise, seed)[0]
        for criterion in exercise.rubric.criteria
        if isinstance(criterion, LossHistory) and criterion.reads_state
    }


def losses_of(observation: Observation | None) -> tuple[float, ...]:
    """All recorded losses; empty where there is no history of numbers."""
    if observation is None or not isinstance(observation.value, Entries):
        return ()
    return tuple(float(value) for value in read_history(observation.value.entries.get("losses")).values)


def curves_of(
    probes: Mapping[str, Probe],
    answers: Mapping[str, Observation],
    reference: Mapping[str, tuple[float, ...]],
) -> tuple[Curve, ...]:
    """The curves of one submission, beside the reference's of the same criteria."""
    return tuple(_curves(probes, answers, reference))


def thinned(values: Iterable[float]) -> tuple[float, ...]:
    """At most `MOST` of them, first and last included, with four digits."""
    found = list(values)
    if len(found) > MOST:
        found = [found[round(at)] for at in np.linspace(0, len(found) - 1, MOST)]
    return tuple(float(f"{value:.4g}") for value in found)


def _curves(
    probes: Mapping[str, Probe],
    answers: Mapping[str, Observation],
    reference: Mapping[str, tuple[float, ...]],
) -> Iterator[Curve]:
    for criterion, probe in probes.items():
        losses = losses_of(answers.get(probe.id))
        if len(losses) > 1:
            yield Curve(
                criterion=criterion,
                values=thinned(losses),
                length=len(losses),
                reference=reference.get(criterion, ()),
            )
