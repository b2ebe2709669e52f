"""What to tell a student about a training loop: one judgement for each finding."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

from grader.criteria.loop_order import Fault
from grader.criteria.outcomes import accepted, needs_review, share, wrong_answer
from grader.criteria.walks import Finding
from grader.model.judgement import Judgement
from grader.model.text import Bilingual, Text, say

HALF = Decimal("0.5")


def judgement_of(
    finding: Finding, layers: Sequence[int], order: Fault | None, hint: Bilingual | None
) -> Judgement:
    """The judgement; `order` is what the code's text shows about the order of its calls."""
    note = f"{finding.key}, {finding.family or 'no optimizer'}, batches of {finding.batch or 'all'}"
    if finding.key == "right":
        return accepted(_right(finding), staff_note=note)
    if finding.key == "unknown" and finding.descends:
        return needs_review(
            say("The first updates are those of no optimizer that is known here, but they go down the loss."),
            staff_note=note,
        )
    if finding.key == "unclear":
        return needs_review(
            say("The weights move, but nothing shows that they go down the loss."), staff_note=note
        )
    if finding.key == "factor":
        return needs_review(
            say(
                "Each update goes down the gradient, but {factor} times as far as `lr` times the gradient.",
                factor=finding.factor,
            ),
            staff_note=note,
        )
    summary, look_at = _mistake(finding, layers, order)
    return wrong_answer(
        summary,
        expected=say("after each epoch, the weights that the optimizer's updates give"),
        got=_got(finding),
        hint=look_at or hint,
        staff_note=note,
    )


def not_this_optimizer(finding: Finding, wanted: Sequence[str]) -> Judgement:
    """A right loop with another optimizer than the one asked for."""
    return wrong_answer(
        say(
            "The loop is right, but its optimizer is {family}; {wanted} was asked for.",
            family=finding.family,
            wanted=", ".join(wanted),
        ),
        expected=say("updates of {wanted}", wanted=", ".join(wanted)),
        got=say("updates of {family}", family=finding.family),
    )


def not_full_batch(finding: Finding) -> Judgement:
    """A right loop over mini-batches where the full batch was asked for: half of the points."""
    return share(
        HALF,
        wrong_answer(
            say(
                "The loop is right, but it updates the weights after each mini-batch; the full batch was asked for."
            ),
            expected=say("one update an epoch, from all the data"),
            got=say("an update after each {batch} samples", batch=finding.batch or 1),
        ),
    )


ORDER: dict[Fault, Text] = {
    "zeroed_between": say(
        "`zero_grad()` stands between `backward()` and `step()`: each step finds gradients that were just erased."
    ),
    "step_first": say("`step()` stands before `backward()`: it has no gradient yet."),
    "other_model": say(
        "A new model is made inside the function, so that the model passed in is never trained."
    ),
    "no_step": say(
        "Nothing in the loop changes the weights: `optimizer.step()`, or your own update, is missing."
    ),
    "no_backward": say("Nothing in the loop computes gradients: `loss.backward()` is missing."),
}
"""What the order of calls shows."""


SAID: dict[str, tuple[Text, Text]] = {
    "not_finite": (
        say("After a few epochs the weights are NaN or infinite."),
        say("Look at the loss and at the sign and the size of each update."),
    ),
    "accumulated": (
        say(
            "Gradients are not set back to zero (`zero_grad()`): each update uses the sum of all gradients so far."
        ),
        say("Call `optimizer.zero_grad()` (or set `.grad` to None) once before each `backward()`."),
    ),
    "step_first": (
        say("Each update uses the gradient of the epoch before: `step()` stands before `backward()`."),
        say("The order is: loss, `zero_grad()`, `backward()`, `step()`."),
    ),
    "ascent": (
        say("The weights move up the loss instead of down: the sign of the update is wrong."),
        say("Subtract `lr` times the gradient."),
    ),
    "broadcast": (
        say(
            "The loss compares every prediction with every target: shapes [n] and [n, 1] were broadcast"
            " to [n, n]."
        ),
        say("Give predictions and targets the same shape before you subtract them."),
    ),
    "part_of_data": (
        say("Only a part of the data counts in the updates."),
        say("Look at slices, at `break` or `return` inside the loop, and at the last mini-batch."),
    ),
    "lr_ignored": (
        say("The argument `lr` changes nothing: the updates are the same with another learning rate."),
        say("Use the argument `lr`, not a number or a name from outside."),
    ),
    "one_too_many": (
        say("There is one update too many: `epochs` epochs make `epochs` updates."),
        say("Look at the bounds of the loop."),
    ),
    "epochs_ignored": (
        say("The number of updates does not depend on `epochs`."),
        say("Look at the bounds of the loop, and for a `return` or `break` inside it."),
    ),
    "other_start": (
        say("The updates are right, but training does not start from the weights that it was to start from."),
        say("Look at how the weights are made before the loop: from zeros where that is asked, never anew."),
    ),
    "unknown": (
        say("The updates do not go down the loss."),
        say("Look at the loss, at its gradient, and at the sign of the update."),
    ),
}
"""What is wrong, and what to look at, by the finding's key."""


