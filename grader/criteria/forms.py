"""The forms that a network may have which is not, or may not be, the one asked for: for naming and for recomputing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from grader.criteria.layouts import Shapes
from grader.criteria.network import ACTIVATIONS, Form

OUTPUT_ACTIVATIONS = ("none", "sigmoid", "tanh", "relu", "softplus", "leaky_relu", "hardsigmoid")
"""What people put behind the last layer; the first is the plain one."""
MIXED_ACTIVATIONS = ("none", "sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu", "softplus")
"""Those that are tried in different hidden layers of one network."""

Skeleton = tuple[tuple[int, ...], tuple[bool, ...]]
"""Layers, and which of them have a bias."""


def variants_of(wanted: Form, count: int, shapes: Shapes | None) -> list[Form]:
    """All forms with `count` parameters and the same inputs and outputs as `wanted`, the likeliest first."""
    skeletons = dict.fromkeys(_skeletons(wanted, count, shapes))
    return [
        Form(layers, activations, output, biases)
        for layers, biases in skeletons
        for output in OUTPUT_ACTIVATIONS
        for activations in _activations(wanted, len(layers) - 2)
    ]


def _activations(wanted: Form, hidden: int) -> list[tuple[str, ...]]:
    first = wanted.activations[:1]
    names = dict.fromkeys([*first, *ACTIVATIONS])
    choices = [(name,) * hidden for name in names]
    if hidden == 2:
        choices += itertools.product(MIXED_ACTIVATIONS, repeat=2)
    return list(dict.fromkeys(choices))


def _skeletons(wanted: Form, count: int, shapes: Shapes | None) -> Iterator[Skeleton]:
    inputs, outputs = wanted.layers[0], wanted.layers[-1]
    yield from _with_biases(wanted.layers, count)
    for first in (True, False):
        for last in (True, False):
            hidden, rest = divmod(count - outputs * last, inputs + first + outputs)
            if hidden >= 1 and not rest:
                yield (inputs, hidden, outputs), (first, last)
    yield from _with_biases((inputs, outputs), count)
    for layers in _chains(inputs, outputs, shapes or ()) if shapes else _two_hidden(inputs, outputs, count):
        yield from _with_biases(layers, count)


def _with_biases(layers: tuple[int, ...], count: int) -> Iterator[Skeleton]:
    """Those patterns of biases with which the layers have `count` parameters."""
    for biases in itertools.product((True, False), repeat=len(layers) - 1):
        if Form(layers, (), "none", biases).parameters == count:
            yield layers, biases


def _two_hidden(inputs: int, outputs: int, count: int) -> Iterator[tuple[int, ...]]:
    """Two hidden layers, with biases everywhere, that have `count` parameters together."""
    for first in range(1, count // (inputs + 1) + 1):
        second, rest = divmod(count - outputs - first * (inputs + 1), first + 1 + outputs)
        if second >= 1 and not rest:
            yield (inputs, first, second, outputs)


def _chains(inputs: int, outputs: int, shapes: Shapes) -> Iterator[tuple[int, ...]]:
    """Layer sizes that the matrices among the parameters link together, in their own order or in any other."""
    matrices = [shape for shape in shapes if len(shape) == 2]
    in_any_order = itertools.permutations(matrices) if len(matrices) <= 4 else [matrices, matrices[::-1]]
    for ordered in in_any_order:
        layers = [inputs]
        for rows, columns in ordered:
            if layers[-1] not in (rows, columns):
                break
            layers.append(rows if columns == layers[-1] else columns)
        else:
            if len(layers) > 1 and layers[-1] == outputs:
                yield tuple(layers)
