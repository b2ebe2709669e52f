"""What `loss_history` says about losses that are ill made, or not those of the training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.criteria.describe import describe
from grader.criteria.histories import (
    ABSOLUTE,
    RELATIVE,
    History,
    agrees_at,
    ends_at,
    runs_backwards,
    stands_still,
    strictly,
)
from grader.criteria.network import Floats
from grader.criteria.outcomes import needs_review, wrong_answer
from grader.criteria.trained import Trained
from grader.model.judgement import Judgement
from grader.model.probe import Value
from grader.model.text import Bilingual, Text, say

Hint = Bilingual | None


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


def not_finite(hint: Hint) -> Judgement:
    """NaN or infinite."""
    return wrong_answer(
        say("The losses become NaN or infinite: the training diverges."),
        expected=say("finite losses"),
        got=say("NaN or infinity"),
        hint=hint or say("Take a smaller learning rate, and look at the first losses."),
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


def of_another_run(history: History, loss: float, scale: float, elements: int, hint: Hint) -> Judgement:
    """The last of the losses is not that of the weights which were left."""
    values = history.values

    def ends(changed: Floats) -> bool:
        return ends_at(changed, loss, scale)

    # A short curve is steep to its end, and could be anything.
    long = len(values) >= 10
    summary = _disguise(values, elements, ends, reverse=runs_backwards(values, loss, scale)) if long else None
    if summary is None and abs(loss - values[0]) <= 0.05 * loss:
        summary = say("The model's loss is that of the beginning: it is not the model that was trained.")
    if summary is None:
        summary = say(
            "The losses do not belong to the weights of the model: they are those of another training."
        )
    return wrong_answer(
        summary,
        expected=say("a last loss near that of the model, which is {loss} when recomputed", loss=loss),
        got=say("a last loss of {loss}", loss=float(values[-1])),
        hint=hint
        or say("Run the notebook from the top: `model` and `losses` must come from the same training."),
    )


def repeated(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement | None:
    """The judgement when one loss is repeated although the true ones move; None otherwise."""
    true = [losses[k] for k in range(len(history)) if k in losses]
    moved = max(true, default=0.0) - min(true, default=0.0)
    still = 3 * (RELATIVE * max(true, default=0.0) + ABSOLUTE)
    return constant(hint) if history.constant and moved > still else None


def disguised(history: History, losses: Mapping[int, float], elements: int, hint: Hint) -> Judgement | None:
    """The judgement when the losses are made from true ones: reversed, summed, halved; None otherwise."""
    summary = _disguise(history.values, elements, lambda changed: strictly(changed, losses))
    return None if summary is None else _untrue(summary, history, losses, hint)


def of_batches(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """Each loss is that of one mini-batch, the last of the epoch as a rule."""
    return _untrue(
        say("Each loss is that of a single mini-batch, and not the mean over the epoch."),
        history,
        losses,
        hint,
    )


def untrue_at_rest(history: History, before: float, after: float, elements: int, hint: Hint) -> Judgement:
    """The weights hardly moved, and the losses are not the one that they have."""
    summary = _disguise(
        history.values, elements, lambda changed: stands_still(changed, before, after) is True, reverse=False
    )
    return _untrue(summary, history, {0: before, len(history): after}, hint)


def untrue(history: History, losses: Mapping[int, float], elements: int, hint: Hint) -> Judgement:
    """The losses are not those recomputed from the weights on the way."""
    if agrees_at(history.values, losses, "after"):
        summary = say("The losses are those after the update; those before it were asked for.")
        return _untrue(summary, history, losses, hint)
    summary_or_none = _disguise(
        history.values, elements, lambda changed: agrees_at(changed, losses, "between"), reverse=False
    )
    return _untrue(summary_or_none, history, losses, hint)


def _untrue(summary: Text | None, history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    return wrong_answer(
        summary or say("The recorded losses are not those of the training."),
        expected=say("the mean squared error of the network, epoch by epoch"),
        got=say("other numbers: the first is {loss}", loss=float(history.values[0])),
        hint=hint or say("Record the loss that is computed in this epoch, over all the data."),
        staff_note=f"recorded {history.values.tolist()}, recomputed {dict(sorted(losses.items()))}",
    )


def _disguise(
    values: Floats, elements: int, agrees: Callable[[Floats], bool], *, reverse: bool = True
) -> Text | None:
    """The words for true losses in disguise: reversed, summed, halved, rooted; None for others."""
    if reverse and agrees(values[::-1]):
        return say("The losses are in reverse order.")
    if elements > 1 and agrees(values / elements):
        return say("The losses are sums over the data, and not means.")
    if elements > 1 and agrees(values * elements):
        return say("The losses are divided once too often by the number of data.")
    if agrees(values * 2):
        return say("The losses are half of the mean squared error.")
    if agrees(values / 2):
        return say("The losses are twice the mean squared error.")
    if (values >= 0).all() and agrees(np.square(values)):
        return say("The losses are the root of the mean squared error.")
    if (values >= 0).all() and agrees(np.sqrt(values)):
        return say("The losses are the square of the mean squared error.")
    if agrees(-values):
        return say("The losses have the wrong sign.")
    return None


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
