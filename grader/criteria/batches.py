"""What a student's module gave for one batch of points, read without believing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grader.criteria.layouts import Shapes
from grader.criteria.network import Floats, Network
from grader.criteria.readings import numbers
from grader.criteria.recognition import Sample
from grader.model.probe import Entries, Leaf, Value

MOVED = 1e-5
"""A parameter that is changed by 1 and moves no output by more than this has no influence."""


@dataclass(frozen=True, eq=False)
class Batch:
    """One batch: what went in is ours, what came out is the student's."""

    x: Floats
    """`[n, in]`"""
    theta: Floats
    """`[p]`, the numbers that were loaded."""
    given: Value | None
    """What the module returned, whatever it is."""
    out: Floats | None
    """The same as numbers, in its own shape; None when it is no array."""
    again: Floats | None
    """The same call once more."""
    outputs: int
    """How many outputs a point has."""
    shapes: Shapes | None
    """Of the parameters, in order; None when they do not fit `theta`."""
    learning: Floats
    """How many numbers of each parameter may learn: 0 where it is frozen."""
    moves: Floats
    """How far the outputs moved when each parameter was changed; empty when unknown."""
    slopes: Floats
    """`[p]`: the derivative of the outputs' sum, as autograd gave it; empty where they hang on no graph."""

    @property
    def right_shape(self) -> bool:
        """Whether the output is `[n, out]`."""
        return self.out is not None and self.out.shape == (len(self.x), self.outputs)

    @property
    def sample(self) -> Sample | None:
        """For recognition; None when there are not as many values as there should be."""
        if self.out is None or self.out.size != len(self.x) * self.outputs:
            return None
        return Sample(self.theta, self.x, self.out.reshape(len(self.x), -1))

    @property
    def hangs_on_graph(self) -> bool:
        """Whether autograd can go back from the output."""
        return isinstance(self.given, Leaf) and self.given.requires_grad

    @property
    def frozen(self) -> bool:
        """Whether no parameter may learn."""
        return not self.learning.any()

    @property
    def unused(self) -> tuple[int, ...]:
        """Which parameters have no influence on the output."""
        if self.shapes is None or len(self.moves) != len(self.shapes):
            return ()
        return tuple(int(at) for at in np.flatnonzero(self.moves <= MOVED))

    @property
    def without_influence(self) -> bool:
        """Whether the output is the same whatever the parameters are."""
        return self.shapes is not None and len(self.unused) == len(self.shapes)

    def slopes_of(self, network: Network) -> Floats:
        """`[p]`: the same derivative of a network that computes the outputs, by central differences."""
        steps = np.diag(1e-5 * (1.0 + np.abs(self.theta)))
        ends = [
            np.array([network.outputs(self.theta + sign * step, self.x).sum() for step in steps])
            for sign in (1, -1)
        ]
        return np.asarray((ends[0] - ends[1]) / (2 * np.diag(steps)))

    def alive(self) -> tuple[Sample, Shapes]:
        """The sample without the parameters that have no influence, and the shapes of the others."""
        assert self.shapes is not None
        assert self.sample is not None
        sizes = [int(np.prod(shape, dtype=np.int64)) for shape in self.shapes]
        keep = np.repeat([at not in self.unused for at in range(len(sizes))], sizes)
        shapes = tuple(shape for at, shape in enumerate(self.shapes) if at not in self.unused)
        return Sample(self.theta[keep], self.x, self.sample.out), shapes


def read_batch(entries: Mapping[str, Value], x: Floats, loaded: Floats, outputs: int) -> Batch:
    """One answer, beside what was sent: `x` `[n, in]` and the numbers that were loaded, repeated as need be."""
    sizes = numbers(entries.get("sizes"))
    count = 0 if sizes is None else int(sizes.sum())
    return Batch(
        x=x,
        theta=np.resize(loaded, count),
        given=entries.get("out"),
        out=numbers(entries.get("out")),
        again=numbers(entries.get("again")),
        outputs=outputs,
        shapes=read_shapes(entries.get("shapes"), count),
        learning=_vector(entries.get("learning")),
        moves=_vector(entries.get("moves")),
        slopes=_vector(entries.get("slopes")),
    )


def read_shapes(value: Value | None, count: int) -> Shapes | None:
    """The shapes of parameters as `parameter_shapes` gives them; None unless they have `count` elements in all."""
    if not isinstance(value, Entries):
        return None
    shapes: list[tuple[int, ...]] = []
    for one in value.entries.values():
        sizes = numbers(one)
        if sizes is None or (sizes < 0).any():
            return None
        shapes.append(tuple(int(size) for size in sizes.ravel()))
    total = sum(int(np.prod(shape, dtype=np.int64)) for shape in shapes)
    return tuple(shapes) if total == count else None


def _vector(value: Value | None) -> Floats:
    found = numbers(value)
    return np.zeros(0) if found is None else found.ravel()
