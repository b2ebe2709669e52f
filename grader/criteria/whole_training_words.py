"""What to tell a student whose first updates are right, and whose whole trainings are not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.criteria.loop_words import factors_words, not_full_batch
from grader.criteria.outcomes import wrong_answer
from grader.criteria.walks import Finding
from grader.criteria.whole_trainings import Deviation
from grader.model.judgement import Judgement
from grader.model.text import Bilingual, Text, say

SAME_LENGTH = say("Every update is `lr` times the gradient: look at what changes `lr` on the way.")


def not_plain_descent(found: Deviation, hint: Bilingual | None) -> Judgement:
    """The judgement about trainings of which some do not end where plain gradient descent ends."""
    if found.key == "mini_batches":
        return not_full_batch(Finding("right", "SGD", batch=found.batch))
    summary, look_at = _summary(found)
    return wrong_answer(
        summary,
        expected=say("the weights that gradient descent on all the data gives, after any number of epochs"),
        got=_got(found),
        hint=look_at or hint,
        staff_note=f"{found}",
    )


def rows_left_out(least: int, most: int, epochs: int) -> Judgement:
    """The judgement about a longer training in which some row goes through the model in fewer epochs than there are."""
    early = least == most
    return wrong_answer(
        say("The training stops too early: of {epochs} epochs, {epoch} are done.", epochs=epochs, epoch=least)
        if early
        else say(
            "Not all rows are used in every epoch: the first epochs are right, and later some are left out."
        ),
        expected=say("every row used at least {epochs} times in {epochs} epochs", epochs=epochs),
        got=say(
            "a row that is used {least} times, and one that is used {most} times", least=least, most=most
        ),
        hint=say("Look for a `break` or `return` in the loop, and for a limit on the number of epochs.")
        if early
        else say("Look at what the loop does to the data from one epoch to the next."),
        staff_note=f"rows used {least} to {most} times in {epochs} epochs",
    )


def rate_changes(factors: Sequence[float], hint: Bilingual | None) -> Judgement:
    """The judgement about first updates along the gradient whose lengths are these shares of `lr` times it."""
    changed = [(at, factor) for at, factor in enumerate(factors, 1) if abs(factor - 1) > 5e-4]
    epoch, factor = changed[0] if changed else max(enumerate(factors, 1), key=lambda one: abs(one[1] - 1))
    return wrong_answer(
        not_lr_times_gradient(epoch, factor),
        expected=say("in every epoch `lr` times the gradient"),
        got=say(
            "in the first epochs {factors} times `lr` times the gradient",
            factors=factors_words(factors),
        ),
        hint=SAME_LENGTH,
        staff_note=f"rates {factors}",
    )


def not_lr_times_gradient(epoch: int, factor: float) -> Text:
    """That one update is too long or too short."""
    return say(
        "The updates do not stay `lr` times the gradient: that of epoch {epoch} is {factor} times as long.",
        epoch=epoch,
        factor=factor,
    )


def _got(found: Deviation) -> Text:
    if not math.isfinite(found.distance):
        return say(
            "with {rows} rows and {epochs} epochs, weights that are NaN or infinite",
            rows=found.rows,
            epochs=found.epochs,
        )
    return say(
        "with {rows} rows and {epochs} epochs, weights that are off by {distance} % of the way",
        rows=found.rows,
        epochs=found.epochs,
        distance=float(f"{100 * found.distance:.2g}"),
    )


def _summary(found: Deviation) -> tuple[Text, Text | None]:
    rows = say("Look for a slice, and for a number of rows that is written down.")
    match found.key:
        case "stops":
            return (
                say(
                    "The training stops too early: of {epochs} epochs, {epoch} are done.",
                    epochs=found.epochs,
                    epoch=found.epoch,
                ),
                say("Look for a `break` or `return` in the loop, and for a limit on the number of epochs."),
            )
        case "first_rows":
            return (
                say(
                    "Of {rows} rows, only the first {counted} count.", rows=found.rows, counted=found.counted
                ),
                rows,
            )
        case "last_rows":
            return (
                say("Of {rows} rows, only the last {counted} count.", rows=found.rows, counted=found.counted),
                rows,
            )
        case "rows_later":
            return (
                say(
                    "After epoch {epoch}, only {counted} of the {rows} rows count in the updates.",
                    epoch=found.epoch,
                    counted=found.counted,
                    rows=found.rows,
                ),
                say("Look at what the loop does to the data from one epoch to the next."),
            )
        case "rate":
            return (
                not_lr_times_gradient(found.epoch + 1, found.factor),
                SAME_LENGTH,
            )
        case "shorter":
            return (
                say(
                    "With other data or another `lr`, an update is only {factor} times `lr` times the gradient.",
                    factor=found.factor,
                ),
                say("Look for gradients that are clipped, and for limits on `lr`."),
            )
        case "changes":
            return (
                say(
                    "The update of epoch {epoch} is not one of gradient descent any more.",
                    epoch=found.epoch + 1,
                )
                if found.epoch
                else say("The first update is not one of gradient descent."),
                say("Every epoch does the same: look at what changes from one epoch to the next."),
            )
        case "late":
            return (
                say(
                    "The first {epoch} updates are right, but a training of {epochs} epochs does not end where"
                    " gradient descent ends.",
                    epoch=found.epoch,
                    epochs=found.epochs,
                ),
                say("Every epoch does the same: look at what changes from one epoch to the next."),
            )
        case "many_rows":
            return (
                say(
                    "The updates are right for up to {counted} rows, and not for more.", counted=found.counted
                ),
                say("Look for a number of rows that is written down, and for mini-batches."),
            )
        case _:
            return (
                say("The updates are right for some data, but not for others."),
                say("Look at what depends on the number of rows, on how large the values are, or on `lr`."),
            )
