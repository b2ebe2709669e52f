"""What `loss_history` says about losses that are ill made, or not those of the training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grader.criteria.describe import describe
from grader.criteria.histories import ABSOLUTE, RELATIVE, History
from grader.criteria.history_end import SHARES, End, cause_of
from grader.criteria.network import Floats
from grader.criteria.outcomes import needs_review, wrong_answer
from grader.criteria.trained import Trained
from grader.model.judgement import Judgement
from grader.model.probe import Value
from grader.model.text import Bilingual, Text, say

Hint = Bilingual | None
GROWN = 10.0
"""A loss so many times the first shows that the training diverges."""


def ill_made(history: History, value: Value | None, hint: Hint) -> Judgement | None:
    """The judgement when the losses are no list of plain numbers at all; None when they can be looked at."""
    expected = say("a list of numbers (float), one for each epoch")
    if history.made == "graph":
        return wrong_answer(
            say("The losses are tensors that still hang on the graph: each epoch's graph stays in memory."),
            expected=expected,
            got=describe(value),
            hint=hint or say("Record `loss.item()`, not `loss`."),
        )
    if history.made == "number":
        return wrong_answer(
            say("There is one single loss and no history: each epoch has a loss of its own."),
            expected=expected,
            got=describe(value),
            hint=hint or say("Append the loss to a list in every epoch, and return the list."),
        )
    if history.made == "empty":
        return wrong_answer(
            say("The list of losses is empty."),
            expected=expected,
            got=describe(value),
            hint=hint or say("Append the loss to the list in every epoch."),
        )
    if history.made == "other":
        return wrong_answer(
            say("The losses are not a list of numbers."),
            expected=expected,
            got=describe(value),
            hint=hint or say("Look at what is recorded in every epoch, and at what is returned."),
        )
    return None


def tensors(hint: Hint) -> Judgement:
    """True losses, but tensors."""
    return wrong_answer(
        say("The losses are true, but they are tensors and not plain numbers."),
        expected=say("a list of numbers (float), one for each epoch"),
        got=say("tensors"),
        hint=hint or say("Record `loss.item()`."),
    )


def too_short(hint: Hint) -> Judgement:
    """One entry is no history."""
    return wrong_answer(
        say("One loss is no history."),
        expected=say("one loss for each epoch of the training"),
        got=say("a single loss"),
        hint=hint or say("Append the loss to the list inside the loop over the epochs."),
    )


def wrong_length(length: int, epochs: int, hint: Hint) -> Judgement:
    """Not as many losses as epochs."""
    return wrong_answer(
        _length_summary(length, epochs),
        expected=say("a list of length {epochs} for {epochs} epochs", epochs=epochs),
        got=say("a list of length {length}", length=length),
        hint=hint or say("Record exactly one loss in each turn of the loop over the epochs."),
    )


def not_finite(history: History, hint: Hint) -> Judgement:
    """NaN or infinite, the losses or the weights; that it diverges is said where the losses before grow."""
    values = history.values
    count = int(np.isfinite(values).argmin()) if not np.isfinite(values).all() else len(values)
    known = values[:count]
    diverges = count > 1 and bool(known[-1] > GROWN * known[0])
    summary = say("The losses become NaN or infinite: the training diverges.")
    look_at = say("Take a smaller learning rate, and look at the first losses.")
    if count == len(values):
        summary = say("The losses are finite, but not the weights that the training leads to.")
    if not diverges:
        look_at = say("Look for a division by zero, a mean of nothing, or the root or logarithm of 0.")
    if not diverges and count < len(values):
        summary = say("From epoch {epoch} on the losses are NaN or infinite.", epoch=count + 1)
    return wrong_answer(
        summary,
        expected=say("finite losses") if count < len(values) else say("finite weights"),
        got=say("NaN or infinity"),
        hint=hint or look_at,
    )


def constant(hint: Hint) -> Judgement:
    """The same number again and again."""
    return wrong_answer(
        say("All recorded losses are the same number."),
        expected=say("the loss of each epoch"),
        got=say("one number, repeated"),
        hint=hint
        or say(
            "Compute the loss anew in every epoch; and look whether the training changes the weights at all."
        ),
    )


def not_recomputed(trained: Trained) -> Judgement:
    """A network that is none of those known, or no weights."""
    size = 0 if trained.theta is None else trained.theta.size
    return needs_review(
        say("The loss of this network could not be recomputed; a person will look at it."),
        staff_note=f"no known network with {size} parameters gives these outputs; theta or out may also be forged",
    )


def ends_elsewhere(end: End, hint: Hint) -> Judgement:
    """The last of the losses is not that of the weights which were left."""
    values = end.history.values
    return wrong_answer(
        cause_of(end) or say("The losses do not end at the loss of the weights that the notebook left."),
        expected=say("a last loss near that of the model, which is {loss} when recomputed", loss=end.loss),
        got=say(
            "{first} at first, and {last} at last",
            first=float(values[0]),
            last=float(values[-1]),
        ),
        hint=hint
        or say("Run the notebook from the top: `model` and `losses` must come from the same training."),
        staff_note=f"{len(values)} losses, the last is {_times(values[-1], end.loss)} times the recomputed one",
    )


def repeated(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement | None:
    """The judgement when one loss is repeated although the true ones move; None otherwise."""
    true = [losses[k] for k in range(len(history)) if k in losses]
    moved = max(true, default=0.0) - min(true, default=0.0)
    still = 3 * (RELATIVE * max(true, default=0.0) + ABSOLUTE)
    return constant(hint) if history.constant and moved > still else None


@dataclass(frozen=True, eq=False)
class Gap:
    """Where recorded losses first differ from the true ones."""

    values: Floats
    """All that were recorded."""
    losses: Mapping[int, float]
    """The true ones, by the number of epochs that lie behind."""
    epoch: int
    """The first that differs, from 1."""
    rows: int
    """How many the data had."""
    factor: float | None
    """The recorded loss as a share of the true one; None where that is 0, or where nothing that is known differs."""
    rests: bool = False
    """Whether the training hardly moved the weights."""


def of_batches(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """Each loss is that of one mini-batch, the last of the epoch as a rule."""
    return _untrue(
        say("Each loss is that of a single mini-batch, and not the mean over the epoch."),
        history.values,
        losses,
        None,
        hint,
    )


def after_the_update(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """True losses, but of the weights that the update has changed."""
    summary = say("The losses are those after the update; those before it were asked for.")
    return _untrue(summary, history.values, losses, None, hint)


def shares_of_answers(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """Accuracies in the place of losses."""
    return _untrue(SHARES, history.values, losses, None, hint)


def untrue(summary: Text | None, gap: Gap, hint: Hint) -> Judgement:
    """The losses are not those of the weights on the way; `summary` says what they are, where that is known."""
    return _untrue(summary, gap.values, gap.losses, _how_far(gap), hint)


def not_told(history: History, losses: Mapping[int, float]) -> Judgement:
    """Means over mini-batches of weights that leap may lie so, and made-up numbers as well."""
    return needs_review(
        say("Whether these are the losses of the training could not be told; a person will look at it."),
        staff_note=_compared(history.values, losses),
    )


def _how_far(gap: Gap) -> Text | None:
    if gap.factor is None:
        return None
    if gap.rests:
        return say(
            "a loss that is {factor} times the right one in epoch {epoch} of a training that hardly moves the weights",
            factor=gap.factor,
            epoch=gap.epoch,
        )
    return say(
        "a loss that is {factor} times the right one in epoch {epoch}, with {rows} rows of data",
        epoch=gap.epoch,
        rows=gap.rows,
        factor=gap.factor,
    )


def _untrue(
    summary: Text | None, values: Floats, losses: Mapping[int, float], got: Text | None, hint: Hint
) -> Judgement:
    return wrong_answer(
        summary or say("The recorded losses are not those of the training."),
        expected=say("the mean squared error of the network, epoch by epoch"),
        got=got or say("other numbers: the first is {loss}", loss=float(values[0])),
        hint=hint or say("Record the loss that is computed in this epoch, over all the data."),
        staff_note=_compared(values, losses),
    )


def _compared(values: Floats, losses: Mapping[int, float]) -> str:
    return f"recorded {values.tolist()}, recomputed {dict(sorted(losses.items()))}"


def _times(value: float, loss: float) -> str:
    return f"{value / loss:.4g}" if loss else "infinitely many"


def _length_summary(length: int, epochs: int) -> Text:
    if length == epochs + 1:
        return say("There is one loss too many.")
    if length == epochs - 1:
        return say("There is one loss too few.")
    if length == 1:
        return say("Only one loss was recorded, and not one for each epoch.")
    if length > epochs and length % epochs == 0:
        return say("There are {count} losses for each epoch: one for each batch?", count=length // epochs)
    return say("There are not as many losses as epochs.")
