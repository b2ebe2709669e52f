"""What `architecture` says: each way in which a network can differ from the one asked for has its own words."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence

import numpy as np

from grader.criteria.batches import Batch
from grader.criteria.describe import describe, shape_words
from grader.criteria.failure_words import raised_words, staff_words, where_raised
from grader.criteria.form_words import difference_words, form_words
from grader.criteria.network import Form, Network, least_squares
from grader.criteria.outcomes import failed, wrong_answer
from grader.model.evidence import SourceCell
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Value, Words
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict

Hint = Bilingual | None


def no_module(class_name: Value, source: Sequence[SourceCell], hint: Hint) -> Judgement:
    """What was built is no module; its class is named where the notebook's own text names it."""
    name = class_name.text if isinstance(class_name, Words) else "?"
    if not name.isidentifier() or not any(re.search(rf"\b{name}\b", cell.text) for cell in source):
        name = name if hasattr(builtins, name) else "?"
    return wrong_answer(
        say("What was built is not a PyTorch module."),
        expected=say("an instance of a subclass of `nn.Module`"),
        got=say("an object of class `{name}`", name=name),
        hint=hint or say("Let the class inherit from `nn.Module`, and call `super().__init__()` first."),
    )


def no_parameters(hint: Hint) -> Judgement:
    """Nothing in the module can learn."""
    return wrong_answer(
        say("The module has no parameters: nothing in it can learn."),
        expected=say("layers, or tensors made with `nn.Parameter`, as attributes of the module"),
        got=say("a module whose `parameters()` is empty"),
        hint=hint
        or say(
            "Layers in a plain Python list, and tensors without `nn.Parameter`, are not registered;"
            " layers made inside `forward` are new at every call."
        ),
    )


def fails_for_other_batches(observation: Observation, points: int) -> Judgement:
    """It works for the first batch and raises for another."""
    error = observation.error
    return wrong_answer(
        say("The network works for {points} points at a time, but not for another number.", points=points),
        expected=say("any number of points, also a single one"),
        got=None if error is None else raised_words(error),
        where=None if error is None else where_raised(error),
        hint=say("Look in `forward` for a number of points that is written down."),
        staff_note=staff_words(observation),
        cell=None if error is None else error.cell,
    )


def no_values(batch: Batch, hint: Hint) -> Judgement | None:
    """The judgement when a batch's output cannot be compared at all; None when it can."""
    right = shape_words((len(batch.x), batch.outputs))
    expected = say("a tensor of shape {shape} for {points} points", shape=right, points=len(batch.x))
    if batch.out is None:
        return wrong_answer(
            say("`forward` does not return a tensor."),
            expected=expected,
            got=describe(batch.given),
            hint=hint or say("Look at the `return` of `forward`."),
        )
    if batch.again is None or not np.array_equal(batch.again, batch.out, equal_nan=True):
        return wrong_answer(
            say("The network gives another output each time, for the same input and the same parameters."),
            expected=say("an output that depends on the input and on the parameters alone"),
            got=say("two calls with two results"),
            hint=hint
            or say("Look for layers made inside `forward`, for dropout, or for random numbers there."),
        )
    if not np.isfinite(batch.out).all():
        return wrong_answer(
            say("The network's output is not finite."),
            expected=say("finite numbers"),
            got=say("NaN or infinity among the outputs"),
            hint=hint or say("Look for a division by zero, a logarithm or a root in `forward`."),
        )
    if batch.sample is None:
        return wrong_answer(
            say("The network's output does not have one row for each point."),
            expected=expected,
            got=describe(batch.given),
            hint=hint
            or say("Look for a sum or mean over the points, a dimension too many, or a wrong layer size."),
        )
    return None


def wrong_shape(batch: Batch, hint: Hint) -> Judgement:
    """The right values, in another shape."""
    out = batch.out if batch.out is not None else np.zeros(0)
    got = shape_words(out.shape)
    if out.ndim < 2:
        came = say("shape {shape}: a dimension is missing", shape=got)
    elif out.ndim > 2:
        came = say("shape {shape}: a dimension too many", shape=got)
    else:
        came = say("shape {shape}: the dimensions are exchanged", shape=got)
    return wrong_answer(
        say("The network computes the right values, but their shape is not the one asked for."),
        expected=say(
            "shape {shape} for {points} points",
            shape=shape_words((len(batch.x), batch.outputs)),
            points=len(batch.x),
        ),
        got=came,
        where=say("`forward`"),
        hint=hint
        or say(
            "Against targets of shape [n, 1], a wrong shape is broadcast silently:"
            " remove the `squeeze`, or add `unsqueeze(1)`."
        ),
    )


def no_forward(hint: Hint) -> Judgement:
    """The module says nowhere what it computes."""
    return failed(
        Verdict.RUN_TIME_ERROR,
        say("The class has no method `forward`: the module cannot compute anything."),
        expected=say("`forward(self, x)`, which returns the output"),
        got=say("no method of that name"),
        hint=hint or say("Look at the spelling of `forward`, and at its indentation inside the class."),
    )


