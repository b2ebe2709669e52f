"""A history that was left with weights whose loss is another: what is known of it, and what can be said.

What comes in: the losses, and what was recomputed from the weights. Only the end can be recomputed, and the beginning
where it is prescribed; so a cause is named only where both agree with it. What goes out: the words for it, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.criteria.disguises import Undo, are_shares, only_disguise
from grader.criteria.histories import History, ends_at, is_close
from grader.criteria.history_matching import holds
from grader.criteria.network import Floats
from grader.model.text import Text, say

FEWEST = 10
"""Losses from which on their order can be told."""
SHARES = say("These are no losses: they are shares of right answers (accuracies).")


@dataclass(frozen=True, eq=False)
class End:
    """Losses that were left, and what is known of their end."""

    history: History
    loss: float
    """Of the weights that were left."""
    scale: float
    """The loss of a prediction that knows nothing."""
    elements: int
    """Numbers in the targets."""
    full: bool
    """Whether each loss is one of all the data, and no mean over mini-batches."""
    start: float | None
    """The loss where all trainings begin; None where each has a start of its own."""
    accuracy: float | None
    """The share of right answers of the weights that were left; None where there is no such thing."""
    recorded: Sequence[Floats] | None
    """The losses of each training that the kernel recorded; None where it has no record."""


def cause_of(end: End) -> Text | None:
    """What the losses are, where all that is known of them agrees with it, and with nothing else."""
    values, loss = end.history.values, end.loss
    if end.accuracy is not None and are_shares(values, end.elements) and values[-1] == end.accuracy:
        return SHARES
    if end.start is not None:
        start = end.start

        def agrees(undo: Undo) -> bool:
            changed = undo(values, end.elements)
            return is_close(float(changed[0]), start, 0.0) and ends_at(
                changed, loss, end.scale, full=end.full
            )

        return None if is_close(float(values[0]), start, 0.0) else only_disguise(agrees)
    if _is_reversed(end):
        return say("The losses are in reverse order.")
    return None


def _is_reversed(end: End) -> bool:
    """Whether a training has the losses in the other order; by their course, where no training was recorded."""
    backwards = end.history.values[::-1]
    if len(backwards) < FEWEST or not ends_at(backwards, end.loss, end.scale, full=end.full):
        return False
    if end.recorded is None:
        return _falls(backwards)
    return any(holds(backwards, losses) for losses in end.recorded)


def _falls(values: Floats) -> bool:
    """Whether losses go down nearly always, and by far."""
    return bool(np.mean(np.diff(values) <= 0) >= 0.9 and values[-1] < 0.5 * values[0])
