"""The natural places of a network's weights in a flat parameter vector, given the shapes of the parameters.

Covered: any order of the parameters, weights `[out, in]` or `[in, out]`, a bias inside its weight as one more row or
column, and one parameter a neuron. Each layout is an index array `[p]`: the canonical vector is `theta[layout]`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from grader.criteria.network import Form, Places

Shapes = tuple[tuple[int, ...], ...]
MOST_LAYOUTS = 400
"""Some shapes (many scalars) have far too many layouts; the first ones are the natural ones."""

Blocks = tuple[Places, ...]


def layouts(form: Form, shapes: Shapes | None) -> Iterator[Places]:
    """Natural places, each once; from the parameters' shapes, and from the usual shapes in the usual orders."""
    seen: set[bytes] = set()
    for one in [*([shapes] if shapes else []), *_usual_shapes(form)]:
        blocks = _blocks(one)
        if sum(block.size for block in blocks) != form.parameters:
            continue
        for places in itertools.islice(_fill(form, 0, blocks), MOST_LAYOUTS):
            if places.tobytes() not in seen:
                seen.add(places.tobytes())
                yield places


def _blocks(shapes: Shapes) -> Blocks:
    """The places of each parameter, in its shape."""
    blocks: list[Places] = []
    start = 0
    for shape in shapes:
        size = int(np.prod(shape, dtype=np.int64))
        if size:
            blocks.append(np.arange(start, start + size).reshape(shape))
        start += size
    return tuple(blocks)


def _usual_shapes(form: Form) -> list[Shapes]:
    """Layer after layer; the last layer first; all weights before all biases."""
    layers = [
        ((out, inputs), (out,)) if bias else ((out, inputs),)
        for inputs, out, bias in zip(form.layers, form.layers[1:], form.biases, strict=False)
    ]
    forward = tuple(shape for layer in layers for shape in layer)
    backward = tuple(shape for layer in reversed(layers) for shape in layer)
    weights_first = tuple(sorted(forward, key=len, reverse=True))
    return [forward, backward, weights_first]


def _fill(form: Form, layer: int, blocks: Blocks) -> Iterator[Places]:
    """All ways to give the layers from `layer` on the blocks that are left."""
    if layer == len(form.layers) - 1:
        if not blocks:
            yield np.zeros(0, dtype=np.intp)
        return
    inputs, out = form.layers[layer], form.layers[layer + 1]
    for places, left in _one_layer(inputs, out, form.biases[layer], blocks):
        for others in _fill(form, layer + 1, left):
            yield np.concatenate([places, others])


def _one_layer(inputs: int, out: int, bias: bool, blocks: Blocks) -> Iterator[tuple[Places, Blocks]]:
    for weight, left in _matrices(out, inputs, blocks):
        if not bias:
            yield weight.ravel(), left
            continue
        for vector, rest in _matrices(out, 1, left):
            yield np.concatenate([weight.ravel(), vector.ravel()]), rest
    if bias:
        for both, left in _matrices(out, inputs + 1, blocks):
            yield np.concatenate([both[:, :-1].ravel(), both[:, -1]]), left
            yield np.concatenate([both[:, 1:].ravel(), both[:, 0]]), left


def _matrices(rows: int, columns: int, blocks: Blocks) -> Iterator[tuple[Places, Blocks]]:
    """Every `[rows, columns]` that one block holds, upright or transposed, or that `rows` blocks hold together."""
    for at, block in enumerate(blocks):
        left = blocks[:at] + blocks[at + 1 :]
        if block.size == rows * columns:
            yield block.reshape(rows, columns), left
            if min(rows, columns) > 1:
                yield block.reshape(columns, rows).T, left
    if rows > 1:
        fitting = [at for at, block in enumerate(blocks) if block.size == columns]
        for chosen in itertools.combinations(fitting, rows):
            left = tuple(block for at, block in enumerate(blocks) if at not in chosen)
            yield np.stack([blocks[at].ravel() for at in chosen]), left
