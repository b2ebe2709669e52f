"""What `loss_threshold` says about the losses of one or more trainings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from grader.criteria.describe import describe
from grader.criteria.failure_words import staff_words
from grader.criteria.network import Loss, loss_of_constant, mse
from grader.criteria.outcomes import accepted, failed, needs_review, share, wrong_answer
from grader.criteria.trained import Points, Trained
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Value
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict

Hint = Bilingual | None
LOCAL_MINIMA_OF_XOR = (1 / 8, 1 / 6)
"""Where a network with two hidden neurons may stay for ever."""

GROWN = 4.0
"""So many times the loss of any start that is not far off: from there on a training has gone the wrong way."""
WORSE = 1.2
"""So many times the loss of one answer for all points: values that were left behind, and are no start."""
SMALLER_RATE = say("Take a smaller learning rate, and look at the loss from step to step.")

SAME_START = say(
    "Every training ends in the same weights: a seed is set inside your code, or the weights start at fixed values."
    " Let each new network start at random."
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the trainings of one criterion came to."""

    losses: Sequence[float]
    """One a training, recomputed; NaN where it diverged."""
    score: Decimal
    points: Points
    left_behind: bool
    """Whether it is about the values that the notebook left."""
    same_start: bool = False
    """Whether several starts came to exactly the same weights."""
    loss: Loss = "mse"
    is_deep: bool = True
    """Whether the network asked for has a hidden layer."""

    @property
    def of_constant(self) -> float:
        """The least loss of one answer for all points."""
        return loss_of_constant(self.points.y, self.loss)


def judge_losses(outcome: Outcome, hint: Hint) -> Judgement:
    """The judgement about trainings whose losses are known."""
    finite = [loss for loss in outcome.losses if math.isfinite(loss)]
    note = "losses by start: " + ", ".join(f"{loss:.6g}" for loss in outcome.losses)
    count = len(outcome.losses)
    if outcome.score == 1:
        if outcome.left_behind:
            return accepted(
                say("The values that the notebook leaves have a small enough loss."), staff_note=note
            )
        return accepted(
            say("The training reaches a small enough loss (start {start}).", start=count), staff_note=note
        )
    if not finite:
        return wrong_answer(
            say("The training diverges: the parameters become NaN or infinite."),
            expected=say("a loss that goes down to a small value"),
            got=say("NaN or infinity in all {count} trainings", count=count),
            hint=hint or SMALLER_RATE,
            staff_note=note,
        )
    best = min(finite)
    if outcome.left_behind:
        got = say("a loss of {loss}, recomputed from the values that the notebook leaves", loss=best)
    else:
        got = say("a best loss of {loss}, recomputed, in {count} trainings", loss=best, count=count)
    judgement = wrong_answer(
        _summary(finite, outcome, count),
        expected=say("a training that reaches a small loss")
        if outcome.left_behind
        else say("a training that reaches a small loss from at least one of several random starts"),
        got=got,
        hint=SAME_START if outcome.same_start else hint or _look_at(finite, outcome, count),
        staff_note=note,
    )
    return share(outcome.score, judgement)


def ready_made() -> Judgement:
    """Weights that solve the task after a single epoch."""
    return wrong_answer(
        say(
            "The weights are not learnt: after a single epoch from a random start they solve the task already."
        ),
        expected=say("weights that come from the training, epoch by epoch"),
        got=say("weights that are good enough after one epoch"),
        hint=say("Look for weights that are written down in the code, or kept from an earlier training."),
    )


def no_weights(value: Value | None, hint: Hint) -> Judgement:
    """What came back are no weights."""
    return wrong_answer(
        say("The trained parameters are not tensors of numbers."),
        expected=say("tensors of numbers"),
        got=describe(value),
        hint=hint,
    )


def not_recomputed(trained: Trained) -> Judgement:
    """A network that is none of those known: its loss cannot be recomputed outside."""
    size = 0 if trained.theta is None else trained.theta.size
    return needs_review(
        say("The loss of this network could not be recomputed; a person will look at it."),
        staff_note=f"no known network with {size} parameters gives these outputs; theta or out may also be forged",
    )


