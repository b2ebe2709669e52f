"""Finds which function a student's module computes, and where its weights stand in its parameter vector.

What comes in: parameter vectors, the shapes of the parameters where known, and the outputs that the module gave for
them at known points. What goes out: a `Network` whose own forward pass gives those outputs, or None. Right idioms
differ in the order of parameters only, so the natural orders are tried first (`layouts`) and then, for at most
`ALL_ORDERS_UP_TO` numbers, every order there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.criteria.forms import OUTPUT_ACTIVATIONS, variants_of
from grader.criteria.layouts import Shapes, layouts
from grader.criteria.network import ACTIVATIONS, Floats, Form, Network, Places

ALL_ORDERS_UP_TO = 9
"""9! = 362 880 orders take a fraction of a second; 10! would take many."""
FEW = 64
"""Parameters of which all natural orders together take a megabyte at most."""
TOLERANCE = 2e-4
"""Of the scale of the outputs: float32 against float64."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What a module gave at some points with one parameter vector."""

    theta: Floats
    """`[p]`"""
    x: Floats
    """`[n, in]`"""
    out: Floats
    """`[n, out]`, or anything with as many elements."""


def sample(theta: npt.NDArray[Any], x: npt.NDArray[Any], out: npt.NDArray[Any]) -> Sample:
    """A sample from arrays of any real dtype."""
    return Sample(*(np.asarray(a, dtype=np.float64) for a in (theta.ravel(), x, out)))


def recognise(
    samples: Sequence[Sample], shapes: Shapes | None, wanted: Form, *, every_order: bool = True
) -> Network | None:
    """The network that gives all samples: `wanted` in any order of parameters, or else another form.

    `shapes` are those of the parameters in their order, where known. Without `every_order` only natural orders are
    tried.
    """
    usable = [s for s in samples if np.isfinite(s.theta).all() and np.isfinite(s.out).all()]
    if not usable or any(s.out.size != len(s.x) * wanted.layers[-1] for s in usable):
        return None
    count = usable[0].theta.size
    search = every_order and count <= ALL_ORDERS_UP_TO
    if wanted.parameters == count:
        found = _in_natural_order(usable, shapes, wanted, all_signs=True)
        if found is None and search:
            found = _in_any_order(usable, wanted, (wanted.output,), negated_biases=True)
        if found is not None:
            return found
    variants = variants_of(wanted, count, shapes)
    for form in variants:
        found = _in_natural_order(usable, shapes, form)
        if found is not None:
            return found
    if search:
        for form in variants:
            if form.output == OUTPUT_ACTIVATIONS[0]:
                found = _in_any_order(usable, form, OUTPUT_ACTIVATIONS)
                if found is not None:
                    return found
    return None


def agrees(network: Network, samples: Sequence[Sample]) -> bool:
    """Whether the network gives all the samples."""
    return all(_close(network.outputs(s.theta, s.x).ravel(), s.out.ravel()) for s in samples)


def _close(ours: Floats, theirs: Floats) -> bool:
    return bool(np.max(np.abs(ours - theirs), initial=0.0) <= _tolerance(theirs))


def _tolerance(out: Floats) -> float:
    return TOLERANCE * (1.0 + float(np.max(np.abs(out), initial=0.0)))


def _in_natural_order(
    samples: Sequence[Sample], shapes: Shapes | None, form: Form, *, all_signs: bool = False
) -> Network | None:
    signs = np.stack(list(_signs(form))) if all_signs else np.ones((1, form.parameters))
    for orders in _natural_orders(form, shapes):
        places, its_signs = orders.repeat(len(signs), axis=0), np.tile(signs, (len(orders), 1))
        found = _fitting(samples, form, places, its_signs)
        if len(found):
            return Network(form, places[found[0]], its_signs[found[0]])
    return None


def _natural_orders(form: Form, shapes: Shapes | None) -> Iterator[Places]:
    """Natural places `[k, p]`, the most natural first: of few parameters all at once, else one by one."""
    if form.parameters > FEW:
        yield from (places[None] for places in layouts(form, shapes))
    elif len(places := _all_natural_orders(form.layers, form.biases, shapes)):
        yield places


