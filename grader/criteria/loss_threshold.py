"""`loss_threshold`: does training make the loss small enough?

What comes in: one training from one random start, asked as often as `starts` says and stopped at the first success;
or the weights that the notebook left behind (`reads_state`). What goes out: the best loss, recomputed from the weights
by our own forward pass, between two thresholds.

Why several starts. A right program learns XOR with two hidden neurons from a share p of random starts only, so it
fails `n` starts together with probability (1 - p)^n. Measured, default initialisation, full batch, 2000 epochs: Adam
with lr 0.05, p = 0.77 to 0.83: one start fails one student in five, ten starts 4 in ten million; SGD with lr 0.5,
p = 0.71: 4 in a million; SGD with lr 0.1 and 5000 epochs, p = 0.56: 3 in ten thousand. The default of ten starts keeps
p >= 0.5 within one in a thousand. Wrong programs (no activation, one hidden neuron, gradients never zeroed, a layer
that is never trained) have p = 0: more starts pay them nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Literal, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from grader.criteria import loss_words as words
from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.drawn import drawn_probe
from grader.criteria.histories import read_history
from grader.criteria.history_origin import Left, is_made, not_made
from grader.criteria.inputs import Code, function_body
from grader.criteria.loss_words import Outcome
from grader.criteria.network import Loss, Network, least_squares
from grader.criteria.outcomes import judge_error
from grader.criteria.readings import entries_of, numbers
from grader.criteria.recorded_trainings import TRAININGS, Trainings, trainings_in, trainings_probe
from grader.criteria.trained import Points, TrainedCriterion, read_trained
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.text import say

SMALLEST_OPTIMUM = 1e-12
"""Data without noise have a least-squares loss of 0: nothing can be a multiple of it."""

EARLY = "early"
"""Suffix of the probe that breaks a training off."""

SAME_WEIGHTS = 0.05
"""Trainings from different starts do not come as near to each other, in proportion and absolutely."""

SAME_STARTS = 3
"""So many starts that end in the same weights are enough."""

PROMISE = 0.001
"""A right program fails all its starts with at most this probability: what `starts` is chosen for."""


class LossThreshold(TrainedCriterion):
    """Whether the loss after training is small enough. The call sees `query`, and `x`, `y` where `data` is given."""

    kind: Literal["loss_threshold"] = "loss_threshold"
    starts: PositiveInt = Field(default=10, le=50)
    """How many trainings at most."""
    start_s: float = Field(default=60.0, gt=0)
    """Wall seconds for one training."""
    early_call: Code | None = None
    """The same training broken off after one epoch: weights that are good enough by then were never learnt."""
    trained: bool = False
    """With `reads_state`: values that come from no training in the notebook wait for a person; for a training by
    formulas, which no kernel records, the call's dict may hold the `losses` that the notebook left, too."""
    full_marks: float = Field(default=0.01, gt=0)
    """A loss up to this earns everything."""
    no_marks: float = Field(default=0.05, gt=0)
    """A loss from this on earns nothing; linear in between."""
    loss: Loss = "mse"
    """`cross_entropy`: the outputs are logits, and each row of `y` is the number of a class, from 0."""
    baseline: Literal["zero", "least_squares"] = "zero"
    """With `least_squares` the thresholds are multiples of the best affine function's loss."""

    @model_validator(mode="after")
    def _thresholds_and_data(self) -> Self:
        if self.no_marks <= self.full_marks:
            raise ValueError(
                say("no_marks: must be above full_marks, {full_marks}", full_marks=self.full_marks)
            )
        if (self.data is None) == (self.data_call is None):
            raise ValueError(say("data: give either data or data_call"))
        if self.loss == "cross_entropy" and (self.baseline != "zero" or self.output != "none"):
            key = "output" if self.output != "none" else "baseline"
            raise ValueError(
                say("{key}: not with cross_entropy, which takes the last layer's values for logits", key=key)
            )
        if self.reads_state and self.starts != 1 and "starts" in self.model_fields_set:
            raise ValueError(say("starts: what the notebook left behind is there once"))
        if self.trained and not self.reads_state:
            raise ValueError(say("trained: only with reads_state; else the training is asked for"))
        return self

    @property
    def target_width(self) -> int:
        """Numbers in a row of `y`: as many as outputs, or one class."""
        return 1 if self.loss == "cross_entropy" else self.layers[-1]

    def data_points(self, reference: Mapping[str, Observation]) -> Points:
        """The data at which the loss is taken.

        Raises:
            ValueError: the reference's answer to `data_call` does not fit, or `y` has other values than classes.
        """
        points = super().data_points(reference)
        if self.loss == "cross_entropy" and not np.isin(points.y, np.arange(self.layers[-1])).all():
            raise ValueError(f"{self.id}: y must hold classes, 0 to {self.layers[-1] - 1}")
        return points

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """One a start; they differ by their seed alone."""
        query = self.draw_query(rng)
        inputs = {"query": query, **self.data_inputs()}
        starts = [
            self._training(str(index), self.call, inputs, rng)
            for index in range(1 if self.reads_state else self.starts)
        ]
        early = [self._training(EARLY, self.early_call, inputs, rng)] if self.early_call else []
        origin = [trainings_probe(self.id, self.requires)] if self.trained else []
        return (*early, *origin, *starts, drawn_probe(self.id, {"query": query}), *self.data_probes())

    def _training(
        self, suffix: str, call: str, inputs: Mapping[str, np.ndarray], rng: np.random.Generator
    ) -> Probe:
        return Probe(
            id=f"{self.id}/{suffix}",
            code=function_body(call),
            inputs=dict(inputs),
            requires=self.requires,
            seed=int(rng.integers(2**31)),
            timeout_s=self.start_s,
            reads_state=self.reads_state,
            ask="student",
        )

    @property
    def asks_one_by_one(self) -> bool:
        """A question is a training, and one that succeeds is enough."""
        return True

    def is_settled(self, observations: Sequence[Observation], reference: Mapping[str, Observation]) -> bool:
        """At the first success; and where more starts cannot help."""
        observations = _whole(observations)
        if not observations:
            return False
        last = observations[-1]
        if last.outcome != "answered":
            return True
        loss = self.loss_of(last, reference)
        if loss is None or self.share_of(loss) == 1:
            return True
        return len(observations) >= SAME_STARTS and _all_alike(observations[-SAME_STARTS:])

    def loss_of(self, observation: Observation, reference: Mapping[str, Observation]) -> float | None:
        """What the thresholds are compared with: the loss of one training, recomputed, in their unit.

        NaN where the training diverged; None where the loss cannot be recomputed.
        """
        points = self.data_points(reference)
        loss = read_trained(entries_of(observation), self.query(reference), self.form).loss(points, self.loss)
        return None if loss is None else self._in_unit(loss, points)

    def share_of(self, loss: float) -> Decimal:
        """What a loss, as `loss_of` returns it, earns: linear between the thresholds, to four digits."""
        if not math.isfinite(loss):
            return Decimal(0)
        share = (self.no_marks - loss) / (self.no_marks - self.full_marks)
        return Decimal(min(max(share, 0.0), 1.0)).quantize(Decimal("0.0001"), ROUND_FLOOR)

    def judge(self, evidence: Evidence) -> Judgement:
        """The best of the starts."""
        observations = _whole(evidence.of(self.id))
        if not observations:
            return judge_error(f"Nothing was asked for {self.id}.")
        fault = reference_fault(self, evidence)
        if fault is not None:
            return fault
        points = self.data_points(evidence.reference)
        query = self.query(evidence.reference)
        losses: list[float] = []
        known: Network | None = None
        unmade: Trainings | None = None
        for observation in observations:
            if observation.outcome != "answered":
                fault = self._fault(observation, evidence)
                break
            trained = read_trained(entries_of(observation), query, self.form, known)
            loss = trained.loss(points, self.loss)
            if trained.theta is None:
                fault = words.no_weights(observation.value, self.hint)
                break
            if loss is None:
                return words.not_recomputed(trained)
            known = trained.network or known
            losses.append(loss)
            unmade = self._without_origin(observation, Left(trained, loss, points), evidence)
        score = max((self.share_of(self._in_unit(loss, points)) for loss in losses), default=Decimal(0))
        if score == 0 and fault is not None:
            return fault
        if score > 0 and self._is_ready_made(evidence):
            return words.ready_made()
        if score > 0 and unmade is not None:
            return not_made(unmade)
        alike = len(observations) >= SAME_STARTS and _all_alike(observations[-SAME_STARTS:])
        is_deep = len(self.layers) > 2  # else there may be one minimum, where all starts rightly end
        return words.judge_losses(
            Outcome(losses, score, points, self.reads_state, alike and is_deep, self.loss, is_deep), self.hint
        )

    def _without_origin(self, observation: Observation, left: Left, evidence: Evidence) -> Trainings | None:
        """What was trained, where the weights that were left came of none of it; else None."""
        trainings = trainings_in(evidence, self.id) if self.trained else None
        history = read_history(entries_of(observation).get("losses")).values
        return None if trainings is None or is_made(left, history, trainings) else trainings

    def _is_ready_made(self, evidence: Evidence) -> bool:
        """Whether one epoch from one start led to the very weights that a whole training from another led to."""
        early = evidence.answers.get(f"{self.id}/{EARLY}")
        if early is None or early.outcome != "answered":
            return False
        loss = self.loss_of(early, evidence.reference)
        if loss is None or self.share_of(loss) < 1:
            return False
        return same_weights(early, _whole(evidence.of(self.id))[-1])

    def _fault(self, observation: Observation, evidence: Evidence) -> Judgement | None:
        if observation.outcome == "timed_out" and observation.wall_s >= 0.9 * self.start_s:
            return words.too_slow(self.start_s, observation, self.hint)
        return unanswered(observation, evidence, self.hint)

    def _in_unit(self, loss: float, points: Points) -> float:
        if self.baseline == "zero":
            return loss
        return loss / max(least_squares(points.x, points.y)[1], SMALLEST_OPTIMUM)


def same_weights(one: Observation, other: Observation) -> bool:
    """Whether two trainings ended so near to each other that one start explains both."""
    first, second = (numbers(entries_of(observation).get("theta")) for observation in (one, other))
    if first is None or second is None or first.size != second.size:
        return False
    return np.allclose(second.ravel(), first.ravel(), rtol=SAME_WEIGHTS, atol=SAME_WEIGHTS)


def _whole(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The trainings that were not broken off."""
    return [o for o in observations if not o.probe.endswith((f"/{EARLY}", f"/{TRAININGS}"))]


def _all_alike(observations: Sequence[Observation]) -> bool:
    """Whether several starts came to exactly the same weights: the student sets a seed, so more starts show nothing."""
    thetas = [numbers(entries_of(observation).get("theta")) for observation in observations]
    first = thetas[0]
    return first is not None and all(
        t is not None and np.array_equal(t, first, equal_nan=True) for t in thetas
    )
