"""Our own forward pass of small networks, in numpy and float64: nothing that a student's process says is needed.

A `Form` is the kind of function (layers, activations, biases); its canonical parameter vector is, layer by layer, the
weight `[out, in]` row by row, then the bias `[out]`: the order of `nn.Sequential(nn.Linear, …).parameters()`. A
`Network` is a form together with the places of those numbers in a student's own flat vector; `recognition` finds it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from grader.model.nearest import did_you_mean
from grader.model.text import say

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Pointwise = Callable[[Floats], Floats]
Loss = Literal["mse", "cross_entropy"]

_erf = np.frompyfunc(math.erf, 1, 1)


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)))


def _softplus(z: Floats) -> Floats:
    return np.asarray(np.logaddexp(0.0, z))


def _leaky(slope: float) -> Pointwise:
    return lambda z: np.where(z > 0, z, slope * z)


def _elu(z: Floats) -> Floats:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def _gelu(z: Floats) -> Floats:
    return np.asarray(0.5 * z * (1.0 + np.asarray(_erf(z / math.sqrt(2.0)), np.float64)))


def _gelu_tanh(z: Floats) -> Floats:
    return np.asarray(0.5 * z * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (z + 0.044715 * z**3))))


def _selu(z: Floats) -> Floats:
    return np.asarray(1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * _elu(z)))


ACTIVATIONS: dict[str, Pointwise] = {
    "none": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
    "leaky_relu": _leaky(0.01),
    "gelu": _gelu,
    "silu": lambda z: z * _sigmoid(z),
    "elu": _elu,
    "softplus": _softplus,
    "leaky_relu_0.1": _leaky(0.1),
    "leaky_relu_0.2": _leaky(0.2),
    "gelu_tanh": _gelu_tanh,
    "selu": _selu,
    "hardsigmoid": lambda z: np.clip(z / 6.0 + 0.5, 0.0, 1.0),
    "hardtanh": lambda z: np.clip(z, -1.0, 1.0),
    "softsign": lambda z: z / (1.0 + np.abs(z)),
    "logsigmoid": lambda z: -_softplus(-z),
    "step": lambda z: (z > 0).astype(np.float64),
    "sign": np.sign,
    "sin": np.sin,
    "exp": lambda z: np.exp(np.minimum(z, 700.0)),
    "square": np.square,
}
"""By name, in the order in which they are tried; the commonest first."""

DISPLAYED = {
    "none": "none",
    "relu": "ReLU",
    "gelu": "GELU",
    "gelu_tanh": "GELU",
    "leaky_relu": "leaky ReLU",
    "leaky_relu_0.1": "leaky ReLU",
    "leaky_relu_0.2": "leaky ReLU",
    "silu": "SiLU",
    "elu": "ELU",
    "selu": "SELU",
}
"""How people write the names of activations that are not written as they are."""


def check_activations(**fields: str) -> None:
    """Raise ValueError, for a rubric's validator, where a field names none of `ACTIVATIONS`."""
    for key, name in fields.items():
        if name not in ACTIVATIONS:
            raise ValueError(
                say(
                    "{key}: '{name}' is not one of {known}{hint}",
                    key=key,
                    name=name,
                    known=", ".join(ACTIVATIONS),
                    hint=did_you_mean(name, ACTIVATIONS),
                )
            )