def _right(finding: Finding) -> Text:
    if finding.batch is None:
        return say("Each update is the one of {family}, from all the data.", family=finding.family)
    return say(
        "Each update is the one of {family}, from mini-batches of {batch}.",
        family=finding.family,
        batch=finding.batch,
    )


def _got(finding: Finding) -> Text | None:
    if not finding.family or finding.key in ("still", "frozen"):
        return None
    return say("updates of {family} with this mistake", family=finding.family)


def _mistake(finding: Finding, layers: Sequence[int], order: Fault | None) -> tuple[Text, Text | None]:
    match finding.key:
        case "still" | "zeroed":
            return _still(order)
        case "one_too_few":
            return _one_too_few(order)
        case "frozen":
            return _frozen(finding, layers)
        case "sum" | "half_sum" | "half" | "double" | "mean_twice":
            return _scaled(finding.key), say("The loss is the mean of the squared errors, over all elements.")
        case key:
            return SAID[key]


def _still(order: Fault | None) -> tuple[Text, Text | None]:
    if order is not None:
        return (
            say("The weights do not move at all: training does not change them. {why}", why=ORDER[order]),
            None
            if order == "other_model"
            else say("The order is: loss, `zero_grad()`, `backward()`, `step()`."),
        )
    return (
        say("The weights do not move at all: training does not change them."),
        say(
            "Look whether the optimizer got the parameters of the model that was passed in, whether `step()` is"
            " called after `backward()`, and whether gradients are erased by `zero_grad()` in between."
        ),
    )


def _one_too_few(order: Fault | None) -> tuple[Text, Text]:
    if order == "step_first":
        return (
            say(
                "The first epoch changes nothing: `step()` stands before `backward()`, and has no gradient yet."
            ),
            say("The order is: loss, `zero_grad()`, `backward()`, `step()`."),
        )
    return (
        say("There is one update too few: the first epoch changes nothing."),
        say("Look at the bounds of the loop, and whether `step()` stands before `backward()`."),
    )


def _scaled(key: str) -> Text:
    match key:
        case "sum":
            return say("The updates are those of the sum of the squared errors, not of their mean.")
        case "half_sum":
            return say("The updates are those of half the sum of the squared errors, not of their mean.")
        case "half":
            return say(
                "The updates are half as long as they should be: a factor 1/2 stands in the loss or the update."
            )
        case "double":
            return say("The updates are twice as long as they should be: a factor 2 too many.")
        case _:
            return say(
                "The updates are too short by the number of samples: the mean is divided by it once more."
            )


def _frozen(finding: Finding, layers: Sequence[int]) -> tuple[Text, Text]:
    names: list[Text] = []
    start = 0
    for layer, (inputs, size) in enumerate(itertools.pairwise(layers), 1):
        for length, what in (
            (inputs * size, say("the weights of layer {layer}", layer=layer)),
            (size, say("the bias of layer {layer}", layer=layer)),
        ):
            if any(start <= place < start + length for place in finding.frozen):
                names.append(what)
            start += length
    listed = names[0]
    for name in names[1:]:
        listed = say("{some}, {more}", some=listed, more=name)
    return (
        say("Some parameters never change, although the loss depends on them: {names}.", names=listed),
        say("Look whether the optimizer (or your own update) gets all the parameters of the model."),
    )