@lru_cache(maxsize=32)
def _all_natural_orders(layers: tuple[int, ...], biases: tuple[bool, ...], shapes: Shapes | None) -> Places:
    """What the activations are makes no difference."""
    form = Form(layers, ("none",) * (len(layers) - 2), "none", biases)
    orders = np.array(list(layouts(form, shapes)), dtype=np.intp).reshape(-1, form.parameters)
    orders.flags.writeable = False
    return orders


def _in_any_order(
    samples: Sequence[Sample], form: Form, outputs: tuple[str, ...], *, negated_biases: bool = False
) -> Network | None:
    plain = Form(form.layers, form.activations, "none", form.biases)
    orders = _distinct_orders(form.layers[:2] if form.hidden else (), form.parameters)
    for signs in [np.ones(form.parameters), *([_bias_signs(form)] if negated_biases else [])]:
        # One point of one sample leaves few of the orders; only those meet all points.
        first = samples[0]
        before = plain.outputs(first.theta[orders] * signs, first.x[:1])[:, 0]
        for output in outputs:
            gap = np.abs(ACTIVATIONS[output](before) - first.out.reshape(len(first.x), -1)[0])
            left = orders[(gap <= _tolerance(first.out)).all(axis=1)]
            whole = Form(form.layers, form.activations, output, form.biases)
            found = _fitting(samples, whole, left, signs)
            if len(found):
                return Network(whole, left[found[0]].astype(np.intp), signs)
    return None


def _fitting(samples: Sequence[Sample], form: Form, places: Places, signs: Floats) -> Places:
    """Indices of the places `[k, p]` that give all samples, with signs `[p]`, or `[k, p]`."""
    signs = np.broadcast_to(signs, places.shape)
    left = np.arange(len(places))
    for one, tolerance in _in_steps(samples):
        if not len(left):
            break
        values = form.outputs(one.theta[places[left]] * signs[left], one.x).reshape(len(left), one.out.size)
        left = left[(np.abs(values - one.out.ravel()) <= tolerance).all(axis=1)]
    return left


def _in_steps(samples: Sequence[Sample]) -> Iterator[tuple[Sample, float]]:
    """The samples with their tolerances, few points first: most orders fail at the first of them."""
    first = samples[0]
    for start, end in itertools.pairwise((0, 2, 5, max(6, len(first.x)))):
        part = Sample(first.theta, first.x[start:end], first.out.reshape(len(first.x), -1)[start:end])
        if len(part.x):
            yield part, _tolerance(first.out)
    for one in samples[1:]:
        yield one, _tolerance(one.out)


def _slots(form: Form) -> list[tuple[int, bool]]:
    """Sizes of weights and biases in canonical order, and which are biases."""
    slots: list[tuple[int, bool]] = []
    for inputs, out, bias in zip(form.layers, form.layers[1:], form.biases, strict=False):
        slots += [(out * inputs, False), *([(out, True)] if bias else [])]
    return slots


def _signs(form: Form) -> Iterator[Floats]:
    """All patterns of signs of whole weights and biases, the plain one first; `w x - b` is as right as `w x + b`."""
    sizes = [size for size, _ in _slots(form)]
    if len(sizes) > 4:
        yield np.ones(form.parameters)
        yield _bias_signs(form)
        return
    for pattern in itertools.product((1.0, -1.0), repeat=len(sizes)):
        yield np.repeat(np.array(pattern), sizes)


def _bias_signs(form: Form) -> Floats:
    slots = _slots(form)
    return np.repeat(np.array([-1.0 if bias else 1.0 for _, bias in slots]), [size for size, _ in slots])


@cache
def _distinct_orders(first_layer: tuple[int, ...], count: int) -> Places:
    """All orders of `count` numbers `[k, count]`, but one only of those that differ in the order of hidden neurons."""
    orders = np.zeros((1, 0), dtype=np.int8)
    for size in range(count):
        new = np.full((len(orders), 1), size, dtype=np.int8)
        orders = np.concatenate(
            [np.hstack([orders[:, :at], new, orders[:, at:]]) for at in range(size + 1)], dtype=np.int8
        )
    if first_layer:
        inputs, hidden = first_layer
        heads = orders[:, : inputs * hidden : inputs]
        orders = orders[(np.diff(heads, axis=1) > 0).all(axis=1)]
    orders.flags.writeable = False
    return orders  # type: ignore[return-value]
