"""Tensors: another reduction, another shape, another filling."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of

_OTHER = {
    "mean": ("sum",),
    "sum": ("mean",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "exp": ("log",),
    "stack": ("cat",),
    "rand": ("randn",),
}


def functions(code: Code) -> Iterator[Edit]:
    """`mean` becomes `sum`, `zeros` becomes `ones`, `stack` becomes `cat`, and so on."""
    for call in code.nodes(ast.Call):
        name = name_of(call)
        for other in _OTHER.get(name, ()):
            end = code.end(call.func)
            yield Edit(f"tensors.{name}", end - len(name), end, other)


def reductions(code: Code) -> Iterator[Edit]:
    """`a.mean()` becomes `a`."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("mean", "sum"):
            yield code.replace("tensors.not_reduced", call, code.receiver(call))


def transposes(code: Code) -> Iterator[Edit]:
    """A result that is computed in its `return` is transposed; a transposition is left out."""
    for node in code.nodes(ast.Return):
        if isinstance(node.value, ast.BinOp | ast.Call):
            yield code.replace("tensors.transposed", node.value, f"({code.of(node.value)}).T")
    for attribute in code.nodes(ast.Attribute):
        if attribute.attr in ("T", "mT"):
            yield code.replace("tensors.not_transposed", attribute, code.of(attribute.value))
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("t", "transpose"):
            yield code.replace("tensors.not_transposed", call, code.receiver(call))


def shapes(code: Code) -> Iterator[Edit]:
    """`a.reshape(…)`, `view`, `squeeze` and `unsqueeze` become `a`."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in (
            "reshape",
            "view",
            "squeeze",
            "unsqueeze",
        ):
            yield code.replace("tensors.shape", call, code.receiver(call))


RULES = (functions, reductions, transposes, shapes)
