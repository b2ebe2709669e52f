"""Networks: another activation, none, one at the wrong place; a layer that is skipped; a loss of another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of

_ACTIVATIONS = {"sigmoid": ("tanh", "relu"), "tanh": ("sigmoid", "relu"), "relu": ("sigmoid", "tanh")}
_MODULES = {"Sigmoid": ("Tanh", "ReLU"), "Tanh": ("Sigmoid", "ReLU"), "ReLU": ("Sigmoid", "Tanh")}
_LOSSES = {"mse_loss": "l1_loss", "l1_loss": "mse_loss", "cross_entropy": "nll_loss"}


def activations(code: Code) -> Iterator[Edit]:
    """`torch.sigmoid(a)`, or `a.sigmoid()`, becomes one of `torch.tanh(a)`, `torch.relu(a)`, and `a`."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        if name not in _ACTIVATIONS or len(call.args) > 1:
            continue
        yield from _others(code, call, _ACTIVATIONS[name])
        taken = code.of(call.args[0]) if call.args else code.receiver(call)
        yield code.replace("networks.no_activation", call, taken)


def activation_modules(code: Code) -> Iterator[Edit]:
    """`nn.Sigmoid()` becomes one of `nn.Tanh()`, `nn.ReLU()` and `nn.Identity()`."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        if name in _MODULES:
            yield from _others(code, call, _MODULES[name])
            end = code.end(call.func)
            yield Edit("networks.no_activation", end - len(name), end, "Identity")


def _others(code: Code, call: ast.Call, names: tuple[str, ...]) -> Iterator[Edit]:
    end = code.end(call.func)
    for other in names:
        yield Edit("networks.activation", end - len(name_of(call)), end, other)


def outputs(code: Code) -> Iterator[Edit]:
    """What `forward` returns goes through a sigmoid."""
    for function in code.nodes(ast.Return):
        if _is_in(code, function, "forward") and function.value is not None:
            yield code.replace(
                "networks.on_output", function.value, f"torch.sigmoid({code.of(function.value)})"
            )


def layers(code: Code) -> Iterator[Edit]:
    """`self.output(a)` becomes `a`."""
    for call in code.nodes(ast.Call):
        is_layer = isinstance(call.func, ast.Attribute) and name_of(call.func.value) == "self"
        if is_layer and len(call.args) == 1 and _is_in(code, call, "forward"):
            yield code.replace("networks.layer_skipped", call, code.of(call.args[0]))


def losses(code: Code) -> Iterator[Edit]:
    """`mse_loss(a, b)` becomes `l1_loss(a, b)`; its `reduction` becomes `"sum"`, or `"mean"` where it is that."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        if name not in _LOSSES:
            continue
        end = code.end(call.func)
        yield Edit("networks.loss", end - len(name), end, _LOSSES[name])
        given = [k.value for k in call.keywords if k.arg == "reduction"]
        for value in given:
            other = "mean" if getattr(value, "value", None) == "sum" else "sum"
            yield code.replace("networks.loss_reduction", value, f'"{other}"')
        if not given:
            yield Edit("networks.loss_summed", code.end(call) - 1, code.end(call) - 1, ', reduction="sum"')


def biases(code: Code) -> Iterator[Edit]:
    """`nn.Linear(a, b)` gets no bias."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "Linear" and not any(k.arg == "bias" for k in call.keywords):
            yield Edit("networks.no_bias", code.end(call) - 1, code.end(call) - 1, ", bias=False")


def _is_in(code: Code, node: ast.AST, function: str) -> bool:
    parent = code.parent(node)
    while parent is not None:
        if isinstance(parent, ast.FunctionDef):
            return parent.name == function
        parent = code.parent(parent)
    return False


RULES = (activations, activation_modules, outputs, layers, losses, biases)