def too_slow(seconds: float, observation: Observation, hint: Hint) -> Judgement:
    """One training did not end in time."""
    return failed(
        Verdict.TIME_LIMIT_EXCEEDED,
        say("One training with your default values takes more than {seconds} s.", seconds=seconds),
        expected=say("a training that ends within {seconds} s", seconds=seconds),
        got=say("a training that was still at work when it was stopped"),
        hint=hint
        or say("Choose fewer epochs as the default, with a larger learning rate or another optimizer."),
        staff_note=staff_words(observation),
    )


def _nothing_learned(losses: Sequence[float], outcome: Outcome) -> bool:
    return min(losses) >= 0.93 * outcome.of_constant


def _in_local_minimum(losses: Sequence[float], outcome: Outcome) -> bool:
    """Whether most starts ended in one: a single loss may merely pass by."""
    is_xor = len(outcome.points.x) == 4 and math.isclose(outcome.of_constant, 0.25)
    stuck = [v for v in losses if any(math.isclose(v, level, rel_tol=0.08) for level in LOCAL_MINIMA_OF_XOR)]
    return is_xor and 2 * len(stuck) > len(losses)


def _has_grown(losses: Sequence[float], outcome: Outcome) -> bool:
    """Whether every loss is far above those of the mean and of zero: no training begins there, but some end there."""
    level = outcome.of_constant
    if outcome.loss == "mse":
        level = max(level, mse(np.zeros_like(outcome.points.y), outcome.points.y))
    return min(losses) > GROWN * level


def _summary(losses: Sequence[float], outcome: Outcome, count: int) -> Text:
    """What the finite losses of `count` trainings show; the others became NaN or infinite."""
    diverged = count - len(losses)
    if _has_grown(losses, outcome):
        return _grown(min(losses), outcome)
    if outcome.left_behind and min(losses) > WORSE * outcome.of_constant:
        return say(
            "The loss is {times} times as large as when one answer is always given.",
            times=_times(min(losses), outcome),
        )
    if _nothing_learned(losses, outcome) and diverged:
        return say(
            "In {diverged} of {count} trainings the parameters become NaN or infinite; the others end no lower"
            " than when one answer is always given.",
            diverged=diverged,
            count=count,
        )
    if _nothing_learned(losses, outcome) and outcome.loss == "cross_entropy":
        return say("Nothing is learned: the loss is no smaller than when each class always gets its share.")
    if _nothing_learned(losses, outcome):
        return say("Nothing is learned: the loss is no smaller than when the mean is always predicted.")
    if _in_local_minimum(losses, outcome):
        return say("The training stays in a local minimum each time.")
    if diverged:
        return say("Some trainings diverge, and the others do not reach a small enough loss.")
    return say("The training does not reach a small enough loss.")


def _times(loss: float, outcome: Outcome) -> float:
    return float(f"{loss / max(outcome.of_constant, 1e-12):.2g}")


def _grown(best: float, outcome: Outcome) -> Text:
    times = _times(best, outcome)
    if outcome.left_behind:
        return say(
            "The loss is {times} times as large as when one answer is always given, as after a training that"
            " diverges.",
            times=times,
        )
    return say(
        "The training diverges: the loss grows until it is {times} times as large as when one answer is always"
        " given.",
        times=times,
    )


def _look_at(losses: Sequence[float], outcome: Outcome, count: int) -> Text:
    if _has_grown(losses, outcome) or (_nothing_learned(losses, outcome) and len(losses) < count):
        return SMALLER_RATE
    if _nothing_learned(losses, outcome) and not outcome.is_deep:
        return say(
            "Look whether every parameter is given to the optimizer, the gradients are zeroed, `backward` comes"
            " before the step, there are enough epochs, and the learning rate is not far too small."
        )
    if _nothing_learned(losses, outcome):
        return say(
            "Look whether every parameter is given to the optimizer, the gradients are zeroed, `backward` comes"
            " before the step, the network has an activation, there are enough epochs, and the learning rate is"
            " not far too small."
        )
    if _in_local_minimum(losses, outcome):
        return say(
            "One start in five or so ends there with right code; when all do, look at the activation,"
            " at the size of the hidden layer and at how the weights are initialised."
        )
    return say(
        "Look whether there are enough epochs, and whether the learning rate is too small or too large."
    )
