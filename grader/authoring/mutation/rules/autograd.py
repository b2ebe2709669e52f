"""Autograd: gradients that are not cleared, graphs that are cut or kept, `no_grad` forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of

_LINKS = {
    "detach": "autograd.detach",
    "item": "autograd.item",
    "clone": "autograd.clone",
    "requires_grad_": "autograd.requires_grad",
    "cpu": "autograd.cpu",
    "to": "autograd.to",
}
"""Methods that students forget, each with the name of its rule."""


def links(code: Code) -> Iterator[Edit]:
    """`a.detach()` becomes `a`; so with `item`, `clone`, `requires_grad_`, `cpu` and `to`."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LINKS:
            yield code.replace(_LINKS[call.func.attr], call, code.receiver(call))


def floats(code: Code) -> Iterator[Edit]:
    """`float(a)` becomes `a`."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id == "float" and call.args:
            yield code.replace("autograd.float", call, code.of(call.args[0]))


def contexts(code: Code) -> Iterator[Edit]:
    """`with torch.no_grad():` becomes `if True:`."""
    for node in code.nodes(ast.With):
        last = node.items[-1].context_expr
        if any(name_of(item.context_expr) in ("no_grad", "inference_mode") for item in node.items):
            yield Edit("autograd.no_grad", code.start(node), code.end(last), "if True")


def cut_losses(code: Code) -> Iterator[Edit]:
    """`loss.backward()` becomes `loss.detach().requires_grad_().backward()`: nothing reaches the parameters."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "backward" and isinstance(call.func, ast.Attribute) and not call.args:
            place = code.end(call.func.value)
            yield Edit("autograd.cut", place, place, ".detach().requires_grad_()")


def accumulated(code: Code) -> Iterator[Edit]:
    """`a.grad += b` becomes `a.grad = b`."""
    for node in code.nodes(ast.AugAssign):
        if (
            isinstance(node.target, ast.Attribute)
            and node.target.attr == "grad"
            and isinstance(node.op, ast.Add)
        ):
            place = code.text.index("+=", code.end(node.target))
            yield Edit("autograd.overwritten", place, place + 2, "=")


RULES = (links, floats, contexts, cut_losses, accumulated)
