"""What `loss_history` says about losses that are ill made, or not those of the training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from grader.criteria.describe import describe
from grader.criteria.failure_words import VERDICT_OF_ENDING, ending_words
from grader.criteria.histories import (
    ABSOLUTE,
    AT_REST,
    RELATIVE,
    History,
    are_shares,
    ends_at,
    explains,
    first_untrue,
    runs_backwards,
)
from grader.criteria.network import Floats
from grader.criteria.outcomes import failed, needs_review, wrong_answer
from grader.criteria.trained import Trained
from grader.model.execution import CellRun
from grader.model.judgement import Judgement
from grader.model.probe import Value
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict

Hint = Bilingual | None
Change = Callable[[Floats], Floats]
"""What makes the true losses of those that were recorded."""


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


def ends_elsewhere(
    history: History, loss: float, start: float | None, scale: float, elements: int, hint: Hint
) -> Judgement:
    """The last of the losses is not that of the weights which were left; `start`: the loss of the first weights, where
    it is known."""
    values = history.values
    summary = None
    if are_shares(values, elements):
        summary = say("These are shares of right answers (accuracies), and not losses.")
    elif runs_backwards(values, loss, scale):
        summary = say("The losses are in reverse order.")
    elif start is not None:
        summary = _disguise(
            elements, lambda change: _near(change(values)[0], start) and ends_at(change(values), loss, scale)
        )
    if summary is None and abs(loss - values[0]) <= 0.05 * loss:
        summary = say("The model's loss is that of the beginning: it is not the model that was trained.")
    return wrong_answer(
        summary or say("The losses do not end at the loss of the weights that the notebook left."),
        expected=say("a last loss near that of the model, which is {loss} when recomputed", loss=loss),
        got=say("{first} at first, and {last} at last", first=float(values[0]), last=float(values[-1])),
        hint=hint
        or say("Run the notebook from the top: `model` and `losses` must come from the same training."),
    )


def interrupted(names: Sequence[str], run: CellRun, judgement: Judgement) -> Judgement:
    """The cell that makes what was looked at did not run to its end: what it left may be of two trainings."""
    shown = ", ".join(f"`{name}`" for name in names)
    return failed(
        VERDICT_OF_ENDING.get(run.ended, Verdict.RUN_TIME_ERROR),
        say(
            "The cell that makes {names} did not run to its end: what it left may be of two trainings.",
            names=shown,
        ),
        expected=say("a cell that runs to its end"),
        got=ending_words(run),
        where=say("Cell {cell} of the notebook", cell=run.index + 1),
        hint=say("Put that cell right first, then run the notebook from the top."),
        staff_note=judgement.staff_note,
        cell=run.index,
    )


def repeated(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement | None:
    """The judgement when one loss is repeated although the true ones move; None otherwise."""
    true = [losses[k] for k in range(len(history)) if k in losses]
    moved = max(true, default=0.0) - min(true, default=0.0)
    still = 3 * (RELATIVE * max(true, default=0.0) + ABSOLUTE)
    return constant(hint) if history.constant and moved > still else None


def disguised(
    histories: Sequence[History], losses: Mapping[int, float], elements: int, hint: Hint
) -> Judgement | None:
    """The judgement when all losses are made from true ones in one way: reversed, summed, halved; None otherwise."""
    longest = max(histories, key=len)

    def agrees(change: Change) -> bool:
        return explains([change(history.values) for history in histories], losses)

    if are_shares(longest.values, elements) and first_untrue(longest.values, losses) is not None:
        summary: Text | None = say("These are shares of right answers (accuracies), and not losses.")
    elif len(longest) > 1 and agrees(lambda values: values[::-1]):
        summary = say("The losses are in reverse order.")
    else:
        summary = _disguise(elements, agrees)
    return None if summary is None else _untrue(summary, longest, losses, hint)


def of_batches(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """Each loss is that of one mini-batch, the last of the epoch as a rule."""
    return _untrue(
        say("Each loss is that of a single mini-batch, and not the mean over the epoch."),
        history,
        losses,
        hint,
    )


def after_the_update(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """All losses are true, and taken too late."""
    summary = say("The losses are those after the update; those before it were asked for.")
    return _untrue(summary, history, losses, hint)


def untrue_at_rest(history: History, before: float, after: float, elements: int, hint: Hint) -> Judgement:
    """The weights hardly moved, and the losses are not the one that they have."""
    summary = _disguise(elements, lambda change: all(_near(v, before) for v in change(history.values)))
    return _untrue(summary, history, {0: before, len(history): after}, hint)


def untrue(history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    """The losses are not those recomputed from the weights on the way."""
    return _untrue(None, history, losses, hint)


def not_told(history: History, losses: Mapping[int, float]) -> Judgement:
    """Means over mini-batches of weights that leap may lie so, and made-up numbers as well."""
    return needs_review(
        say("Whether these are the losses of the training could not be told; a person will look at it."),
        staff_note=_compared(history, losses),
    )


def _untrue(summary: Text | None, history: History, losses: Mapping[int, float], hint: Hint) -> Judgement:
    at = first_untrue(history.values, losses)
    expected, got = say("the mean squared error of the network, epoch by epoch"), None
    if at is not None:
        epoch = {"epoch": at + 1}
        expected = say(
            "{loss} in epoch {epoch}: the mean squared error of the network", loss=losses[at], **epoch
        )
        got = say("{loss} in epoch {epoch}", loss=float(history.values[at]), **epoch)
    return wrong_answer(
        summary or say("The recorded losses are not those of the training."),
        expected=expected,
        got=got or say("other numbers: the first is {loss}", loss=float(history.values[0])),
        hint=hint or say("Record the loss that is computed in this epoch, over all the data."),
        staff_note=_compared(history, losses),
    )


def _compared(history: History, losses: Mapping[int, float]) -> str:
    return f"recorded {history.values.tolist()}, recomputed {dict(sorted(losses.items()))}"


def _disguise(elements: int, agrees: Callable[[Change], bool]) -> Text | None:
    """The words for true losses in disguise: summed, halved, rooted; None for others, and where two would do."""
    factors: dict[float, Text] = {2.0: say("The losses are half of the mean squared error.")}
    factors[0.5] = say("The losses are twice the mean squared error.")
    if elements > 1:
        factors[elements] = say("The losses are divided once too often by the number of data.")
        factors[1 / elements] = say("The losses are sums over the data, and not means.")
    found = [words for factor, words in factors.items() if agrees(partial(np.multiply, factor))]
    if agrees(_squared):
        found.append(say("The losses are the root of the mean squared error."))
    if agrees(_rooted):
        found.append(say("The losses are the square of the mean squared error."))
    if agrees(np.negative):
        found.append(say("The losses have the wrong sign."))
    return found[0] if len(found) == 1 else None


def _squared(values: Floats) -> Floats:
    return np.where(values >= 0, np.square(values), np.nan)


def _rooted(values: Floats) -> Floats:
    return np.sqrt(np.where(values >= 0, values, np.nan))


def _near(value: float, loss: float) -> bool:
    return bool(abs(value - loss) <= AT_REST * abs(loss) + ABSOLUTE)


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