def cut_off(batch: Batch, hint: Hint) -> Judgement:
    """The right values, but autograd cannot reach the parameters."""
    if batch.frozen:
        return wrong_answer(
            say("The network computes what was asked for, but all its parameters are frozen."),
            expected=say("parameters with `requires_grad=True`"),
            got=say("`requires_grad=False` everywhere"),
            hint=hint or say("Look for `requires_grad` and `no_grad` where the parameters are made."),
        )
    return wrong_answer(
        say("The output is cut off from the graph: no gradient can reach the parameters."),
        expected=say("a tensor that remembers how it was computed"),
        got=say("a detached tensor"),
        where=say("`forward`"),
        hint=hint or say("Look for `detach`, `no_grad`, `.item()`, `.data` or NumPy in `forward`."),
    )


def other_gradient(batch: Batch, network: Network, hint: Hint) -> Judgement | None:
    """The judgement where autograd does not give the derivative of what is computed; None where it does."""
    if batch.slopes.size != batch.theta.size:
        return None
    wanted = batch.slopes_of(network)
    wrong = np.abs(batch.slopes - wanted) > 1e-3 * (1.0 + np.abs(wanted).max())
    if not wrong.any():
        return None
    if not batch.slopes.any():
        return cut_off(batch, hint)
    if not batch.slopes[wrong].any():
        return wrong_answer(
            say("Some parameters are cut off from the graph: no gradient reaches them."),
            expected=say("a gradient for each of the {count} parameters", count=wrong.size),
            got=say("no gradient for {count} of them", count=int(wrong.sum())),
            where=say("`forward`"),
            hint=hint or say("Look for `detach`, `no_grad`, `.item()`, `.data` or NumPy in `forward`."),
        )
    return wrong_answer(
        say("The values are right, but the gradient of the output is not that of the function computed."),
        expected=say("the derivative of the output with respect to each parameter"),
        got=say(
            "another gradient for {count} of the {all} parameters", count=int(wrong.sum()), all=wrong.size
        ),
        where=say("`forward`"),
        hint=hint or say("Look for `detach`, `no_grad`, `.item()`, `.data` or NumPy in `forward`."),
    )


def other_for_many(batch: Batch, hint: Hint) -> Judgement:
    """Right for few points of small values, and not for this batch."""
    return wrong_answer(
        say(
            "The network computes the right values for a few points, but not for many points of larger values."
        ),
        expected=say("the same function for all points"),
        got=say("other outputs for {points} points", points=len(batch.x)),
        where=say("`forward`"),
        hint=hint or say("Look in `forward` for slices, and for limits on the values."),
    )


def other_form(wanted: Form, found: Form, hint: Hint) -> Judgement:
    """Another network than the one asked for, recognised."""
    return wrong_answer(
        difference_words(wanted, found),
        expected=form_words(wanted),
        got=form_words(found),
        hint=hint or say("Compare the layers, one by one, with those that are asked for."),
        staff_note=f"recognised as {found}",
    )


def without_influence(wanted: Form, hint: Hint) -> Judgement:
    """No parameter moves the output."""
    return wrong_answer(
        say("The output does not depend on the module's parameters."),
        expected=form_words(wanted),
        got=say("the same output whatever the parameters are"),
        hint=hint or say("Use in `forward` the layers of `__init__`; make none there."),
    )


def unknown(wanted: Form, batches: Sequence[Batch], hint: Hint) -> Judgement:
    """A function that is none of those known; what can be said of it is said."""
    first = batches[0]
    expected = form_words(wanted)
    note = f"not recognised; shapes {first.shapes}, influence of each parameter {first.moves.tolist()}"
    unused = first.unused
    if all(_is_affine(batch) for batch in batches):
        return wrong_answer(
            say("There is no activation between the layers: the whole network is affine in its input."),
            expected=expected,
            got=say("an affine function of the input"),
            hint=hint or say("Apply the activation to the hidden layer's values in `forward`."),
            staff_note=note,
        )
    if unused:
        return wrong_answer(
            say("Some parameters have no influence on the output."),
            expected=expected,
            got=say("{count} parameter tensors without influence", count=len(unused)),
            hint=hint or say("Look for a layer of `__init__` that `forward` does not use."),
            staff_note=note,
        )
    return wrong_answer(
        say("The network computes another function than the one asked for."),
        expected=expected,
        got=say("outputs that no such network gives with these parameters"),
        hint=hint or say("Go through `forward` line by line: which layer is applied to what?"),
        staff_note=note,
    )


def _is_affine(batch: Batch) -> bool:
    if batch.out is None:
        return False
    _, left = least_squares(batch.x, batch.out)
    return left <= 1e-8 * (1.0 + float(np.mean(batch.out**2)))
