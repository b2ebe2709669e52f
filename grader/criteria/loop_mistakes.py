"""What is said about each mistake in a training loop: by the finding's key, or by what the order of calls shows."""

from __future__ import annotations

from grader.criteria.loop_order import Fault
from grader.model.text import Text, say

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
    "partly_accumulated": (
        say(
            "The gradients of some parameters are not set back to zero: their updates use the sum of all"
            " gradients so far."
        ),
        say("Clear the gradient of every parameter once in each epoch."),
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


GOT: dict[str, Text] = {
    "accumulated": say("the sum of all gradients so far"),
    "step_first": say("the gradient of the epoch before"),
    "one_too_few": say("one update less"),
    "one_too_many": say("one update more"),
    "ascent": say("the sign of each update turned round"),
    "broadcast": say("a loss over all pairs of a prediction and a target"),
    "part_of_data": say("a part of the data"),
    "epochs_ignored": say("the same number of updates for any `epochs`"),
    "other_start": say("another start"),
    "sum": say("the sum of the squared errors in place of their mean"),
    "half_sum": say("half the sum of the squared errors in place of their mean"),
    "half": say("a gradient half as long"),
    "double": say("a gradient twice as long"),
    "mean_twice": say("a mean that is divided by the number of samples once more"),
}
"""What gives the weights that came, by the finding's key."""
SEEN: dict[str, Text] = {
    "still": say("weights that stay as they were"),
    "zeroed": say("weights that stay as they were"),
    "frozen": say("parameters that stay as they were"),
    "not_finite": say("weights that are NaN or infinite"),
    "part_of_data": say("weights that a part of the data gives"),
    "lr_ignored": say("the same updates with another learning rate"),
}
"""What came where no update is recognised."""
OTHER_WEIGHTS = say("other weights")