@dataclass(frozen=True)
class Form:
    """A kind of function: what it computes, once the parameters are given."""

    layers: tuple[int, ...]
    """Sizes: inputs, hidden layers, outputs."""
    activations: tuple[str, ...]
    """One for each hidden layer."""
    output: str = "none"
    """The activation behind the last layer."""
    biases: tuple[bool, ...] = ()
    """Which layers have a bias."""

    def __str__(self) -> str:
        """For the staff: `linear 1→1 with bias`, `2→2 (sigmoid)→1 with biases`."""
        names = ("none", *self.activations, self.output)
        steps = [
            str(size) if name == "none" else f"{size} ({DISPLAYED.get(name, name)})"
            for size, name in zip(self.layers, names, strict=True)
        ]
        kind = "linear " if set(names) == {"none"} else ""
        return f"{kind}{'→'.join(steps)} {_with(self.biases)}"

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        pairs = zip(self.layers, self.layers[1:], self.biases, strict=False)
        return sum(out * (inputs + bias) for inputs, out, bias in pairs)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Sizes of the hidden layers."""
        return self.layers[1:-1]

    def outputs(self, thetas: Floats, x: Floats) -> Floats:
        """Values `[k, n, out]` of `k` canonical parameter vectors `[k, p]` at points `[n, in]`."""
        values = np.broadcast_to(x, (len(thetas), *x.shape))
        start = 0
        for layer, activation in enumerate((*self.activations, self.output)):
            inputs, out = self.layers[layer], self.layers[layer + 1]
            weight = thetas[:, start : start + out * inputs].reshape(-1, out, inputs)
            start += out * inputs
            values = values @ weight.transpose(0, 2, 1)
            if self.biases[layer]:
                values = values + thetas[:, None, start : start + out]
                start += out
            values = ACTIVATIONS[activation](values)
        return np.asarray(values, dtype=np.float64)


def _with(biases: tuple[bool, ...]) -> str:
    if not any(biases):
        return "without bias"
    if all(biases):
        return "with bias" if len(biases) == 1 else "with biases"
    layers = [str(layer) for layer, bias in enumerate(biases, 1) if bias]
    return f"with a bias in layer {', '.join(layers)} only"


def mlp(layers: tuple[int, ...], activation: str, output: str = "none") -> Form:
    """A network with biases everywhere and the same activation behind all hidden layers."""
    return Form(layers, (activation,) * (len(layers) - 2), output, (True,) * (len(layers) - 1))


@dataclass(frozen=True, eq=False)
class Network:
    """A form, and where its numbers stand in a flat parameter vector."""

    form: Form
    places: Places
    """`[p]`: the canonical vector is `signs * theta[places]`."""
    signs: Floats
    """`[p]` of 1 and -1: some write `w x - b`."""

    def outputs(self, theta: npt.ArrayLike, x: npt.ArrayLike) -> Floats:
        """Values `[n, out]` at points `[n, in]`."""
        flat = np.asarray(theta, dtype=np.float64).ravel()
        ordered = (self.signs * flat[self.places])[None]
        return np.asarray(self.form.outputs(ordered, np.asarray(x, np.float64))[0])

    def loss(self, theta: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """The mean squared error at points `x` `[n, in]` with targets `y` `[n, out]`."""
        return mse(self.outputs(theta, x), y)


def canonical(form: Form) -> Network:
    """The network whose vector is in canonical order."""
    return Network(form, np.arange(form.parameters), np.ones(form.parameters))


def mse(outputs: npt.ArrayLike, targets: npt.ArrayLike) -> float:
    """Mean of the squared differences over all elements; NaN or infinite where they are."""
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.asarray(outputs, np.float64).ravel() - np.asarray(targets, np.float64).ravel()
        return float(np.mean(np.square(difference)))


def cross_entropy(logits: npt.ArrayLike, classes: npt.ArrayLike) -> float:
    """Mean of `-log softmax(logits)[class]`; logits `[n, k]`, classes 0 to k - 1 `[n, 1]`; NaN where logits are."""
    values = np.asarray(logits, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = values - values.max(axis=1, keepdims=True)
        chosen = np.take_along_axis(shifted, np.asarray(classes).reshape(-1, 1).astype(np.intp), axis=1)[:, 0]
        return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - chosen))


def loss_of_constant(targets: npt.ArrayLike, loss: Loss) -> float:
    """The least loss of one answer for all points: their mean, or how frequent each class is."""
    known = np.asarray(targets, np.float64)
    if loss == "mse":
        return mse(np.broadcast_to(known.mean(axis=0), known.shape), known)
    shares = np.unique(known, return_counts=True)[1] / known.size
    return float(-(shares * np.log(shares)).sum())


LOSSES: dict[Loss, Callable[[npt.ArrayLike, npt.ArrayLike], float]] = {
    "mse": mse,
    "cross_entropy": cross_entropy,
}
"""Of outputs `[n, out]` and targets; `cross_entropy` takes outputs for logits and targets `[n, 1]` for classes."""


def least_squares(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, float]:
    """The best affine function's values `[n, out]` at the points `[n, in]`, and its mean squared error."""
    points = np.asarray(x, np.float64)
    targets = np.asarray(y, np.float64).reshape(len(points), -1)
    design = np.hstack([points, np.ones((len(points), 1))])
    solution: npt.NDArray[Any] = np.linalg.lstsq(design, targets, rcond=None)[0]
    fitted = np.asarray(design @ solution, dtype=np.float64)
    return fitted, mse(fitted, targets)
