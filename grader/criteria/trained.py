"""What criteria about training share: the data, the network asked for, and the loss recomputed from weights.

What comes in: a dict that a rubric's call returned: `theta`, the weights `[p]`; `out`, what the student's own network
gives with them at the points `query` that we sent; and, where the parameters have unusual shapes, `shapes`, from
`parameter_shapes`. What goes out: the loss at the data by our own forward pass. No loss that a kernel reports is used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from grader.criteria.batches import read_shapes
from grader.criteria.drawn import drawn
from grader.criteria.inputs import UNTOLD, Code, function_body
from grader.criteria.network import LOSSES, Floats, Form, Loss, Network, check_activations, mlp
from grader.criteria.readings import numbers
from grader.criteria.recognition import Sample, agrees, recognise
from grader.model.base import Frozen
from grader.model.probe import Items, Observation, Probe, Value
from grader.model.rubric import Criterion
from grader.model.text import say

QUERY_POINTS = 24
"""Enough to tell one order of nine weights from all others."""


class Data(Frozen):
    """Fixed data points."""

    x: tuple[tuple[float, ...], ...] = Field(min_length=1)
    """One row a point."""
    y: tuple[tuple[float, ...], ...] = Field(min_length=1)
    """One row a point."""


class Points(NamedTuple):
    """Data as arrays."""

    x: Floats
    """`[n, in]`"""
    y: Floats
    """`[n, out]`"""


class TrainedCriterion(Criterion):
    """A criterion about weights that were trained."""

    call: Code
    """Returns a dict with `theta` and `out` (and `shapes`, if unusual); see the kind for what it is given."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define."""
    layers: Annotated[tuple[PositiveInt, ...], Field(min_length=2)]
    """Sizes: inputs, hidden layers, outputs."""
    activation: str = "sigmoid"
    """Behind every hidden layer."""
    output: str = "none"
    """Behind the last layer."""
    data: Data | None = None
    """Where the loss is taken; the call sees it as `x` and `y`."""
    data_call: Code | None = None
    """Asked of the reference instead of `data`; returns `(x, y)`."""
    reads_state: bool = False
    """Looks at what the notebook left behind."""

    @model_validator(mode="after")
    def _network_and_data_fit(self) -> Self:
        check_activations(activation=self.activation, output=self.output)
        if self.data is not None:
            for key, rows, width in (
                ("x", self.data.x, self.layers[0]),
                ("y", self.data.y, self.target_width),
            ):
                if any(len(row) != width for row in rows):
                    raise ValueError(
                        say("data.{key}: every row must have {width} numbers", key=key, width=width)
                    )
            if len(self.data.x) != len(self.data.y):
                raise ValueError(say("data: x and y must have as many rows"))
        return self

    @property
    def own_code(self) -> Mapping[str, str]:
        """The calls."""
        calls = {"call": self.call, "data_call": self.data_call}
        return {key: code for key, code in calls.items() if code is not None}

    def for_students(self) -> Self:
        """Without the code that asks the reference for data; the data are among its answers."""
        return self if self.data_call is None else self.model_copy(update={"data_call": UNTOLD})

    @property
    def target_width(self) -> int:
        """Numbers in a row of `y`."""
        return self.layers[-1]

    @property
    def form(self) -> Form:
        """The network asked for."""
        return mlp(self.layers, self.activation, self.output)

    def draw_query(self, rng: np.random.Generator) -> np.ndarray:
        """Points `[24, in]` at which the student's network tells what it computes."""
        return rng.uniform(-2.0, 2.0, (QUERY_POINTS, self.layers[0])).astype(np.float32)

    def data_inputs(self) -> dict[str, np.ndarray]:
        """The fixed data as inputs `x` and `y` of a call."""
        if self.data is None:
            return {}
        return {"x": np.array(self.data.x, np.float32), "y": np.array(self.data.y, np.float32)}

    def data_probes(self) -> tuple[Probe, ...]:
        """Asks the reference for the data, where a rubric says so."""
        if self.data_call is None:
            return ()
        code = function_body(self.data_call)
        return (Probe(id=f"{self.id}/data", code=code, ask="reference"),)

    def query(self, reference: Mapping[str, Observation]) -> Floats:
        """The points that were drawn by `draw_query` and sent back by the reference."""
        return drawn(reference, self.id)["query"]

    def data_points(self, reference: Mapping[str, Observation]) -> Points:
        """The data at which the loss is taken.

        Raises:
            ValueError: the reference's answer to `data_call` is no pair of arrays that fit the layers.
        """
        if self.data is not None:
            given = self.data_inputs()
            return Points(given["x"].astype(np.float64), given["y"].astype(np.float64))
        value = reference[f"{self.id}/data"].value
        pair = [numbers(item) for item in value.items] if isinstance(value, Items) else []
        if len(pair) != 2 or pair[0] is None or pair[1] is None:
            raise ValueError(f"{self.id}: data_call must return (x, y), two arrays")
        x, y = pair[0].reshape(-1, self.layers[0]), pair[1].reshape(-1, self.target_width)
        if len(x) != len(y):
            raise ValueError(f"{self.id}: data_call gave {len(x)} points and {len(y)} targets")
        return Points(x, y)


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights that came back from one training."""

    theta: Floats | None
    """`[p]`; None when it is no array of numbers."""
    network: Network | None
    """What the student's network computes with them; None when it could not be told."""
    finite: bool
    """Whether weights and outputs are."""

    def loss(self, points: Points, loss: Loss = "mse") -> float | None:
        """The loss at the data; NaN when the training diverged; None when it cannot be recomputed."""
        if not self.finite:
            return math.nan
        if self.theta is None or self.network is None:
            return None
        return LOSSES[loss](self.network.outputs(self.theta, points.x), points.y)


def read_trained(
    entries: Mapping[str, Value], query: Floats, wanted: Form, known: Network | None = None
) -> Trained:
    """Weights, and the network that they make; one that is `known` from another training is tried first."""
    theta, out = numbers(entries.get("theta")), numbers(entries.get("out"))
    if theta is None or out is None:
        return Trained(theta, None, finite=True)
    if not (np.isfinite(theta).all() and np.isfinite(out).all()):
        return Trained(theta.ravel(), None, finite=False)
    sample = Sample(theta.ravel(), query, out)
    fits = (
        known is not None
        and known.form.parameters == theta.size
        and out.size == len(query) * wanted.layers[-1]
    )
    if known is not None and fits and agrees(known, [sample]):
        return Trained(sample.theta, known, finite=True)
    shapes = read_shapes(entries.get("shapes"), theta.size)
    return Trained(sample.theta, recognise([sample], shapes, wanted), finite=True)
