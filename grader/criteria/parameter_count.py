"""Counting a module's parameters: too many or too few of them say which layer is not as it should be."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from grader.criteria.batches import read_shapes
from grader.criteria.describe import shape_words
from grader.criteria.network import Form
from grader.criteria.outcomes import accepted, wrong_answer
from grader.criteria.readings import numbers
from grader.model.judgement import Judgement
from grader.model.probe import Value
from grader.model.text import Bilingual, Text, say


def judge_count(
    wanted: Form, expected: int, entries: Mapping[str, Value], hint: Bilingual | None
) -> Judgement:
    """Whether there are `expected` numbers in all, and all of them may learn.

    `entries` has the sizes of the parameters (`sizes`), the same where they may learn (`learning`), and `shapes`.
    """
    sizes, learning = numbers(entries.get("sizes")), numbers(entries.get("learning"))
    count = 0 if sizes is None else int(sizes.sum())
    able = 0 if learning is None else int(learning.sum())
    shapes = read_shapes(entries.get("shapes"), count) or ()
    if count != expected:
        return wrong_answer(
            _summary(wanted, count, expected),
            expected=say("{count} parameters in all", count=expected),
            got=say(
                "{count} parameters, in tensors of shapes {shapes}",
                count=count,
                shapes=", ".join(shape_words(shape) for shape in shapes[:12]),
            ),
            hint=hint
            or say("Count for each layer: its outputs times its inputs, and one bias for each output."),
        )
    if able != count:
        return wrong_answer(
            say("Some parameters are frozen: they can never learn."),
            expected=say("{count} parameters that can learn", count=expected),
            got=say("{count} that can learn", count=able),
            hint=hint or say("Look for `requires_grad` where the parameters are made."),
        )
    return accepted(say("The network has {count} parameters, as it should.", count=count))


def _summary(wanted: Form, count: int, expected: int) -> Text:
    inputs, outputs = wanted.layers[0], wanted.layers[-1]
    if count == outputs * (inputs + 1) and wanted.hidden:
        return say("The network has {count} parameters: as many as without a hidden layer.", count=count)
    for biases in itertools.product((True, False), repeat=len(wanted.biases)):
        if not all(biases) and Form(wanted.layers, (), "none", biases).parameters == count:
            return say("The network has {count} parameters: as many as with a bias left out.", count=count)
    if len(wanted.hidden) == 1:
        neurons, rest = divmod(count - outputs, inputs + 1 + outputs)
        if neurons >= 1 and not rest and neurons != wanted.hidden[0]:
            return say(
                "The network has {count} parameters: as many as with {neurons} hidden neurons.",
                count=count,
                neurons=neurons,
            )
    if count > expected:
        return say("The network has too many parameters: {count}.", count=count)
    return say("The network has too few parameters: {count}.", count=count)
