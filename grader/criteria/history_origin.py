"""Whether a history that was left belongs to the training that made the weights, by the trainings of the kernel.

What comes in: a history that ends as the weights that were left would have it end, and the trainings that the kernel
recorded. What goes out: nothing where it may be that training's; a judgement where it is another's, or where no
training is like it, so that a person must look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.criteria.history_matching import holds, holds_recomputed, resembles
from grader.criteria.network import Floats
from grader.criteria.outcomes import needs_review, wrong_answer
from grader.criteria.recomputed_losses import losses_on_the_way
from grader.criteria.recorded_trainings import Link, Training, Trainings
from grader.criteria.replayed_descent import is_descent_from_zero
from grader.criteria.trained import Points, Trained
from grader.model.judgement import Judgement
from grader.model.text import Bilingual, Text, say

Hint = Bilingual | None
FEWEST = 4
"""Losses from which on a history can be told as another training's."""
VISITED = 1e-5
"""Of a loss: that of weights which a training passed through."""


@dataclass(frozen=True, eq=False)
class Left:
    """The weights that a notebook left."""

    trained: Trained
    loss: float
    """Recomputed."""
    points: Points

    @property
    def theta(self) -> Floats:
        """`[p]`."""
        assert self.trained.theta is not None  # else there was no loss to recompute
        return self.trained.theta


def judge_origin(history: Floats, left: Left, trainings: Trainings, hint: Hint) -> Judgement | None:
    """None where the losses may be those of the training that made the weights; `history`: finite losses `[n]`."""
    made = trainings.that_made(left.theta)
    own = _own(made, trainings)
    recomputed = [
        losses for t in own if (losses := losses_on_the_way(t, left.trained, left.points)) is not None
    ]
    tails = [history[len(history) // 2 :], history[-len(history) // 8 :]] if trainings.lost else []
    if any(holds(part, training.losses) for part in (history, *tails) for training in own):
        return None
    if any(holds_recomputed(history, losses) for losses in recomputed):
        return None
    seen = trainings.of_each_set() + trainings.of_loops_with_new_tensors()
    other = next((t for t in seen if t.size == left.theta.size and holds(history, t.losses)), None)
    if made is None and other is not None:
        return None  # weights of a good epoch, or a mean of several, are put back under other names
    if made is not None and other is not None:
        if made[1] != "near" and len(history) >= FEWEST and max(len(t.losses) for t in own) >= FEWEST:
            return _of_another(history, own[0], trainings, hint)
        return _doubtful(trainings, made)
    if _by_formulas(history, left):
        return None
    if not recomputed and any(resembles(history, training.losses) for training in own):
        return None
    return _doubtful(trainings, made)


def is_made(left: Left, history: Floats, trainings: Trainings) -> bool:
    """Whether a training in a cell made the weights; `history`: the losses that were left, which may be none."""
    if not np.isfinite(left.loss) or trainings.that_made(left.theta) is not None:
        return True
    passed = trainings.losses[trainings.sizes == left.theta.size]
    return bool((np.abs(passed - left.loss) <= VISITED * left.loss).any()) or _by_formulas(history, left)


def not_made(trainings: Trainings) -> Judgement:
    """The weights came from nowhere that is known."""
    return needs_review(
        say("No training that was seen in the notebook leads to these values; a person will look at it."),
        expected=say("values that come from a training in the notebook"),
        got=_seen(trainings),
        staff_note=trainings.described(),
    )


def _own(made: tuple[frozenset[int], Link] | None, trainings: Trainings) -> list[Training]:
    """The trainings of the sets that made the weights: of all together, of each, and of loops that they served in."""
    if made is None:
        return []
    together = trainings.of_sets(made[0])
    each = [training for training in trainings.of_each_set() if training.sets < made[0]]
    loops = [training for training in trainings.of_loops_with_new_tensors() if training.sets & made[0]]
    return [training for training in (*loops, together, *each) if len(training.losses)]


def _by_formulas(history: Floats, left: Left) -> bool:
    network = left.trained.network
    return network is not None and is_descent_from_zero(history, left.loss, left.points, network.form)


def _of_another(history: Floats, own: Training, trainings: Trainings, hint: Hint) -> Judgement:
    return wrong_answer(
        say("The losses are those of another training than the one that made these weights."),
        expected=say(
            "the losses of the training that made the weights: the first is {loss}", loss=float(own.losses[0])
        ),
        got=say("those of another training in the notebook: the first is {loss}", loss=float(history[0])),
        hint=hint
        or say("Run the notebook from the top: `model` and `losses` must come from the same training."),
        staff_note=f"recorded {_ends(history)}; {trainings.described()}",
    )


def _doubtful(trainings: Trainings, made: tuple[frozenset[int], Link] | None) -> Judgement:
    note = (
        "the weights are known as those of one of them" if made else "the weights are those of none of them"
    )
    return needs_review(
        say("No training that was seen in the notebook has these losses; a person will look at it."),
        expected=say("the losses of the training that made the weights"),
        got=_seen(trainings),
        staff_note=f"{trainings.described()}; {note}",
    )


def _seen(trainings: Trainings) -> Text:
    if not len(trainings.losses):
        return say("no gradient of any loss was computed when the notebook ran")
    return say("other losses, when the notebook ran")


def _ends(values: Floats) -> str:
    return f"{len(values)} losses from {values[0]:.6g} to {values[-1]:.6g}"
