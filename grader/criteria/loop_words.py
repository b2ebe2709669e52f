"""What to tell a student about a training loop: one judgement for each finding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from grader.criteria.loop_mistakes import GOT, ORDER, OTHER_WEIGHTS, SAID, SEEN
from grader.criteria.loop_order import Fault
from grader.criteria.outcomes import accepted, needs_review, share, wrong_answer
from grader.criteria.walks import Finding
from grader.model.judgement import Judgement
from grader.model.probe import Observation
from grader.model.text import Bilingual, Text, say

HALF = Decimal("0.5")
USE_THE_ARGUMENTS = say("Use the names of the function's parameters, not those of the notebook's variables.")


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
    if finding.key == "rate_changes":
        return needs_review(
            say(
                "The first updates go down the gradient, and are {factors} times as long as `lr` times the"
                " gradient.",
                factors=factors_words(finding.factors),
            ),
            staff_note=note,
        )
    if finding.key == "data_ignored":
        return _data_ignored(finding, note)
    summary, look_at = _mistake(finding, layers, order)
    return wrong_answer(
        summary,
        expected=say("after each epoch, the weights that the optimizer's updates give"),
        got=_got(finding),
        hint=look_at or hint,
        staff_note=note,
    )


def never_read(name: str) -> Judgement:
    """Weights that never move, in a function that does not read one of its arguments."""
    return wrong_answer(
        say("The weights do not move at all, and the function never reads its argument `{name}`.", name=name),
        expected=say("updates that depend on the arguments of the function"),
        got=SEEN["still"],
        hint=USE_THE_ARGUMENTS,
        staff_note=f"still; `{name}` is never read",
    )


_NO_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def of_another_model(
    observation: Observation, failure: Judgement, call: str, cells: Iterable[str]
) -> Judgement | None:
    """The failure in other words where an attribute is missing in a class that the question uses and no cell does."""
    error = observation.error
    missing = _NO_ATTRIBUTE.search(error.message) if error and error.name == "AttributeError" else None
    if missing is None or missing[2] == "backward" or missing[1] == "NoneType":
        return None
    kind, name = missing.groups()
    word = re.compile(rf"\b{kind}\b")
    if not word.search(call) or any(word.search(text) for text in cells):
        return None
    return failure.model_copy(
        update={
            "summary": say(
                "Your function was called with a model of another class than yours, and stopped: it asks for"
                " `{name}`, which not every model has.",
                name=name,
            ),
            "expected": say("a function that trains any model, through `model.parameters()`"),
            "look_at": say("Take the parameters from `model.parameters()`, not from layers by their names."),
        }
    )


def not_this_optimizer(finding: Finding, wanted: Sequence[str]) -> Judgement:
    """A right loop with another optimizer than the one asked for."""
    return wrong_answer(
        say(
            "The loop is right, but its optimizer is {family}; {wanted} was asked for.",
            family=_optimizer(finding),
            wanted=", ".join(wanted),
        ),
        expected=say("updates of {wanted}", wanted=", ".join(wanted)),
        got=say("updates of {family}", family=_optimizer(finding)),
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


def factors_words(factors: Sequence[float]) -> Text:
    """Up to three factors."""
    first, second, third = [*factors, factors[-1]][:3]
    return say(
        "{first}, {second} and {third}", first=_short(first), second=_short(second), third=_short(third)
    )


def _short(factor: float) -> float:
    return float(f"{factor:.3g}")


def _data_ignored(finding: Finding, note: str) -> Judgement:
    both = len(finding.ignored) > 1
    name = finding.ignored[0]
    return wrong_answer(
        say("The arguments `x` and `y` are not used: with other data, the updates are the same.")
        if both
        else say("The argument `{name}` is not used: with another one, the updates are the same.", name=name),
        expected=say("updates that depend on the arguments of the function"),
        got=say("the same weights for other values of `x`, and of `y`")
        if both
        else say("the same weights for other values of `{name}`", name=name),
        hint=USE_THE_ARGUMENTS,
        staff_note=note,
    )


def _right(finding: Finding) -> Text:
    if finding.family == "closure":
        return say("Each step evaluates the loss several times, and goes down it, from all the data.")
    if finding.batch is None:
        return say("Each update is the one of {family}, from all the data.", family=_optimizer(finding))
    return say(
        "Each update is the one of {family}, from mini-batches of {batch}.",
        family=_optimizer(finding),
        batch=finding.batch,
    )


def _optimizer(finding: Finding) -> str | Text:
    return say("SGD with momentum") if finding.family == "momentum" else finding.family


def _got(finding: Finding) -> Text:
    if finding.family in ("", "closure") or finding.key not in GOT:
        return SEEN.get(finding.key, OTHER_WEIGHTS)
    return say(
        "the weights that {family} gives with {change}", family=_optimizer(finding), change=GOT[finding.key]
    )


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
