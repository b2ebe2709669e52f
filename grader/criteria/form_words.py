"""Networks in words: their layers, and how one differs from the one that was asked for."""

from __future__ import annotations

from grader.criteria.network import DISPLAYED, Form
from grader.model.text import Text, say


def activation_name(name: str) -> str:
    """An activation as people write it."""
    return DISPLAYED.get(name, name)


def form_words(form: Form) -> Text:
    """The layers with their activations: `2 → 2 (sigmoid) → 1`."""
    names = ("none", *form.activations, form.output)
    steps = [
        str(size) if name == "none" else f"{size} ({activation_name(name)})"
        for size, name in zip(form.layers, names, strict=True)
    ]
    if all(form.biases):
        return say("the layers {layers}", layers=" → ".join(steps))
    return say("the layers {layers}, not all with a bias", layers=" → ".join(steps))


def difference_words(wanted: Form, found: Form) -> Text:
    """The first of the differences, from the coarsest to the finest."""
    if not found.hidden and wanted.hidden:
        return say("There is no hidden layer.")
    if len(found.hidden) != len(wanted.hidden):
        return say(
            "There are {got} hidden layers where {expected} was asked for.",
            got=len(found.hidden),
            expected=len(wanted.hidden),
        )
    if "none" in found.activations and "none" not in wanted.activations:
        return say("There is no activation between the layers: the whole network is affine in its input.")
    if found.hidden != wanted.hidden:
        return say(
            "There are {got} hidden neurons where {expected} were asked for.",
            got=sum(found.hidden),
            expected=sum(wanted.hidden),
        )
    if found.output != wanted.output:
        if wanted.output == "none":
            return say(
                "There is an activation behind the last layer ({got}), which should be linear.",
                got=activation_name(found.output),
            )
        return say("The activation behind the last layer is {got}.", got=activation_name(found.output))
    if found.activations != wanted.activations:
        other = next(a for a, b in zip(found.activations, wanted.activations, strict=True) if a != b)
        return say("The activation of the hidden layer is {got}.", got=activation_name(other))
    if found.biases != wanted.biases and not found.biases[-1] and not any(found.biases):
        return say("The layers have no bias.")
    if not found.biases[-1]:
        return say("The output layer has no bias.")
    return say("A hidden layer has no bias.")
