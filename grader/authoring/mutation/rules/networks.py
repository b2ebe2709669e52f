"""Networks: another activation, none, one at the wrong place; a layer that is skipped; a loss of another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of

_ACTIVATIONS = {"sigmoid": ("tanh", "relu"), "tanh": ("sigmoid", "relu"), "relu": ("sigmoid", "tanh")}
_LOSSES = {"mse_loss": "l1_loss", "l1_loss": "mse_loss", "cross_entropy": "nll_loss"}


def activations(code: Code) -> Iterator[Edit]:
    """`torch.sigmoid(a)` becomes `torch.tanh(a)`, `torch.relu(a)` and `a`."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        if name in _ACTIVATIONS and len(call.args) == 1:
            end = code.end(call.func)
            for other in _ACTIVATIONS[name]:
                yield Edit("networks.activation", end - len(name), end, other)
            yield code.replace("networks.no_activation", call, code.of(call.args[0]))


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
    """`mse_loss` becomes `l1_loss`; and its targets are all set to zero."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        if name in _LOSSES:
            end = code.end(call.func)
            yield Edit("networks.loss", end - len(name), end, _LOSSES[name])
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


RULES = (activations, outputs, layers, losses, biases)
